from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.window import Window, day_window, local_day, parse_time

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
# Zones that change their clocks at midnight, by half an hour, or jumped over a whole day.
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "America/Havana",
        "America/Santiago",
        "Atlantic/Azores",
        "Africa/Cairo",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Pacific/Apia",
    )
]
days = st.dates(date(2011, 1, 1), date(2040, 1, 1))
moments = st.timedeltas(timedelta(0), timedelta(days=10_000)).map(
    lambda passed: datetime(2011, 1, 1, tzinfo=UTC) + passed
)
zones = st.sampled_from(ZONES)


def test_a_window_holds_its_start_and_not_its_end() -> None:
    window = Window(NOON, NOON + HOUR)
    assert NOON in window
    assert NOON + HOUR not in window
    assert NOON - timedelta(microseconds=1) not in window


def test_a_window_of_naive_times_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Window(NOON.replace(tzinfo=None), NOON)


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Window(NOON, NOON - HOUR)


def test_a_window_is_the_same_in_whatever_zone_its_times_were_given() -> None:
    shanghai = timezone(timedelta(hours=8))
    there = Window(NOON.astimezone(shanghai), (NOON + HOUR).astimezone(shanghai))
    assert there == Window(NOON, NOON + HOUR)
    assert hash(there) == hash(Window(NOON, NOON + HOUR))


@pytest.mark.parametrize(
    ("moment", "hours"), [(NOON - HOUR, 0), (NOON, 0), (NOON + HOUR, 1), (NOON + 5 * HOUR, 2)]
)
def test_the_part_until_a_moment_stays_inside_the_window(moment: datetime, hours: int) -> None:
    assert Window(NOON, NOON + 2 * HOUR).until(moment) == Window(NOON, NOON + hours * HOUR)


def test_a_widened_window_begins_earlier_and_ends_as_before() -> None:
    assert Window(NOON, NOON + HOUR).widened(HOUR) == Window(NOON - HOUR, NOON + HOUR)


def test_a_window_is_written_in_utc_or_in_the_zone_that_is_asked_for() -> None:
    window = Window(NOON, NOON + HOUR)
    assert window.iso() == {
        "start": "2026-03-29T12:00:00+00:00",
        "end": "2026-03-29T13:00:00+00:00",
    }
    assert window.iso(ZoneInfo("Asia/Shanghai"))["end"] == "2026-03-29T21:00:00+08:00"


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25)]
)
def test_a_day_on_which_clocks_change_has_23_or_25_hours(day: str, hours: int) -> None:
    window = day_window(date.fromisoformat(day), ZoneInfo("Europe/Berlin"))
    assert window.duration == hours * HOUR


def test_a_day_that_a_zone_jumped_over_is_empty() -> None:
    assert day_window(date(2011, 12, 30), ZoneInfo("Pacific/Apia")).seconds == 0


@given(days, zones)
def test_consecutive_days_tile_time_without_gap_or_overlap(day: date, zone: ZoneInfo) -> None:
    assert day_window(day, zone).end == day_window(day + timedelta(days=1), zone).start


@given(moments, zones)
def test_every_moment_lies_in_the_window_of_its_local_day(moment: datetime, zone: ZoneInfo) -> None:
    assert moment in day_window(local_day(moment, zone), zone)


@pytest.mark.parametrize(
    ("text", "in_utc"),
    [
        ("2026-03-29", "2026-03-28T16:00:00"),
        ("2026-03-29T12:00", "2026-03-29T04:00:00"),
        (" 2026-03-29 12:00:00Z ", "2026-03-29T12:00:00"),
        ("2026-03-29T12:00:00-05:00", "2026-03-29T17:00:00"),
    ],
)
def test_a_time_without_an_offset_is_one_of_the_zone(text: str, in_utc: str) -> None:
    found = parse_time(text, ZoneInfo("Asia/Shanghai"))
    assert found == datetime.fromisoformat(in_utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday", "12:00", "2026-13-01", "1767225600"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the caller says what was wrong, and where
        parse_time(text, ZoneInfo("UTC"))
