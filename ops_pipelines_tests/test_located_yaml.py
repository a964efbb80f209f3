"""YAML with places: what is read, where it stands, and every way in which a text can be wrong."""

import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ops_pipelines import language
from ops_pipelines.located_yaml import Located, Place, dotted, read
from ops_pipelines.report import Problem
from ops_pipelines.yaml_reader import MOST_LEVELS, MOST_NODES
from ops_pipelines_tests.settings.files import marked


class Row(NamedTuple):
    """A text whose « mark its problems, and the codes of these."""

    text: str
    codes: list[str]


SYNTAX = [
    Row("a:\n«\t- b", ["tab"]),
    Row("«\ta: 1", ["tab"]),
    Row("a: b«: c", ["colon"]),
    Row("a: 1\n b«: 2", ["colon"]),
    Row("a: 1\n«b\nc: 2", ["missing_colon"]),
    Row("a: «'x", ["unclosed"]),
    Row('a: «"x\nb: 1\n', ["unclosed"]),
    Row("a: [1, 2\nb«: [3", ["missing_comma"]),
    Row("a: {b: 1, c: «[d", ["unclosed"]),
    Row("a: [1, 2 «[", ["missing_comma"]),
    Row("a: [$«{X}, 1]", ["missing_comma"]),
    Row("a: {b: $«{X}}", ["missing_comma"]),
    Row("a: {b: Bearer $«{X}}", ["missing_comma"]),
    Row("a: 1\n«---\nb: 2", ["several_documents"]),
    Row("a: «*b", ["undefined_alias"]),
    Row("a: x«\x07", ["control_character"]),
    Row("a: 1\n\nb: é«\x1b[2J", ["control_character"]),
    Row("«\x00", ["control_character"]),
    Row("a: «@x", ["first_character"]),
    Row("a: «`x`", ["first_character"]),
    Row("a: «%x", ["first_character"]),
    Row("a: 'b' «c", ["misplaced"]),
    Row("- a\n«b: 1", ["misplaced"]),
    Row("a:\n    b: 1\n  «c: 2", ["misplaced"]),
    Row("a: «- b", ["syntax"]),
    Row('a: "\\U«FFFFFFFF"', ["syntax"]),
    Row(f"%YAML 1.«{'9' * 5000}\n---\na", ["syntax"]),
    Row('a: "\\«q"', ["syntax"]),
]

BUILDING = [
    Row("a: 1\nb: 2\n«a: 3", ["duplicate_key"]),
    Row("a: 1\n«'a': 2\n«\"a\": 3", ["duplicate_key", "duplicate_key"]),
    Row("x: {a: 1, «a: 2}\ny: [{b: 1, «b: 1}]", ["duplicate_key", "duplicate_key"]),
    Row("1: a\n«true: b\n«1.0: c", ["duplicate_key", "duplicate_key"]),
    Row("on: a\n«yes: b", ["duplicate_key"]),
    Row("a: «!!python/object:os.system x", ["tag"]),
    Row("a: «!!python/object/apply:os.system [id]", ["tag"]),
    Row("a: «!mine {b: 1}\nc: «!!set {d}", ["tag", "tag"]),
    Row("«!mine a", ["tag"]),
    Row("a: «!!binary aGk=", ["tag"]),
    Row("? «[a, b]\n: 1", ["key"]),
    Row("«{a: 1}: 1\n? «!x y\n: 1", ["key", "key"]),
    Row("a: «2001-99-99\nb: «=\nc: «<<", ["value", "value", "value"]),
    Row("a: «!!int ''\nb: «!!bool x\nc: «!!timestamp x\nd: «!!float .", ["value"] * 4),
    Row(f"a: «{'9' * 5000}\nb: «0x{'f' * 5000}\n? 0x{'f' * 5000}\n: 1", ["value", "value"]),
    Row("a: «&x [1, *x]", ["own_tail"]),
    Row("a: «&x {b: {c: *x}}", ["own_tail"]),
    Row("«&x {<<: *x}", ["own_tail"]),
    Row("a: {<<: «1}", ["merge"]),
    Row("a: {<<: [«[1], {b: 1}, «text]}", ["merge", "merge"]),
    Row("[" * MOST_LEVELS + "[«1]" + "]" * MOST_LEVELS, ["too_deep"]),
]

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefg", "bcdefgh", strict=True)
)
MERGED_LAUGHS = "a: &a {}\n" + "".join(
    f"{new}: &{new} {{<<: [{', '.join([f'*{old}'] * 10)}]}}\n"
    for old, new in zip("abcdefg", "bcdefgh", strict=True)
)


def places(problems: tuple[Problem, ...]) -> list[tuple[int, int]]:
    return [(problem.line, problem.column) for problem in problems]


@pytest.mark.parametrize("row", [*SYNTAX, *BUILDING], ids=lambda row: repr(row.text[:30]))
def test_a_mistake_is_told_at_its_place(row: Row) -> None:
    text, where = marked(row.text)

    located = read(text, "x.yaml")

    found = sorted(located.problems, key=lambda problem: (problem.line, problem.column))
    assert [problem.code for problem in found] == [f"yaml.{code}" for code in row.codes]
    assert places(tuple(found)) == where
    assert {problem.file for problem in found} == {"x.yaml"}


