"""`${NAME}` in service files: what is replaced, and that no value leaves by way of a message."""

import json
import logging
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops_pipelines import language
from ops_pipelines.errors import SettingsError
from ops_pipelines.language import LANGUAGES
from ops_pipelines.redaction import MASK, guard_logs, redact
from ops_pipelines.settings.checks import TcpCheck
from ops_pipelines.settings.http_check import HttpCheck
from ops_pipelines.settings.load import load_file
from ops_pipelines.settings.service import Service
from ops_pipelines_tests.settings.files import BASE, marked, problems_of, write
from ops_pipelines_tests.settings.test_sample import everything_set

CANARY = "Kanari-Vogel+4711"


def loaded(folder: Path, text: str, **environment: str) -> Service:
    return load_file(write(folder, text), environment)


def only_check(service: Service) -> Any:
    [check] = service.health.checks
    return check


# --- what is replaced ---


@pytest.mark.parametrize(
    ("written", "environment", "read"),
    [
        ("${ZONE}", {"ZONE": "Asia/Tokyo"}, "Asia/Tokyo"),
        ("${A}/${B}", {"A": "Asia", "B": "Tokyo"}, "Asia/Tokyo"),
        ("${ZONE:-Asia/Tokyo}", {}, "Asia/Tokyo"),
        ("${ZONE:-UTC}", {"ZONE": "Asia/Tokyo"}, "Asia/Tokyo"),
        ("${ZONE:-Asia/Tokyo}", {"ZONE": ""}, "Asia/Tokyo"),
        ("'${ZONE:-Asia/Tokyo}'", {}, "Asia/Tokyo"),
        ("Asia/${CITY:-Tokyo}", {}, "Asia/Tokyo"),
    ],
)
def test_a_reference_is_replaced(
    tmp_path: Path, written: str, environment: dict[str, str], read: str
) -> None:
    assert loaded(tmp_path, f"{BASE}timezone: {written}", **environment).timezone == read


@pytest.mark.parametrize("written", ["$HOME", "${", "${}", "${1A}", "${A B}", "$${", "${A:=b}"])
def test_what_is_no_reference_stays(tmp_path: Path, written: str) -> None:
    text = f"{BASE}health: {{checks: [{{name: a, url: '/{written}'}}]}}"

    assert only_check(loaded(tmp_path, text, HOME="/root")).url == f"/{written}"


def test_a_value_is_not_replaced_again(tmp_path: Path) -> None:
    text = f"{BASE}health: {{checks: [{{name: a, url: '/${{A}}'}}]}}"

    assert only_check(loaded(tmp_path, text, A="${B}", B="x")).url == "/${B}"


def test_text_from_the_environment_may_be_a_number_or_a_flag(tmp_path: Path) -> None:
    text = (
        BASE
        + """\
keep: {versions: "${VERSIONS}"}
health:
  interval_seconds: ${SECONDS}
  schedule: ${AT}
  checks:
    - {name: a, url: /a, optional: "${OPTIONAL}", expect_status: ["${STATUS}"], method: "${M}"}
    - {name: q, kind: "${KIND}", host: "${HOST}", port: "${PORT}"}
"""
    )
    service = loaded(
        tmp_path, text, VERSIONS="3", SECONDS="7.5", AT="12:30", OPTIONAL="true", STATUS="204",
        M="HEAD", KIND="tcp", HOST="h", PORT="6333",
    )  # fmt: skip

    http, tcp = service.health.checks
    assert (service.keep.versions, service.health.interval_seconds) == (3, 7.5)
    assert str(service.health.schedule) == "12:30:00"
    assert isinstance(http, HttpCheck)
    assert (http.optional, http.expect_status, http.method) == (True, (204,), "HEAD")
    assert isinstance(tcp, TcpCheck)
    assert tcp.port == 6333


def test_text_from_the_environment_stays_text(tmp_path: Path) -> None:
    text = f"{BASE}health: {{checks: [{{name: a, url: /a, headers: {{X: '${{X}}'}}}}]}}"

    assert only_check(loaded(tmp_path, text, X="on")).headers == {"X": "on"}


def test_an_unset_name_is_told_at_its_place(tmp_path: Path) -> None:
    text, places = marked(
        BASE
        + """\
timezone: «${ZONE}
health:
  checks:
    - {name: a, url: «"/${A}/${B}", headers: {X: «'${C} ${D:-d}'}}
"""
    )
    problems = problems_of(write(tmp_path, text))

    url, header = "health.checks[0].url", "health.checks[0].headers.X"
    assert [(p.path, p.facts["name"], p.line, p.column) for p in problems] == [
        ("timezone", "ZONE", *places[0]), (url, "A", *places[1]), (url, "B", *places[1]),
        (header, "C", *places[2]),
    ]  # fmt: skip
    assert {p.code for p in problems} == {"settings.unset_variable"}
    assert "timezone uses ${ZONE}, which is not set" in str(problems[0])
    assert "Set it, or write a default: ${ZONE:-…}." in str(problems[0])


