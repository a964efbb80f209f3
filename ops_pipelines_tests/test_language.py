"""Our texts: all of them in both languages, each code with its words, and the right language."""

import argparse
import ast
import inspect
import io
import re
import string
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from ops_pipelines import language
from ops_pipelines.cli import usage
from ops_pipelines.language import LANGUAGES, LOCALE_DIR, Language, _, from_environment, speaking
from ops_pipelines.messages import TEXTS, advise, explain, say
from ops_pipelines.report import Problem, Severity, Status

SOURCE = Path(language.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
PO = LOCALE_DIR / "zh" / "LC_MESSAGES" / "ops_pipelines.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "NN_": (1, 2)}
"""As in scripts/messages.sh."""

WITHOUT_CHINESE = {
    *(", ", "; ", "{text}: {error}", "{subject}: {reason}", "%(heading)s:"),  # only punctuation
    "overall_status",  # a key that stands inside _( ), no text
}

with PO.open("rb") as file:
    CATALOG = read_po(file)
MESSAGES = [message for message in CATALOG if message.id]


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """A message's text, or its singular and plural; empty where there is none."""
    return (text or "",) if isinstance(text, str | None) else tuple(text)


def name_of(message: Message) -> str:
    return forms(message.id)[0][:40]


# --- the catalog ---


def test_every_text_in_the_source_is_in_the_catalog_and_nothing_else() -> None:
    found = extract_from_dir(SOURCE, keywords=KEYWORDS)
    in_source = {forms(text) for _file, _line, text, _comments, _context in found}

    in_catalog = {forms(message.id) for message in MESSAGES}

    assert in_source - in_catalog == set(), "`make messages` takes them in"
    assert in_catalog - in_source == set(), "`make messages` drops them"
    assert CATALOG.obsolete == {}


def test_every_text_is_translated() -> None:
    assert [name_of(m) for m in MESSAGES if not all(forms(m.string))] == []
    assert [name_of(m) for m in MESSAGES if m.fuzzy] == []


def test_every_translation_is_chinese() -> None:
    plain = {forms(m.id)[0] for m in MESSAGES if not re.search("[一-鿿]", "".join(forms(m.string)))}

    assert plain == WITHOUT_CHINESE


def placeholders(text: str) -> tuple[list[Any], list[str]]:
    """The `{names}` of a text with their formats, and its `%` places."""
    braces = [part[1:] for part in string.Formatter().parse(text) if part[1] is not None]
    return sorted(braces, key=str), sorted(re.findall(r"%(?:\(\w+\))?[a-z]", text))


@pytest.mark.parametrize("message", MESSAGES, ids=name_of)
def test_placeholders_agree(message: Message) -> None:
    for translation in forms(message.string):
        assert placeholders(translation) == placeholders(forms(message.id)[-1])


@pytest.mark.parametrize("message", MESSAGES, ids=name_of)
def test_a_translation_is_set_as_chinese_is(message: Message) -> None:
    [translation] = forms(message.string)
    original = forms(message.id)[0]

    assert not re.search(r"[一-鿿][,;:!?]", translation)
    assert translation.endswith("\n") == original.endswith("\n")
    assert re.findall("`.*?`", translation) == re.findall("`.*?`", original)
    assert "  " not in translation


def test_the_compiled_catalog_is_that_of_the_text() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, CATALOG)

    assert PO.with_suffix(".mo").read_bytes() == compiled.getvalue(), "`make messages` compiles it"


def test_the_catalog_makes_no_noise_in_diffs() -> None:
    text = PO.read_text("utf-8")
    texts = [forms(message.id) for message in MESSAGES]

    assert not re.search(r"^#[:~]", text, re.MULTILINE)
    assert texts == sorted(texts)


def calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield path, node


@pytest.mark.parametrize("name", ["_", "N_", "NN_"])
def test_no_text_is_put_together_before_it_is_translated(name: str) -> None:
    for path, call in calls(name):
        for argument in call.args:
            together = isinstance(argument, ast.JoinedStr | ast.BinOp)
            assert not together, f"{path.relative_to(SOURCE)}:{call.lineno}"


# --- the texts of argparse ---

FOR_PROGRAMMERS = re.compile(
    r"\.__call__\(\)|conflicting |argument \"-\" with mode|cannot merge actions|'required' is an"
    r"|invalid option string|dest= is required|invalid conflict_resolution|mutually exclusive"
    r"|cannot have multiple|%r is not callable"
)


def test_what_argparse_says_to_operators_is_ours_to_translate() -> None:
    source = io.BytesIO(inspect.getsource(argparse).encode())
    theirs = {forms(text) for _line, text, _c, _x in extract("python", source, DEFAULT_KEYWORDS)}

    ours = {(text,) for text in usage.TEXTS} | set(usage.PLURALS)

    assert {text for text in theirs if not FOR_PROGRAMMERS.match(text[0])} - ours == set()


# --- which language ---