@pytest.mark.parametrize("row", SYNTAX, ids=lambda row: repr(row.text[:30]))
def test_of_a_text_that_is_no_yaml_nothing_is_read(row: Row) -> None:
    assert read(marked(row.text)[0], "x.yaml").data is None


def test_the_key_that_stands_twice_is_named_with_its_first_line() -> None:
    [problem] = read("a:\n  b: 1\n  c: 2\n  b: 3\n", "x.yaml").problems

    assert (problem.path, problem.facts["first_line"]) == ("a.b", 2)


def test_a_tag_is_told_as_it_is_written() -> None:
    problems = read("a: !!python/name:os.system x\nb: !mine x", "x.yaml").problems

    assert [p.facts["tag"] for p in problems] == ["!!python/name:os.system", "!mine"]


@pytest.mark.parametrize("text", [LAUGHS, MERGED_LAUGHS], ids=["lists", "merges"])
def test_anchors_that_explode_are_stopped(text: str) -> None:
    start = time.perf_counter()
    located = read(text, "x.yaml")

    [problem] = located.problems
    assert (problem.code, problem.facts["most"]) == ("yaml.too_many_nodes", MOST_NODES)
    assert located.data is None
    assert time.perf_counter() - start < 5  # ten million values would take minutes


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_a_text_of_any_depth_is_told_to_be_too_deep(opening: str) -> None:
    [problem] = read(opening * 20_000, "x.yaml").problems

    assert problem.code == "yaml.too_deep"
    assert problem.line == 1
    assert problem.column > MOST_LEVELS


# --- what is read, and where it stands ---

TEXT = """\
# 服务
name: rag
checks:
  - url: "/健康"
    words: [ok, &w fine]
  -   {url: /b, 'word': *w}
empty:
"""


def test_every_key_and_value_has_its_place() -> None:
    located = read(TEXT, "x.yaml")

    assert located.data == yaml.safe_load(TEXT)
    assert located.place_of_key(("checks",)) == Place(3, 1)
    assert located.place_of_value(("checks",)) == Place(4, 3)
    assert located.place_of_value(("checks", 0)) == Place(4, 5)
    assert located.place_of_value(("checks", 0, "url")) == Place(4, 10)
    assert located.place_of_value(("checks", 0, "words", 1)) == Place(5, 17)
    assert located.place_of_value(("checks", 1)) == Place(6, 7)
    assert located.place_of_key(("checks", 1, "word")) == Place(6, 17)
    assert located.place_of_value(("checks", 1, "word")) == Place(5, 17)  # where it is written
    assert located.place_of_value(("empty",)) == Place(7, 7)


def test_what_is_not_there_stands_where_it_is_missing() -> None:
    located = read(TEXT, "x.yaml")

    assert located.place_of_value(("checks", 1, "name")) == Place(6, 7)
    assert located.place_of_key(("checks", 7, "x", "y")) == Place(4, 3)
    assert located.place_of_value(("nothing",)) == Place(2, 1)
    assert read("", "x.yaml").place_of_value(("a",)) == Place(1, 1)


def test_what_is_merged_gives_way_to_what_stands_there() -> None:
    text = """\
base: &base {a: 1, b: {c: 1}}
more: &more {b: 2, d: 4}
one:
  b: 9
  <<: [*base, *more]
"""
    located = read(text, "x.yaml")

    assert located.data["one"] == {"a": 1, "b": 9, "d": 4} == yaml.safe_load(text)["one"]
    assert located.problems == ()
    assert located.place_of_value(("one", "b")) == Place(4, 6)
    assert located.place_of_value(("one", "a")) == Place(1, 17)
    assert located.place_of_key(("one", "d")) == Place(2, 20)


def test_a_scalar_may_be_replaced_and_is_text_then() -> None:
    def replace(path: tuple[str | int, ...], text: str) -> str:
        return "5" if path == ("a", 0) else text

    assert read("a: [1, 2]\nb: 3", "x.yaml", replace).data == {"a": ["5", 2], "b": 3}


def test_keys_are_not_replaced() -> None:
    assert read("${A}: 1", "x.yaml", lambda _, __: "x").data == {"${A}": "x"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("health",), "health"),
        (("health", "checks", 0, "url"), "health.checks[0].url"),
        ((0, "a", 1, 2), "[0].a[1][2]"),
    ],
)
def test_a_path_is_written_as_people_write_it(path: tuple[str | int, ...], text: str) -> None:
    assert dotted(path) == text


# --- laws ---

