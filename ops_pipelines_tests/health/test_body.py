"""A body is read as JSON within bounds, or there is a reason why not."""

import encodings.aliases
import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.health import body
from ops_pipelines.redaction import learn
from ops_pipelines.report import Reason

CHARSETS = sorted({*encodings.aliases.aliases, *encodings.aliases.aliases.values(), "x-none"})
CODINGS = ("", "identity", "gzip", "x-gzip", "deflate", "br")


def test_a_bomb_is_never_unpacked() -> None:
    bomb = gzip.compress(bytes(1 << 26))
    tracemalloc.start()
    found = body.inflate(bomb, "gzip")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert str(found) == "the body is larger than 1048576 bytes"
    assert peak < 4 * body.MOST_BYTES


@pytest.mark.parametrize("over", [0, 1])
def test_the_bound_is_one_mebibyte_exactly(over: int) -> None:
    content = gzip.compress(bytes(body.MOST_BYTES + over))
    assert isinstance(body.inflate(content, "gzip"), Reason if over else bytes)


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate"])
@given(content=st.binary())
def test_what_was_packed_is_unpacked(coding: str, content: bytes) -> None:
    packed = zlib.compress(content) if coding == "deflate" else gzip.compress(content)
    assert body.inflate(packed, coding) == content


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@given(content=st.binary(min_size=1), data=st.data())
def test_what_was_packed_and_cut_off_is_never_taken_as_whole(
    coding: str, content: bytes, data: st.DataObject
) -> None:
    packed = zlib.compress(content) if coding == "deflate" else gzip.compress(content)
    cut = packed[: data.draw(st.integers(0, len(packed) - 1))]
    assert isinstance(body.inflate(cut, coding), Reason)


@given(content=st.binary(), coding=st.sampled_from(CODINGS))
def test_bytes_of_any_kind_are_unpacked_or_refused(content: bytes, coding: str) -> None:
    assert isinstance(body.inflate(content, coding), bytes | Reason)


@given(content=st.binary(), charset=st.sampled_from(CHARSETS) | st.text() | st.none())
def test_bytes_of_any_kind_in_any_charset_are_read_or_refused(
    content: bytes, charset: str | None
) -> None:
    found = body.parse(content, charset)
    if isinstance(found, Reason):
        assert str(found)
        json.dumps(found.stored()).encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(value=JSON.filter(lambda value: "Infinity" not in json.dumps(value)))
def test_json_is_read_as_what_it_is(value: Any) -> None:
    assert body.parse(json.dumps(value).encode(), None) == value


@given(value=st.text() | JSON, most=st.integers(1, 100))
def test_what_a_service_says_becomes_one_printable_line(value: Any, most: int) -> None:
    line = body.one_line(value, most)
    assert line.isprintable()
    assert len(line) <= most
    line.encode()


def test_what_is_nested_too_deeply_to_be_shown_is_not_shown() -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    assert body.one_line(nested, 60) == "…"
    while nested:  # let it go from the outside: its own way is too deep as well
        nested = nested.pop()


@pytest.mark.parametrize("most", range(1, 30))
def test_of_a_secret_that_is_cut_off_nothing_is_shown(most: int) -> None:
    learn("sk-0123456789")
    assert "sk" not in body.one_line("key: sk-0123456789 is wrong", most)
    assert body.one_line("key: sk-0123456789 is wrong", 30) == "key: *** is wrong"