@pytest.mark.parametrize(
    ("environment", "service", "spoken"),
    [
        ({}, None, "en"),
        ({"LANG": "zh_CN.UTF-8"}, None, "zh"),
        ({"LANG": "zh_TW"}, None, "zh"),
        ({"LANG": "de_DE.UTF-8"}, None, "en"),
        ({"LANG": "C.UTF-8"}, None, "en"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN.UTF-8"}, None, "en"),
        ({"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, None, "zh"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, None, "zh"),
        ({"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, None, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "en", "en"),
        ({"LANG": "en_US.UTF-8"}, "zh", "zh"),
        ({"OPS_LANGUAGE": "zh"}, "en", "zh"),
        ({"OPS_LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, "zh", "en"),
        ({"OPS_LANGUAGE": "zh_CN.UTF-8"}, None, "zh"),
        ({"OPS_LANGUAGE": "ZH-cn"}, None, "zh"),
        ({"OPS_LANGUAGE": ""}, "zh", "zh"),
        ({"OPS_LANGUAGE": "fr"}, "zh", "zh"),
        ({"OPS_LANGUAGE": "fr", "LANG": "zh_CN"}, None, "zh"),
        ({"LANG": "zhuang"}, None, "en"),
    ],
)
def test_the_language_that_is_asked_for(
    environment: dict[str, str], service: Language | None, spoken: Language
) -> None:
    assert from_environment(environment, service) == spoken


def test_a_language_is_spoken_inside_its_block_only() -> None:
    with speaking("zh"):
        assert (_("healthy"), language.current()) == ("健康", "zh")
        with speaking("en"):
            assert _("healthy") == "healthy"
        assert _("healthy") == "健康"
    assert _("healthy") == "healthy"


def test_each_thread_speaks_its_own_language() -> None:
    said: list[str] = []

    def speak() -> None:
        said.append(_("healthy"))
        language.use("zh")
        said.append(_("healthy"))

    thread = threading.Thread(target=speak)
    with speaking("en"):
        thread.start()
        thread.join()
        assert [*said, _("healthy")] == ["healthy", "健康", "healthy"]


def test_no_text_has_no_translation() -> None:
    with speaking("zh"):
        assert _("") == ""
        assert _("a text of nobody") == "a text of nobody"


def test_words_for_statuses_and_severities() -> None:
    with speaking("zh"):
        assert [_(status) for status in Status] == ["健康", "降级", "未知", "不健康"]
        assert [_(severity) for severity in Severity] == ["提示", "警告", "严重"]


# --- what the codes say ---


def literals() -> set[str]:
    """The codes of rules, and every text in our source (messages aside) that has their form."""
    families = "|".join(sorted({code.partition(".")[0] for code in TEXTS}))
    code = re.compile(rf"({families})\.[\w.]+")
    rules = yaml.safe_load((SOURCE / "config" / "rules" / "sense.yaml").read_text("utf-8"))
    return {f"config.{rule['code']}" for rule in rules} | {
        node.value
        for path in FILES
        if path.parent.name != "messages"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and code.fullmatch(node.value)
    }


def test_every_code_has_words_and_all_words_are_used() -> None:
    whole = {text for text in literals() if not text.endswith(("_", "."))}
    beginnings = tuple(literals() - whole)  # f"health.component_{status}"

    assert whole - TEXTS.keys() == set()
    assert [b for b in beginnings if not any(code.startswith(b) for code in TEXTS)] == []
    assert [code for code in TEXTS.keys() - whole if not code.startswith(beginnings)] == []


def formats_of(code: str) -> dict[str, str]:
    """The placeholders of what `code` says and advises, and how each is written."""
    parts = [*string.Formatter().parse(TEXTS[code].says)]
    parts += string.Formatter().parse(TEXTS[code].advice)
    return {name: spec or "" for _text, name, spec, _c in parts if name}


def facts_of(code: str) -> dict[str, Any]:
    """Facts for every placeholder."""
    return {name: 1.5 if spec else f"«{name}»" for name, spec in formats_of(code).items()}


@pytest.mark.parametrize("tongue", LANGUAGES)
@pytest.mark.parametrize("code", TEXTS)
def test_every_text_is_said_with_its_facts(code: str, tongue: Language) -> None:
    facts = facts_of(code)

    with speaking(tongue):
        said = f"{say(code, facts)} {advise(code, facts)}"

    for name, form in formats_of(code).items():
        assert format(facts[name], form) in said
    assert not re.search(r"\{\w+\}", said.replace("${", "{").replace("{NAME}", ""))


def test_facts_are_spoken_as_well() -> None:
    wanted = {"code": "settings.wanted_one_of", "facts": {"expected": ["a", "b"]}}
    problem = Problem("settings.wrong", "f", 1, 2, "x.y", facts={"found": "{c}", "wanted": wanted})

    assert str(problem) == "f:1:2: x.y is {c}, wanted one of a, b"
    with speaking("zh"):
        assert str(problem) == "f:1:2: x.y 的值是：{c}；应为：a、b 之一"


def test_a_reason_ends_with_what_the_service_said() -> None:
    facts = {"seconds": 2.0, "error": "a {b}"}

    assert explain("health.hangs_connecting", facts) == "no connection within 2 s: a {b}"
    with speaking("zh"):
        assert explain("health.hangs_connecting", facts) == "2 秒内未能建立连接：a {b}"
