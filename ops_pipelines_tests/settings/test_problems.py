"""Every mistake of a service file: its code, its place, its path, and what is said about it."""

from pathlib import Path
from typing import NamedTuple

import pytest

from ops_pipelines import language
from ops_pipelines_tests.settings.files import BASE, marked, problems_of, write

ITEM = "health.checks[0]"
HTTP, TCP = "name: a, url: /a", "name: q, kind: tcp, host: h, port: 1"


class Row(NamedTuple):
    """A text (its « marks the problem), the problem's code and path, and a part of what it says."""

    text: str
    code: str
    path: str
    says: str


def check(inside: str) -> str:
    """The service file whose only check is `inside`."""
    return f"{BASE}health: {{checks: [{{{inside}}}]}}"


UNKNOWN_KEYS = [
    Row(f"{BASE}«tmezone: UTC", "unknown_key_near", "tmezone", "Did you mean timezone?"),
    Row(f"{BASE}«Language: zh", "unknown_key_near", "Language", "Did you mean language?"),
    Row(f"{BASE}«base-url: x", "unknown_key_near", "base-url", "Did you mean base_url?"),
    Row(f"{BASE}«alert: {{}}", "unknown_key_near", "alert", "Did you mean alerts?"),
    Row(f"{BASE}«zzz: 1", "unknown_key", "zzz", "Known keys: name, base_url, timezone, "),
    Row(f"{BASE}keep:\n  «version: 3", "unknown_key_near", "keep.version", "mean versions?"),
    Row(f"{BASE}keep: {{«x: 3}}", "unknown_key", "keep.x", "keys: versions, samples_days."),
    Row(
        f"{BASE}health:\n  schedule: '00:15'\n  «intervall_seconds: 5",
        "unknown_key_near", "health.intervall_seconds", "mean interval_seconds?",
    ),
    Row(check(f"{HTTP}, «metod: GET"), "unknown_key_near", f"{ITEM}.metod", "method?"),
    Row(check(f"{HTTP}, «port: 1"), "unknown_key", f"{ITEM}.port", "name, optional, "),
    Row(check(f"{TCP}, «prot: 1"), "unknown_key_near", f"{ITEM}.prot", "port?"),
    Row(check(f"{TCP}, «url: /a"), "unknown_key", f"{ITEM}.url", "kind, host, port."),
    Row(check(f"{HTTP}, «http: 1"), "unknown_key", f"{ITEM}.http", "name, "),
    Row(
        check(f"{HTTP}, component: {{«sttus: s}}"),
        "unknown_key_near", f"{ITEM}.component.sttus", "status?",
    ),
    Row(f"{BASE}«yes: 1", "key_not_text", "True", "the key true is not text → Put it in quotes"),
    Row(f"{BASE}«1: 1", "key_not_text", "1", "the key 1 is not text"),
    Row(f"{BASE}«null: 1", "key_not_text", "None", "the key null is not text"),
    Row(f"{BASE}health: {{«on: 1}}", "key_not_text", "health.True", "the key true"),
    Row(
        check(f"{HTTP}, headers: {{«5: x}}"),
        "key_not_text", f"{ITEM}.headers.5", "the key 5 is not text",
    ),
]  # fmt: skip

