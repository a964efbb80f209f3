"""Differences are by meaning, and show no secret."""

import json

import pytest

from ops_pipelines.config.difference import differences
from ops_pipelines_tests.config.corpus import Valid, corpus, variants
from ops_pipelines_tests.config.mutations import CANARY


def changes(
    before: str | None, after: str | None, file: str = "a.yaml"
) -> list[tuple[str, object, object]]:
    old, new = (text.encode() if text is not None else None for text in (before, after))
    found = [change.rendered() for change in differences(file, old, new)]
    assert all(change["file"] == file for change in found)
    json.dumps(found, allow_nan=False)
    return [(change["path"], change["from"], change["to"]) for change in found]


@pytest.mark.parametrize("valid", corpus(), ids=lambda valid: valid.name)
def test_another_way_to_write_the_same_is_no_change(valid: Valid) -> None:
    for name, text in variants(valid.text).items():
        assert changes(valid.text, text) == [], name


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a: 1", "a: 2", [("a", 1, 2)]),
        ("a: 1", "a: '1'", [("a", 1, "1")]),
        ("a: 1", "a: true", [("a", 1, True)]),
        ("a: 1", "b: 1", [("a", 1, None), ("b", None, 1)]),
        ("a: null", "b: {}", [("a", "null", None), ("b", None, {})]),
        ("a: [1, 2]", "a: [2, 1]", [("a", [1, 2], [2, 1])]),
        ("a: [{b: 1}, {c: 1}]", "a: [{b: 2}]", [("a[0].b", 1, 2), ("a[1].c", 1, None)]),
        ("a: {b: {c: 1}}", "a: {b: {c: .nan}}", [("a.b.c", 1, "nan")]),
        ("a: 2024-01-01", "a: x", [("a", "2024-01-01", "x")]),
        (None, "a: 1", [("a", None, 1)]),
        ("a: 1", None, [("a", 1, None)]),
    ],
)
def test_a_change_says_path_and_values(
    before: str | None, after: str | None, expected: list[tuple[str, object, object]]
) -> None:
    assert changes(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("api_key: old-secret-1", f"api_key: {CANARY}", ("api_key", "***", "***")),
        ("api_kye: old-secret-1", f"api_kye: {CANARY}", ("api_kye", "***", "***")),
        ("x: 1", "x: sk-abcdefghijklmnop1234", ("x", 1, "***")),
        (
            "url: redis://u:old-secret@h/0",
            f"url: redis://u:{CANARY}@h/1",
            ("url", "redis://u:***@h/0", "redis://u:***@h/1"),
        ),
        (f"api_keys: [{CANARY}]", "api_keys: []", ("api_keys", ["***"], [])),
        ("api_key: ${OLD}", "api_key: ${NEW}", ("api_key", "${OLD}", "${NEW}")),
    ],
)
def test_secrets_are_masked(before: str, after: str, expected: tuple[str, object, object]) -> None:
    assert changes(before, after) == [expected]


def test_env_files_are_compared_by_their_variables() -> None:
    before = "A=1\nPORT=1\nLLM_API_KEY=old-secret-1\n"
    after = f"# moved\nPORT='2'\nexport A=1\nLLM_API_KEY={CANARY}\n"

    assert changes(before, after, ".env") == [("LLM_API_KEY", "***", "***"), ("PORT", "1", "2")]


def test_what_cannot_be_read_is_compared_as_a_whole() -> None:
    [(path, before, after)] = changes("a: 'x", "a: x")

    assert path == ""
    assert str(before).startswith("sha256:")
    assert before != after
    assert differences("logo.png", b"\xff\x00", b"\xff\x01")[0].path == ""
    assert differences("logo.png", b"\xff\x00", b"\xff\x00") == []


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("LLM_KEY=sk-canary-4711", "***"),
        ("DB_PASS=hunter", "***"),
        ("PIN=hunter2222", "***"),
        ("URL=http://user:pw@host/x", "***"),
        ("URL=http://qdrant:6333", "http://qdrant:6333"),
        ("DEBUG=true", "true"),
        ("WORKERS=4", "4"),
        ("ENVIRONMENT=production", "production"),
        ("EMPTY=", ""),
    ],
)
def test_of_an_env_file_only_plain_words_are_shown(line: str, shown: str) -> None:
    assert changes(None, line, ".env") == [(line.partition("=")[0], None, shown)]
