"""The fast reading says what the law says, whatever the mapping, the keys and the types."""

import json
import math
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_pipelines.logs.ledger import Reading
from ops_pipelines.logs.records import Rejected, record_of
from ops_pipelines_tests.logs.reading import UTC, cells, how, joined, scanned

PATHS = ("a", "a.b", "a.b.c", "b", "b.c", "log.level", "x.y.z")
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 600), st.sampled_from(["x", "request", "500", ""]),
    st.floats(-1, 1000, allow_nan=False).map(lambda x: round(x, 2)),
    st.sampled_from(["error", "INFO", "2026-11-24T10:00:00Z", 1_795_000_000]),
)  # fmt: skip
keys = st.sampled_from(["a", "b", "c", "a.b", "b.c", "a.b.c", "log", "level", "log.level", "x.y"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.dictionaries(keys, inner, max_size=3), st.lists(inner, max_size=2)),
    max_leaves=4,
)
records = st.dictionaries(keys, values, max_size=5).map(
    lambda record: {"timestamp": "2026-11-24T10:00:00Z", **record}
)
fields = st.dictionaries(
    st.sampled_from(["level", "message", "endpoint", "model", "response_time", "status"]),
    st.sampled_from(PATHS),
)
conditions = st.lists(
    st.one_of(
        st.builds(lambda f: {"field": f, "present": True}, st.sampled_from(PATHS)),
        st.builds(lambda f: {"field": f, "present": False}, st.sampled_from(PATHS)),
        st.builds(lambda f: {"field": f, "contains": "REQ"}, st.sampled_from([*PATHS, "message"])),
        st.builds(lambda f: {"field": f, "at_least": 400}, st.sampled_from(PATHS)),
        st.builds(lambda f: {"field": f, "in": ["x", 500, True]}, st.sampled_from(PATHS)),
        st.builds(lambda f: {"field": f, "at_least": "error"}, st.sampled_from([*PATHS, "level"])),
    ),
    min_size=1,
    max_size=3,
)


def by_law(lines: list[bytes], reading: Reading) -> tuple[dict[Any, Any], Counter[str]]:
    """What the law says of each line, counted as the engine counts."""
    found: dict[Any, Counter[str]] = {}
    rejected: Counter[str] = Counter()
    for line in lines:
        try:
            record = record_of(line, reading.plan)
        except Rejected as error:
            rejected[error.reason] += 1
            continue
        seconds = record.number("response_time")
        is_timed = record.is_request and math.isfinite(seconds) and seconds >= 0
        labels = (record.label(n) for n in ("endpoint", "provider", "model", "error_type"))
        found.setdefault((record.time_us // 3_600_000_000, *labels), Counter()).update(
            lines=1, requests=record.is_request, errors=record.is_error, timed=is_timed,
            failed=record.is_request and record.is_error,
        )  # fmt: skip
    return {key: dict(counts) for key, counts in found.items()}, rejected


@settings(max_examples=150, deadline=None)
@given(
    lines=st.lists(records, min_size=1, max_size=40),
    places=fields,
    request_when=conditions,
    error_when=conditions,
    repeat=st.sampled_from([1, 40]),
)
def test_any_mapping_of_any_keys_is_read_as_the_law_has_it(
    lines: list[dict[str, Any]],
    places: dict[str, str],
    request_when: list[Any],
    error_when: list[Any],
    repeat: int,
) -> None:
    reading = how({"fields": places, "request_when": request_when, "error_when": error_when})
    written = [json.dumps(line).encode() for line in lines] * repeat  # beyond the first lines

    rollup, account = scanned(joined(written), reading, pieces=2000)

    expected, rejected = by_law(written, reading)
    assert cells(rollup) == expected
    assert account.reasons == rejected


@pytest.mark.parametrize(
    "unit", [("s", 1), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)], ids=lambda unit: unit[0]
)
def test_durations_have_the_unit_of_their_mapping(unit: tuple[str, float]) -> None:
    name, seconds = unit
    reading = how({"fields": {"response_time": {"path": "took", "unit": name}}})
    line = {"timestamp": "2026-11-24T10:00:00Z", "message": "request", "took": 250}
    rollup, _ = scanned(joined([json.dumps(line).encode()] * 300), reading)
    assert rollup.column("minutes", "slowest")[0] == pytest.approx(250 * seconds)


def test_a_key_that_comes_late_is_not_missed() -> None:
    usual = b'{"timestamp": "2026-11-24T10:00:00Z", "message": "request"}'
    late = usual[:-1] + b', "endpoint": "/late", "response_time": 2, "tokens_input": 7}'
    rollup, _ = scanned(joined([usual] * 5000 + [late] + [usual] * 5000))
    assert rollup.total("hours", "tokens_input") == 7
    assert rollup.total("hours", "timed") == 1
    assert rollup.labels["endpoint"] == [None, "/late"]


def test_more_values_than_can_be_listed_are_all_told_apart() -> None:
    line = '{{"timestamp": "2026-11-24T10:00:00Z", "endpoint": "/doc/{}"}}'
    lines = [line.format(number % 3000).encode() for number in range(9000)]
    rollup, _ = scanned(joined(lines))
    assert len(rollup.labels["endpoint"]) == 3001
    assert set(rollup.column("hours", "lines")) == {3}


def test_what_msgspec_could_read_stays_when_a_line_raises() -> None:
    """The engine depends on it: a list keeps what came, and the iterator goes on behind."""
    decode = msgspec.json.Decoder(int).decode
    rows: list[int] = []
    rest = iter([b"1", b"2", b"x", b"3", b'"4"', b"5"])
    for _ in range(2):
        with pytest.raises(msgspec.MsgspecError):
            rows.extend(map(decode, rest))
    rows.extend(map(decode, rest))
    assert rows == [1, 2, 3, 5]


def test_equal_numbers_and_flags_are_different_labels() -> None:
    line = '{{"timestamp": "2026-11-24T10:00:00Z", "endpoint": {}}}'
    lines = [line.format(value).encode() for value in ("1", "1.0", "true", '"1"', '"true"')]
    rollup, _ = scanned(joined(lines * 100))
    counts = {key[1]: counts["lines"] for key, counts in cells(rollup).items()}
    assert counts == {"1": 200, "1.0": 100, "true": 200}
    assert UTC