WRONG_VALUES = [
    Row("base_url: http://x\nname: «5", "wrong", "name", "name is 5, wanted text"),
    Row("base_url: http://x\nname: «RAG", "wrong", "name", "wanted text that matches ^[a-z0-9]"),
    Row("base_url: http://x\nname: «-a", "wrong", "name", "name is -a, wanted text that matches"),
    Row("base_url: http://x\nname:«", "wrong", "name", "name is empty, wanted text"),
    Row(f"base_url: http://x\nname: «{'a' * 61}", "wrong", "name", "…, wanted at most 60 char"),
    Row("name: a\nbase_url: «localhost:8000", "http_url", "base_url", "wanted http://… or https"),
    Row("name: a\nbase_url: «ftp://x", "http_url", "base_url", "base_url is ftp://x, wanted"),
    Row("name: a\nbase_url: «http://", "http_url", "base_url", "base_url is http://, wanted"),
    Row("name: a\nbase_url: «http://x:99999", "http_url", "base_url", "http://x:99999, wanted"),
    Row("name: a\nbase_url: «[1]", "wrong", "base_url", "base_url is a list, wanted text"),
    Row(f"{BASE}timezone: «Asia/Shanghia", "timezone", "timezone", "is Asia/Shanghia, which is no"),
    Row(f"{BASE}timezone: «/etc/passwd", "timezone", "timezone", "which is no timezone"),
    Row(f"{BASE}timezone: «''", "timezone", "timezone", "which is no timezone"),
    Row(f"{BASE}language: «cn", "wrong", "language", "language is cn, wanted one of en, zh"),
    Row(f"{BASE}language: «no", "wrong", "language", "is false, wanted one of en, zh"),
    Row(f"{BASE}data_dir:«", "wrong", "data_dir", "data_dir is empty, wanted text"),
    Row(f"{BASE}data_dir: «~nobody-here/x", "no_path", "data_dir", "is no path on this machine"),
    Row(f'{BASE}data_dir: «"a\\0b"', "no_path", "data_dir", "data_dir is a\\x00b, which"),
    Row(f"{BASE}state_dir: «s3://b/p", "not_local", "state_dir", "s3://b/p, wanted a local path"),
    Row(f"{BASE}keep:«", "wrong", "keep", "keep is empty, wanted a mapping"),
    Row(f"{BASE}keep: «[1]", "wrong", "keep", "keep is a list, wanted a mapping"),
    Row(f"{BASE}keep: {{versions: «0}}", "wrong", "keep.versions", "is 0, wanted at least 1"),
    Row(f"{BASE}keep: {{versions: «yes}}", "wrong", "keep.versions", "is true, wanted a number"),
    Row(f"{BASE}keep: {{versions: «1.5}}", "wrong", "keep.versions", "1.5, wanted a whole number"),
    Row(f"{BASE}keep: {{versions: «many}}", "wrong", "keep.versions", "many, wanted a whole numb"),
    Row(f"{BASE}keep: {{samples_days: «2024-01-01}}", "wrong", "keep.samples_days", "wanted a wh"),
    Row(f"{BASE}health: «text", "wrong", "health", "health is text, wanted a mapping"),
    Row(f"{BASE}health: {{schedule: «12:30}}", "time_of_day", "health.schedule", "is 750, wanted"),
    Row(f"{BASE}health: {{schedule: «'24:00'}}", "time_of_day", "health.schedule", "is 24:00, wan"),
    Row(f"{BASE}health: {{interval_seconds: «4}}", "wrong", "health.interval_seconds", "least 5"),
    Row(f"{BASE}health: {{timeout_seconds: «0}}", "wrong", "health.timeout_seconds", "more than 0"),
    Row(f"{BASE}health: {{timeout_seconds: «.inf}}", "wrong", "health.timeout_seconds", "a number"),
    Row(f"{BASE}health: {{timeout_seconds: «.nan}}", "wrong", "health.timeout_seconds", "nan, "),
    Row(f"{BASE}health: {{deadline_seconds: «51}}", "wrong", "health.deadline_seconds", "most 50"),
    Row(f"{BASE}health: {{proxy: «proxy:3128}}", "http_url", "health.proxy", "is proxy:3128, want"),
    Row(f"{BASE}health: {{ca_file: «https://x/ca}}", "not_local", "health.ca_file", "a local path"),
    Row(f"{BASE}health: {{checks: «[]}}", "wrong", "health.checks", "an empty list, wanted at lea"),
    Row(f"{BASE}health: {{checks: «{{a: 1}}}}", "wrong", "health.checks", "a mapping, wanted a li"),
    Row(f"{BASE}health: {{checks: [«5]}}", "wrong", ITEM, "is 5, wanted a mapping"),
    Row(f"{BASE}health: {{checks: [«~]}}", "wrong", ITEM, "empty, wanted a mapping"),
    Row(check("name: a, kind: «udp"), "wrong", f"{ITEM}.kind", "udp, wanted one of http,"),
    Row(check("name: a, kind: «~"), "wrong", f"{ITEM}.kind", "empty, wanted one of http"),
    Row(check("name: a, kind: «[tcp]"), "wrong", f"{ITEM}.kind", "a list, wanted one of"),
    Row(check("name: «'', url: /a"), "wrong", f"{ITEM}.name", "wanted text that is not e"),
    Row(check("name: a, url: «''"), "wrong", f"{ITEM}.url", "wanted text that is not emp"),
    Row(check("name: a, url: «ftp://x/a"), "http_url", f"{ITEM}.url", "is ftp://x/a, wan"),
    Row(check(f"{HTTP}, optional: «maybe"), "wrong", f"{ITEM}.optional", "true or false"),
    Row(check(f"{HTTP}, method: «PUT"), "wrong", f"{ITEM}.method", "one of GET, HEAD, PO"),
    Row(check(f"{HTTP}, headers: «[a]"), "wrong", f"{ITEM}.headers", "wanted a mapping"),
    Row(check(f"{HTTP}, headers: {{A: «1}}"), "wrong", f"{ITEM}.headers.A", "1, wanted te"),
    Row(check(f"{HTTP}, expect_status: «200"), "wrong", f"{ITEM}.expect_status", "a list"),
    Row(check(f"{HTTP}, expect_status: «[]"), "wrong", f"{ITEM}.expect_status", "one item"),
    Row(
        check(f"{HTTP}, expect_status: [200, «600]"),
        "wrong", f"{ITEM}.expect_status[1]", "600, wanted at most 599",
    ),
    Row(check(f"{HTTP}, status: «'a.b['"), "jmespath", f"{ITEM}.status", "character 5): a."),
    Row(check(f"{HTTP}, status: «''"), "jmespath", f"{ITEM}.status", "is no JMESPath"),
    Row(check(f"{HTTP}, healthy: «ok"), "wrong", f"{ITEM}.healthy", "ok, wanted a list"),
    Row(check(f"{HTTP}, healthy: [«1.5]"), "wrong", f"{ITEM}.healthy[0]", "1.5, wanted te"),
    Row(check(f"{HTTP}, max_age_seconds: «0"), "wrong", f"{ITEM}.max_age_seconds", "more"),
    Row(
        check(f"{HTTP}, component: {{response_time_unit: «h}}"),
        "wrong", f"{ITEM}.component.response_time_unit", "one of s, ms, us, ns",
    ),
    Row(check("name: q, kind: tcp, host: h, port: «0"), "wrong", f"{ITEM}.port", "least 1"),
    Row(check("name: q, kind: tcp, host: h, port: «70000"), "wrong", f"{ITEM}.port", "6553"),
    Row(check("name: q, kind: tcp, host: h, port: «on"), "wrong", f"{ITEM}.port", "true, w"),
]  # fmt: skip

