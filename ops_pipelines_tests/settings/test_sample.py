"""The commented sample and the JSON Schema: made from the models, and true of them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic.fields import FieldInfo

from ops_pipelines import language
from ops_pipelines.language import LANGUAGES, Language
from ops_pipelines.settings.load import load_file
from ops_pipelines.settings.sample import sample
from ops_pipelines.settings.schema import schema
from ops_pipelines.settings.section import Section, kinds_of, section_of
from ops_pipelines.settings.service import Service
from ops_pipelines_tests.golden import ROOT, golden
from ops_pipelines_tests.settings import test_problems
from ops_pipelines_tests.settings.files import BASE, ENVIRONMENT, marked, write
from ops_pipelines_tests.settings.test_load import CONTRACT

COMMENTED_OUT = re.compile(r"^# (?=  |[a-z_]+:)", re.MULTILINE)


def sample_in(tongue: Language) -> str:
    with language.speaking(tongue):
        return sample()


def schema_in(tongue: Language) -> dict[str, Any]:
    with language.speaking(tongue):
        return schema()


def everything_set(tongue: Language) -> str:
    """The sample with all that is commented out taken in."""
    return COMMENTED_OUT.sub("", sample_in(tongue))


def fields(section: type[Section]) -> Iterator[tuple[str, FieldInfo]]:
    """Every field of a section and of all below it, brief ones aside: an example shows those."""
    for name, field in section.model_fields.items():
        yield f"{section.__name__}.{name}", field
        inner = section_of(field)
        for below in [inner] if inner else kinds_of(field).values():
            if not below.IS_BRIEF:
                yield from fields(below)


def keys(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        yield from data
    for inner in data.values() if isinstance(data, dict) else data:
        if isinstance(inner, dict | list):
            yield from keys(inner)


FIELDS = dict(fields(Service))


# --- the sample ---


@pytest.mark.snapshot
@pytest.mark.parametrize("tongue", LANGUAGES)
def test_the_samples_in_the_docs_are_those_of_the_models(tongue: Language) -> None:
    golden(ROOT / "docs" / f"service.{tongue}.yaml", sample_in(tongue))


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_the_sample_loads_as_it_is(tmp_path: Path, tongue: Language) -> None:
    text = sample_in(tongue)

    service = load_file(write(tmp_path, text), {})

    required = {name for name, field in Service.model_fields.items() if field.is_required()}
    assert yaml.safe_load(text).keys() == service.model_fields_set == required


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_the_sample_loads_with_all_that_is_commented_out(tmp_path: Path, tongue: Language) -> None:
    text = everything_set(tongue)

    service = load_file(write(tmp_path, text), ENVIRONMENT)

    assert service.model_fields_set == Service.model_fields.keys()
    assert service.health.model_fields_set == type(service.health).model_fields.keys()
    assert [check.kind for check in service.health.checks] == list(
        kinds_of(type(service.health).model_fields["checks"])
    )
    for check in service.health.checks:
        assert check.model_fields_set == type(check).model_fields.keys()


def test_the_sample_has_every_key_with_its_description() -> None:
    text = sample_in("en")

    for path, field in FIELDS.items():
        assert f"# {field.description}" in text, path
    assert len(list(keys(yaml.safe_load(everything_set("en"))))) >= len(FIELDS)


def test_the_sample_says_first_what_made_it() -> None:
    assert "Made by `ops-pipelines settings sample`" in sample_in("en").splitlines()[0]
    assert "ops-pipelines settings sample" in sample_in("zh").splitlines()[0]


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_the_sample_fits_a_screen(tongue: Language) -> None:
    assert max(map(len, sample_in(tongue).splitlines())) <= 100


def test_the_samples_of_both_languages_set_the_same() -> None:
    english, chinese = (yaml.safe_load(everything_set(tongue)) for tongue in LANGUAGES)

    assert english == chinese


@pytest.mark.parametrize("path", FIELDS)
def test_every_key_is_explained_and_shown(path: str) -> None:
    field = FIELDS[path]

    assert field.description
    has_value = field.examples or not field.is_required() or path.endswith(".kind")
    is_shown_by_kind = path.rpartition(".")[2] == "name"
    assert has_value or is_shown_by_kind
    assert (
        field.examples
        or field.is_required()
        or field.get_default(call_default_factory=True) not in (None, "")
    )


# --- the schema ---


def is_accepted(data: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema()).is_valid(data))


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_the_schema_is_one(tongue: Language) -> None:
    made = schema_in(tongue)

    jsonschema.Draft202012Validator.check_schema(made)
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(made)) == made


def test_the_schema_speaks_the_readers_language() -> None:
    english, chinese = (schema_in(tongue) for tongue in LANGUAGES)

    assert english["properties"]["keep"]["description"] == "how much of the past stays"
    for tongue in (english, chinese):
        assert tongue.keys() == english.keys()
        assert tongue["properties"].keys() == Service.model_fields.keys() | set(Service.NOT_READ)
    assert not re.search("[一-鿿]", english["title"])
    assert re.search("[一-鿿]", chinese["title"])
    assert re.search("[一-鿿]", chinese["$defs"]["HttpCheck"]["properties"]["url"]["description"])


def objects(made: Any) -> Iterator[dict[str, Any]]:
    for inner in made.values() if isinstance(made, dict) else made:
        if isinstance(inner, dict | list):
            yield from objects(inner)
    if isinstance(made, dict) and "properties" in made:
        yield made


def test_every_object_of_the_schema_is_closed() -> None:
    assert [
        made for made in objects(schema()) if made.get("additionalProperties") is not False
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        BASE,
        CONTRACT.read_text("utf-8"),
        sample_in("en"),
        everything_set("zh"),
        f"{BASE}health: {{checks: [{{name: a, url: /a, healthy: [yes, 1, ok], body: null}}]}}",
        f"{BASE}keep: {{versions: '${{N}}'}}\nhealth: {{schedule: '${{AT:-00:15}}'}}",
        "name: ${NAME}\nbase_url: ${URL}\nlanguage: ${LANGUAGE:-zh}",
        f"{BASE}health: {{checks: [{{name: q, kind: tcp, host: '${{HOST}}', port: '${{PORT}}'}}]}}",
    ],
)
def test_the_schema_accepts_what_is_read(tmp_path: Path, text: str) -> None:
    environment = {
        **ENVIRONMENT, "N": "3", "NAME": "rag", "URL": "http://h", "HOST": "h", "PORT": "1",
    }  # fmt: skip
    load_file(write(tmp_path, text), environment)

    jsonschema.validate(yaml.safe_load(text), schema())


# What only reading can know: other tools, other keys, this machine.
BEYOND_A_SCHEMA = {
    "settings.timezone", "settings.jmespath", "settings.no_path", "settings.not_local",
    "settings.body_without_post", "settings.word_twice", "settings.name_twice", "settings.http_url",
    "settings.key_not_text", "settings.pattern", "settings.pattern_without_groups",
    "settings.preset", "settings.one_test", "settings.time_format",
}  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [row for row in test_problems.ROWS if f"settings.{row.code}" not in BEYOND_A_SCHEMA],
    ids=lambda row: f"{row.code}-{row.path}-{row.says[:12]}",
)
def test_the_schema_refuses_what_reading_refuses(row: test_problems.Row) -> None:
    text, _ = marked(row.text)
    data = yaml.safe_load(text)
    is_odd_number = row.text.endswith((".nan}", ".inf}"))  # no JSON

    assert not is_accepted(data) or is_odd_number
