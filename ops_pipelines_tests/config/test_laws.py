"""Whatever stands in a file: there is a verdict, and every problem lies in the file."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ops_pipelines import language
from ops_pipelines.config.difference import differences
from ops_pipelines.config.validate import validate
from ops_pipelines_tests.config.corpus import corpus

TEXTS = st.sampled_from([valid.text for valid in corpus()])
PIECES = st.sampled_from(
    [*":{}[]'\"\t#|&*!?%@~", "- ", "\n", "  ", "<<: ", "：", "${A", "}", "---\n", "{{ x }}", "0x",
     "1e3", ".nan", "\x00", "\r", "\u2028", "&a ", "*a", "!x ", "!!set {a}", "!!python/none x",
     "null: ", "- - ", "? [a]\n: b\n", "\\", "é"]
)  # fmt: skip
CUTS = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 30), PIECES), max_size=5)


@pytest.fixture(scope="module")
def file() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, "config.yaml")


def judged(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    text = content.decode(errors="replace")
    for problem in validate(file, None, {"A": "x"}).problems:
        assert 1 <= problem.line <= len(text.splitlines()) + 1
        assert problem.column >= 1
        for tongue in language.LANGUAGES:
            with language.speaking(tongue):
                assert problem.message
                assert isinstance(problem.suggestion, str)


@given(text=TEXTS, cuts=CUTS)
def test_a_damaged_file_gets_a_verdict(
    file: Path, text: str, cuts: list[tuple[int, int, str]]
) -> None:
    for at, length, piece in cuts:
        start = at % (len(text) + 1)
        text = text[:start] + piece + text[start + length :]
    judged(file, text.encode())


@given(st.binary(max_size=200))
@example(b"\xff\xfea\x00")
@example(b"a: &a [*a]")
@example(b"? [a]\n: b")
def test_any_bytes_get_a_verdict(file: Path, content: bytes) -> None:
    judged(file, content)


@given(before=TEXTS, after=TEXTS)
def test_differences_are_the_same_both_ways(before: str, after: str) -> None:
    there = differences("a.yaml", before.encode(), after.encode())
    back = differences("a.yaml", after.encode(), before.encode())

    assert [(c.path, c.before, c.after) for c in there] == [
        (c.path, c.after, c.before) for c in back
    ]
    assert not differences("a.yaml", before.encode(), before.encode())