BETWEEN_KEYS = [
    Row(
        check(f"{HTTP}, body: «{{a: 1}}"),
        "body_without_post", f"{ITEM}.body", "only with method: POST, and the method is G",
    ),
    Row(
        check(f"{HTTP}, healthy: [fine, OK], unhealthy: [«ok]"),
        "word_twice", f"{ITEM}.unhealthy[0]", "the word ok stands in health.checks[0].unh",
    ),
    Row(
        check(f"{HTTP}, healthy: [yes], unhealthy: [bad, «'on']"),
        "word_twice", f"{ITEM}.unhealthy[1]", "and in healthy → Keep it in one of them",
    ),
    Row(
        f"{BASE}health: {{checks: [{{{HTTP}}}, {{{TCP}}}, {{name: «a, url: /b}}]}}",
        "name_twice", "health.checks[2].name", "an earlier check is called a as well",
    ),
]  # fmt: skip

MISSING = [
    Row("«base_url: http://x", "missing", "name", "name is missing → Add it"),
    Row("«name: rag", "missing", "base_url", "base_url is missing"),
    Row(f"{BASE}health: {{checks: [«{{url: /a}}]}}", "missing", f"{ITEM}.name", "missing"),
    Row(f"{BASE}health:\n  checks:\n  - «name: a", "missing", f"{ITEM}.url", "is missing"),
    Row(
        f"{BASE}health: {{checks: [«{{kind: tcp, name: a, host: h}}]}}",
        "missing", f"{ITEM}.port", "is missing",
    ),
]  # fmt: skip


def logs(inside: str) -> str:
    """The service file whose `logs` section has this beside its files."""
    return f"{BASE}logs: {{files: [a.log], {inside}}}"


