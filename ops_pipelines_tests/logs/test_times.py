"""Times of every form, and the fast reading of many, which says what the law says of each."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ops_pipelines.logs.times import BAD, NONE, microseconds, moment, parse, parse_all

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(["UTC", "Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe"])
AT = 1_795_514_400_123_456  # 2026-11-24 10:00:00.123456 in UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T10:00:00.123456Z",
        "2026-11-24t10:00:00.123456z",
        "2026-11-24 10:00:00,123456+00:00",
        "2026-11-24 10:00:00.123456789 UTC",
        "2026-11-24T18:00:00.123456+08:00",
        "2026-11-24T18:00:00.123456+0800",
        "2026-11-24T18:00:00.123456 +08",
        "2026-11-24T05:00:00.123456-05:00",
        "2026-11-24T11:00:00.123456",  # in the zone
        "20261124T110000.123456",
        "1795514400.123456",
        "1795514400123456",
        "1795514400123456789",
    ],
)
def test_a_text_is_read_to_the_microsecond(text: str) -> None:
    assert parse(text, BERLIN) == AT
    assert parse_all(json.dumps(text).encode() + b"\n", BERLIN, None, None).tolist() == [AT]


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (1_795_514_400, None, AT // 1_000_000 * 1_000_000),
        (1_795_514_400_123, None, AT // 1000 * 1000),
        (1_795_514_400_123_456, None, AT),
        (1_795_514_400_123_456_789, None, AT),
        (1_795_514_400.123456, None, AT),
        (5, "s", 5_000_000),
        (5, "ms", 5_000),
        (5, "us", 5),
        (5_999, "ns", 5),
        (0, None, 0),
    ],
)
def test_the_size_of_a_number_or_its_unit_tells_what_it_counts(
    number: float, unit: str | None, expected: int
) -> None:
    assert parse(number, BERLIN, unit) == expected
    assert parse_all(f"{number}\n".encode(), BERLIN, unit, None).tolist() == [expected]


@pytest.mark.parametrize(
    "value",
    [
        *("", "yesterday", "2026-11-24", "2026-13-01T00:00:00Z", "2026-02-30T10:00:00Z"),
        *("2026-11-24T24:00:00Z", "2026-11-24T10:60:00Z", "2026-11-24T10:00:60Z"),
        *("0000-01-01T00:00:00Z", "2026-11-24T10:00:00+24:00", "2026-11-24T10:00:00.Z"),
        *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        *("2026-11-2xT10:00:00Z", "２０２６-11-24T10:00:00Z", "2026-11-24X10:00:00Z"),
        *(-1, 1e30, True, False, [1], {"at": 1}, 10**40),
    ],
)
def test_what_is_no_time_is_bad(value: Any) -> None:
    assert parse(value, BERLIN) == BAD
    assert parse_all(json.dumps(value).encode() + b"\n", BERLIN, None, None).tolist() == [BAD]


def test_an_hour_that_comes_twice_is_the_first_and_one_that_is_left_out_is_counted_on() -> None:
    assert moment(parse("2026-10-25T02:30:00", BERLIN)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moment(parse("2026-03-29T02:30:00", BERLIN)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


moments = st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30))  # noqa: DTZ001 - placed below
offsets = st.one_of(st.none(), st.integers(-14 * 60, 14 * 60))
digits = st.sampled_from(["", ".{:01}", ".{:03}", ",{:03}", ".{:06}", ".{:06}789"])


@settings(max_examples=300)
@given(st.lists(st.tuples(moments, offsets, digits, st.sampled_from("T t")), min_size=1), ZONES)
def test_the_fast_reading_agrees_with_datetime(
    wanted: list[tuple[datetime, int | None, str, str]], name: str
) -> None:
    zone, texts, expected = ZoneInfo(name), [], []
    for local, offset, fraction, between in wanted:
        scale = {"": 10**6, ".{:01}": 10**5, ".{:03}": 1000, ",{:03}": 1000}.get(fraction, 1)
        micro = local.microsecond // scale * scale
        at = timezone(timedelta(minutes=offset)) if offset is not None else zone
        expected.append(microseconds(local.replace(microsecond=micro, tzinfo=at)))
        shown = f"{local:%Y-%m-%d}{between}{local:%H:%M:%S}" + fraction.format(micro // scale)
        shown += "" if offset is None else _shown(offset)
        texts.append(json.dumps(shown))

    assert parse_all("\n".join(texts).encode() + b"\n", zone, None, None).tolist() == expected


def _shown(offset: int) -> str:
    return f"{'-+'[offset >= 0]}{abs(offset) // 60:02}:{abs(offset) % 60:02}"


odd = st.one_of(
    st.text(st.sampled_from("0123456789-:TZ+. ,tz/"), max_size=30),
    st.builds(
        lambda text, at, new: text[:at] + new + text[at + 1 :],
        st.sampled_from(["2026-11-24T10:00:00.123+08:00", "2026-11-24 10:00:00Z", "1795514400"]),
        st.integers(0, 28),
        st.sampled_from("0123456789-:TZ+. x/:"),
    ),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-10, 10**24),
    st.none(),
    st.booleans(),
)


@settings(max_examples=500)
@example(["0000000000000000000", "0001-01-01T00:00:00", "9999-12-31T23:59:59"], "UTC", None)
@given(st.lists(odd, min_size=1), ZONES, st.sampled_from([None, "s", "ms", "us", "ns"]))
def test_the_fast_reading_agrees_with_the_law_on_anything(
    values: list[Any], name: str, unit: str | None
) -> None:
    data = "".join(json.dumps(value) + "\n" for value in values).encode()

    found = parse_all(data, ZoneInfo(name), unit, None).tolist()

    expected = [NONE if v is None else parse(v, ZoneInfo(name), unit) for v in values]
    assert found == expected