WORDS = ["a", "b", "<<", "1", "0x", "08", "1:30", "yes", "~", "=", ".inf", "2001-01-01", "é", "😀"]
SIGNS = [
    *(*":-?,[]{}#&*!|>'\"%@`\\\t", "\\U", "\\x"),
    *("\n", "\n  ", "\n- ", ": ", "- ", "? ", "&a ", "*a", "!!int ", "!x ", "---\n", "...\n"),
    *("\r", "\r\n", "\x85", "\u2028", "\ufeff", "\x00", "%YAML 1.1\n", "%TAG ! x\n", " #"),
]
YAMLISH = st.lists(st.sampled_from([*WORDS, *SIGNS, " "]), max_size=40).map("".join)


def lines_of(text: str) -> list[str]:
    """Its lines, as YAML 1.1 breaks them."""
    return re.split("\r\n|[\n\r\x85\u2028\u2029]", text)


def assert_is_inside(problem: Problem, text: str) -> None:
    lines = lines_of(text)
    assert 1 <= problem.line <= len(lines)
    assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
    for tongue in language.LANGUAGES:
        with language.speaking(tongue):
            assert problem.message


@given(st.one_of(st.text(), YAMLISH))
@example("\ufeff\x00")
@example("%YAML 1.2\n---")
@example("a: &a {<<: *a, b: *a}")
def test_no_text_raises_and_every_problem_lies_in_the_text(text: str) -> None:
    located = read(text, "x.yaml")

    for problem in located.problems:
        assert_is_inside(problem, text)


def same(ours: Any, theirs: Any) -> bool:
    """Equal in value and type; NaN equals itself."""
    return repr(ours) == repr(theirs)


def only_yaml(text: str) -> Iterator[Any]:
    """What PyYAML makes of `text`, where it makes something and nothing surprising is in it."""
    if "!" in text or "<<" in text:
        return
    try:
        yield yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return


@given(YAMLISH)
@example("a: [1, 0x1F, 010, 08, 1_000, 1:30, 1e3, 1.5, .nan, -.inf, ~, no, 2001-01-01, '1']")
@example("1: a\ntrue: b\n1.0: c")
def test_what_pyyaml_reads_we_read_alike(text: str) -> None:
    for theirs in only_yaml(text):
        located = read(text, "x.yaml")
        harmless = {"yaml.duplicate_key", "yaml.own_tail"}
        assert {problem.code for problem in located.problems} <= harmless
        assert same(located.data, theirs) or "yaml.own_tail" in codes(located)


def codes(located: Located) -> set[str]:
    return {problem.code for problem in located.problems}


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates()
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(TREES, st.sampled_from([True, False, None]))
def test_any_data_comes_back_with_a_place_for_each_value(tree: Any, flow: bool | None) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True)

    located = read(text, "x.yaml")

    assert located.problems == ()
    assert same(located.data, yaml.safe_load(text))
    assert set(paths_of(located.data)) == located.values.keys()


def paths_of(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from paths_of(value, (*path, str(key)))
    if isinstance(data, list):
        for index, value in enumerate(data):
            yield from paths_of(value, (*path, index))


# --- dialects, quotes and other people's tags ---


@pytest.mark.parametrize(
    ("text", "in_1_1", "in_1_2"),
    [
        ("yes", True, "yes"),
        ("Off", False, "Off"),
        ("true", True, True),
        ("010", 8, 10),
        ("08", "08", 8),
        ("0o17", "0o17", 15),
        ("0x1F", 31, 31),
        ("1_000", 1000, "1_000"),
        ("12:30", 750, "12:30"),
        ("1e3", "1e3", 1000.0),
        ("1.5e3", "1.5e3", 1500.0),
        (".5", 0.5, 0.5),
        (".inf", float("inf"), float("inf")),
        ("~", None, None),
        ("", None, None),
        ("=", "=", "="),
        ("'yes'", "yes", "yes"),
    ],
)
def test_a_scalar_is_what_the_dialect_says(text: str, in_1_1: object, in_1_2: object) -> None:
    assert read(f"a: {text}", "f", dialect="1.2").data == {"a": in_1_2}
    if text != "=":
        assert read(f"a: {text}", "f").data == {"a": in_1_1}


def test_what_stood_without_quotes_is_known() -> None:
    located = read("a: x\nb: 'y'\n'c': [z, \"z\", 1]", "f")

    assert located.plain == {("a",): "x", ("c", 0): "z", ("c", 2): "1"}
    assert located.plain_keys == {("a",): "a", ("b",): "b"}


def test_other_peoples_tags_are_looked_past_where_that_is_asked_for() -> None:
    text = "a: !ENV ${X}\nb: !thing {c: 1}\nd: !list [1]\ne: !below\n  text\nf: !!python/none ''"

    located = read(text, "f", foreign_tags=True)

    data = {"a": "${X}", "b": {"c": 1}, "d": [1], "e": "text", "f": None}
    assert located.data == data
    assert located.tags == {
        ("a",): "!ENV", ("b",): "!thing", ("d",): "!list", ("e",): "!below",
    }  # fmt: skip
    assert located.place_of_value(("e",)) == Place(5, 3)
    assert [(p.code, p.line) for p in located.problems] == [("yaml.tag", 6)]
    assert len(read(text, "f").problems) == 5