CONDITION = "logs.error_when[0]"
LOGS = [
    Row(f"{BASE}logs: «{{}}", "missing", "logs.files", "logs.files is missing"),
    Row(f"{BASE}logs: {{files: «[]}}", "wrong", "logs.files", "wanted at least one item"),
    Row(f"{BASE}logs: {{files: «app.log}}", "wrong", "logs.files", "wanted a list"),
    Row(logs("preset: «nginks"), "preset", "logs.preset", "→ Known: caddy, ecs, "),
    Row(
        logs("fields: {«respone_time: x}"),
        "unknown_key_near", "logs.fields.respone_time", "mean response_time?",
    ),
    Row(logs("fields: {level: «5}"), "wrong", "logs.fields.level", "wanted a mapping"),
    Row(
        logs("fields: {level: {path: x, «unit: ms}}"),
        "unknown_key", "logs.fields.level.unit", "Known keys: path.",
    ),
    Row(
        logs("fields: {response_time: {path: x, unit: «min}}"),
        "wrong", "logs.fields.response_time.unit", "one of s, ms, us, ns",
    ),
    Row(logs("error_when: «[]"), "wrong", "logs.error_when", "wanted at least one item"),
    Row(logs("error_when: [«{field: a}]"), "one_test", CONDITION, "exactly one of contains, "),
    Row(
        logs("error_when: [«{field: a, present: true, in: [1]}]"),
        "one_test", CONDITION, "→ Make several items of several tests",
    ),
    Row(logs("error_when: [«{present: true}]"), "missing", f"{CONDITION}.field", "is missing"),
    Row(logs("pattern: «'(?P<x'"), "pattern", "logs.pattern", "is no regular expression (missing"),
    Row(logs("pattern: «abc"), "pattern_without_groups", "logs.pattern", "→ Name what it finds"),
    Row(logs("timestamp_format: «'%Q'"), "time_format", "logs.timestamp_format", "bad directive"),
    Row(logs("timestamp_timezone: «X/Y"), "timezone", "logs.timestamp_timezone", "no timezone"),
    Row(logs("slow_seconds: «0"), "wrong", "logs.slow_seconds", "wanted more than 0"),
    Row(logs("max_rejected_ratio: «5"), "wrong", "logs.max_rejected_ratio", "wanted at most 1"),
    Row(logs("late_minutes: «on"), "wrong", "logs.late_minutes", "is true, wanted a number"),
]  # fmt: skip

ROWS = [*UNKNOWN_KEYS, *WRONG_VALUES, *BETWEEN_KEYS, *MISSING, *LOGS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code}-{row.path}-{row.says[:12]}")
def test_a_mistake_is_told_with_its_place(tmp_path: Path, row: Row) -> None:
    text, [place] = marked(row.text)
    file = write(tmp_path, text)

    [problem] = problems_of(file)

    assert (problem.code, problem.path) == (f"settings.{row.code}", row.path)
    assert (problem.file, problem.line, problem.column) == (str(file), *place)
    assert row.says in str(problem)


def test_all_problems_come_in_one_go_in_the_order_of_the_file(tmp_path: Path) -> None:
    text, places = marked(
        """\
name: «RAG
base_url: «localhost
«nope: 1
timezone: «${ZONE}
keep: {versions: 1, «versions: «-1}
health:
  schedule: «!!python/object:x y
  «interval: 5
  checks:
    - {name: a, url: «'${URL}', «metod: GET, body: «{a: 1}}
    - name: «a
      kind: tcp
      host: h
      port: «99999
    - «{kind: tcp, name: b, host: «5}
    - {name: c, kind: «udp}
"""
    )
    problems = problems_of(write(tmp_path, text))

    codes = [problem.code.removeprefix("settings.") for problem in problems]
    assert codes == [
        "wrong", "http_url", "unknown_key", "unset_variable", "yaml.duplicate_key", "wrong",
        "yaml.tag", "unknown_key_near", "unset_variable", "unknown_key_near", "body_without_post",
        "name_twice", "wrong", "missing", "wrong", "wrong",
    ]  # fmt: skip
    assert [(problem.line, problem.column) for problem in problems] == places


def test_a_value_that_was_not_read_is_not_judged_as_well(tmp_path: Path) -> None:
    text = f"{BASE}timezone: ${{ZONE}}\nkeep: !!binary x\nhealth: {{deadline_seconds: 2001-99-99}}"

    codes = [problem.code for problem in problems_of(write(tmp_path, text))]

    assert codes == ["settings.unset_variable", "yaml.tag", "yaml.value"]


def test_problems_are_said_in_the_readers_language(tmp_path: Path) -> None:
    [problem] = problems_of(write(tmp_path, f"{BASE}keep: []"))

    with language.speaking("zh"):
        in_chinese = str(problem)

    assert "keep is an empty list, wanted a mapping" in str(problem)
    assert "keep" in in_chinese
    assert "an empty list" not in in_chinese


def test_what_is_shown_of_a_long_value_is_short(tmp_path: Path) -> None:
    [problem] = problems_of(write(tmp_path, f"{BASE}timezone: {'x' * 5000}"))

    assert len(str(problem.message)) < 120


def test_what_is_shown_cannot_steer_a_terminal(tmp_path: Path) -> None:
    [value, key] = problems_of(write(tmp_path, f'{BASE}timezone: "\\e[2J"\n"\\e[2J": 1'))

    assert "\x1b" not in f"{value.message}{key.message}"