def test_an_unset_password_of_a_url_is_told_by_its_name(tmp_path: Path) -> None:
    file = write(tmp_path, f"{BASE}ui_url: 'http://ops:${{PASSWORD}}@host'\n")
    (problem,) = problems_of(file)
    assert redact(problem.message) == "ui_url uses ${PASSWORD}, which is not set in the environment"


def test_a_reference_in_a_flow_mapping_needs_quotes_and_it_is_said_so(tmp_path: Path) -> None:
    text, [place] = marked(BASE + "health: {checks: [{name: a, url: $«{URL}}]}\n")

    [problem] = problems_of(write(tmp_path, text), {"URL": "/a"})

    assert (problem.code, problem.line, problem.column) == ("yaml.missing_comma", *place)
    assert "in quotes; ${NAME} too" in problem.suggestion


def test_what_this_version_does_not_read_needs_no_environment(tmp_path: Path) -> None:
    text = f"{BASE}optimizer: {{limits: '${{LIMITS}}'}}\n"

    assert loaded(tmp_path, text).name == "rag"


# --- what may be seen ---


def test_what_came_from_the_environment_is_masked_from_then_on(tmp_path: Path) -> None:
    text = f"{BASE}health: {{checks: [{{name: a, url: '/${{A}}', headers: {{host: '${{B}}'}}}}]}}"

    loaded(tmp_path, text, A="geheim-a", B="geheim-b")

    assert redact("geheim-a geheim-b") == f"{MASK} {MASK}"


@pytest.mark.parametrize(
    "text",
    [
        "name: rag\nbase_url: http://user:geheim@host",
        f"{BASE}health: {{proxy: 'http://user:geheim@proxy:3128'}}",
        f"{BASE}health: {{checks: [{{name: a, url: 'https://user:geheim@other/'}}]}}",
        "name: rag\nbase_url: ftp://user:geheim@host",
        f"{BASE}health: {{proxy: 'socks5://user:geheim@proxy'}}",
    ],
)
def test_a_password_in_a_url_is_masked_wherever_it_stands(tmp_path: Path, text: str) -> None:
    problems = problems_of(write(tmp_path, text))

    assert redact("geheim") == MASK
    assert not [problem for problem in problems if "geheim" in str(problem)]


def test_where_something_is_stays_readable(tmp_path: Path) -> None:
    text = """\
name: rag
base_url: ${URL}
health: {checks: [{name: q, kind: tcp, host: "${HOST}", port: "${PORT}"}]}
"""

    loaded(tmp_path, text, URL="http://rag-host:8000", HOST="qdrant-host", PORT="6333")

    said = "no connection to qdrant-host:6333 of http://rag-host:8000"
    assert redact(said) == said


def paths_of(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value in `data`, those of sections and lists too."""
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in inner:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from paths_of(value, (*path, key))


def with_value(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    data = deepcopy(data)
    holder = data
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    return data


FULL = yaml.safe_load(everything_set("en"))


@pytest.mark.parametrize("path", list(paths_of(FULL)), ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("written", ["${CANARY}", "a ${CANARY}: [b", "http://u:${CANARY}@h:x/"])
def test_no_value_of_the_environment_leaves_by_way_of_a_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, path: tuple[str | int, ...], written: str
) -> None:
    data = with_value(FULL, path, written)
    file = write(tmp_path, yaml.safe_dump(data, allow_unicode=True))
    guard_logs()
    said: list[Any] = []
    try:
        service = load_file(file, {"CANARY": CANARY, "RAG_API_KEY": CANARY})
        said += [repr(service), str(service), repr(service.health), repr(service.health.checks)]
    except SettingsError as error:
        logging.getLogger("test").error("%s", error)
        said += [repr(error), repr(error.args), repr(error.problems), repr(error.__context__)]
        for tongue in LANGUAGES:
            with language.speaking(tongue):
                rendered = [problem.rendered() for problem in error.problems]
                said += [str(error), json.dumps(rendered, ensure_ascii=False)]

    text = "\n".join([*said, caplog.text])
    assert CANARY.casefold() not in text.casefold()


@pytest.mark.parametrize(
    "key", ["files: ['{}/a.yaml']", "databases: ['{}/a.db']", "validate: '{}'"]
)
def test_where_the_configuration_lies_is_no_secret(tmp_path: Path, key: str) -> None:
    text = BASE + "config: {" + key.format("${APP_FOLDER}") + "}"

    load_file(write(tmp_path, text), {"APP_FOLDER": "/srv/rag-app"})

    assert redact("/srv/rag-app") == "/srv/rag-app"
