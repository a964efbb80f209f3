from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.coverage import Coverage, Stretch, coverage, stretches
from ops_pipelines.report import Status
from ops_pipelines.window import Window, day_window

START = datetime(2026, 7, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = Window(START, START + 60 * MINUTE)
HEALTHY, DEGRADED, UNKNOWN, UNHEALTHY = Status

Readings = list[tuple[datetime, Status]]


def at(minute: float, status: Status) -> tuple[datetime, Status]:
    return START + minute * MINUTE, status


def told(readings: Readings, window: Window = HOUR) -> list[tuple[float, float, str]]:
    """Each stretch as (from minute, to minute, status), sampled every minute."""
    return [
        ((s.window.start - START) / MINUTE, (s.window.end - START) / MINUTE, str(s.status))
        for s in stretches(readings, window, MINUTE)
    ]


def seconds(readings: Readings, window: Window = HOUR) -> dict[Status, float]:
    return coverage(stretches(readings, window, MINUTE)).seconds


# Readings in milliseconds from ten minutes before the window to ten minutes after it.
readings_around: st.SearchStrategy[Readings] = st.lists(
    st.tuples(st.integers(-600_000, 4_200_000), st.sampled_from(Status)), max_size=40
).map(lambda found: [(START + timedelta(milliseconds=ms), status) for ms, status in sorted(found)])
windows = st.tuples(st.integers(0, 3_600_000), st.integers(0, 3_600_000)).map(
    lambda ends: Window(*(START + timedelta(milliseconds=ms) for ms in sorted(ends)))
)


def test_a_reading_speaks_until_the_next_one() -> None:
    every_minute = [at(m, UNHEALTHY if 20 <= m < 23 else HEALTHY) for m in range(60)]
    assert told(every_minute) == [
        (0, 20, "healthy"),
        (20, 23, "unhealthy"),
        (23, 60, "healthy"),
    ]


def test_one_missed_reading_is_bridged() -> None:
    assert told([at(0, HEALTHY), at(2, HEALTHY)], Window(START, START + 3 * MINUTE)) == [
        (0, 3, "healthy")
    ]


def test_a_gap_longer_than_two_intervals_is_unknown_after_one_interval() -> None:
    just_longer = 2.001
    found = told([at(0, HEALTHY), at(just_longer, HEALTHY)], Window(START, START + 3 * MINUTE))
    assert found == [(0, 1, "healthy"), (1, 2.001, "unknown"), (2.001, 3, "healthy")]


def test_time_before_the_first_and_after_the_last_reading_is_unknown() -> None:
    assert told([at(30, HEALTHY)]) == [
        (0, 30, "unknown"),
        (30, 31, "healthy"),
        (31, 60, "unknown"),
    ]


def test_a_reading_before_the_window_reaches_into_it() -> None:
    assert told([at(-0.5, HEALTHY), at(1, DEGRADED)])[0] == (0, 1, "healthy")
    assert told([at(-5, HEALTHY), at(1, DEGRADED)])[0] == (0, 1, "unknown")


def test_no_reading_at_all_leaves_the_whole_window_unknown() -> None:
    assert told([]) == [(0, 60, "unknown")]


def test_an_empty_window_has_no_stretches_and_no_ratios() -> None:
    empty = Window(START, START)
    found = coverage(stretches([at(0, HEALTHY)], empty, MINUTE))
    assert sum(found.seconds.values()) == 0
    assert found.availability_ratio is None
    assert found.coverage_ratio is None


def test_of_two_readings_at_one_time_the_later_one_counts() -> None:
    assert told([at(0, HEALTHY), at(0, UNHEALTHY)], Window(START, START + MINUTE)) == [
        (0, 1, "unhealthy")
    ]


def test_availability_is_the_share_of_known_time_that_was_not_unhealthy() -> None:
    found = Coverage({HEALTHY: 60.0, DEGRADED: 20.0, UNHEALTHY: 20.0, UNKNOWN: 100.0})
    assert found.known_seconds == 100
    assert found.availability_ratio == pytest.approx(0.8)
    assert found.coverage_ratio == pytest.approx(0.5)


def test_a_moment_down_in_an_unknown_year_is_no_availability_at_all() -> None:
    found = Coverage({HEALTHY: 0.0, DEGRADED: 0.0, UNHEALTHY: 1e-6, UNKNOWN: 3e7})
    assert found.availability_ratio == 0


def test_unknown_time_makes_no_service_available() -> None:
    found = coverage([Stretch(HOUR, UNKNOWN)])
    assert found.availability_ratio is None
    assert found.coverage_ratio == 0


@pytest.mark.parametrize(("day", "hours"), [(28, 24), (29, 23)])
def test_a_day_on_which_clocks_change_adds_up_to_its_true_length(day: int, hours: int) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    window = day_window(datetime(2026, 3, day, tzinfo=UTC).date(), berlin)
    local = [(window.start + n * MINUTE).astimezone(berlin) for n in range(hours * 60)]
    assert seconds([(moment, HEALTHY) for moment in local], window) == {
        HEALTHY: hours * 3600,
        DEGRADED: 0,
        UNKNOWN: 0,
        UNHEALTHY: 0,
    }


@given(readings_around, windows)
def test_stretches_tile_the_window_without_gap_or_overlap(
    readings: Readings, window: Window
) -> None:
    found = stretches(readings, window, MINUTE)
    edges = [window.start, *(s.window.end for s in found)]
    assert [s.window.start for s in found] == edges[:-1]
    assert edges[-1] == window.end
    assert all(s.window.seconds > 0 for s in found)
    assert all(a.status is not b.status for a, b in pairwise(found))


@given(readings_around, windows)
def test_seconds_add_up_to_the_window(readings: Readings, window: Window) -> None:
    found = coverage(stretches(readings, window, MINUTE))
    assert sum(found.seconds.values()) == pytest.approx(window.seconds)
    for ratio in (found.availability_ratio, found.coverage_ratio):
        assert ratio is None or 0 <= ratio <= 1


@given(readings_around, windows, st.data())
def test_sampling_twice_as_often_changes_nothing(
    readings: Readings, window: Window, data: st.DataObject
) -> None:
    more = readings[:1]
    for (moment, status), (following, next_status) in pairwise(readings):
        if following - moment <= 2 * MINUTE and data.draw(st.booleans()):
            share = data.draw(st.floats(0, 1))
            more.append((moment + share * (following - moment), status))
        more.append((following, next_status))
    assert stretches(more, window, MINUTE) == stretches(readings, window, MINUTE)


@given(readings_around, windows)
def test_a_gap_longer_than_two_intervals_is_never_bridged(
    readings: Readings, window: Window
) -> None:
    unknown = [s.window for s in stretches(readings, window, MINUTE) if s.status is UNKNOWN]
    for (moment, _), (following, _) in pairwise(readings):
        start, end = max(moment + MINUTE, window.start), min(following, window.end)
        if following - moment > 2 * MINUTE and start < end:
            assert any(w.start <= start and end <= w.end for w in unknown)


@given(readings_around, st.integers(0, 3_600_000))
def test_two_windows_that_meet_say_together_what_the_whole_one_says(
    readings: Readings, cut_ms: int
) -> None:
    cut = START + timedelta(milliseconds=cut_ms)
    # Where the readings end, how long the last one speaks depends on the window's own end.
    known = [*readings, *(at(m, HEALTHY) for m in range(80, 90))]
    parts = [seconds(known, part) for part in (Window(HOUR.start, cut), Window(cut, HOUR.end))]
    together = {status: parts[0][status] + parts[1][status] for status in Status}
    assert together == pytest.approx(seconds(known))
