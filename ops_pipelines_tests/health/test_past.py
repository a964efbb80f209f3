"""From day to day: incidents cross midnight, pruned samples change nothing, losses are missed."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.health import reports
from ops_pipelines.health.reading import Reading
from ops_pipelines.health.sampler import sample_of
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import samples
from ops_pipelines.window import day_window
from ops_pipelines_tests.health.rounds import service_from

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FILE = """
name: rag
base_url: http://127.0.0.1:1
timezone: {zone}
health:
  checks:
    - {{name: api, url: /, components: parts}}
"""
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (23, 24, 25))


def service_at(folder: Path, zone: str = "UTC") -> Service:
    return service_from(folder, FILE.format(zone=zone))


def reading(name: str | None, status: Status) -> Reading:
    reason = None if status is Status.HEALTHY else Reason("health.says", {"word": "down"})
    return Reading("api", name, status, 0.1, reason)


def keep(
    service: Service,
    start: datetime,
    minutes: int,
    status: Status = Status.HEALTHY,
    parts: Sequence[str] = (),
) -> None:
    """A round a minute, in which the check is in `status` and reports healthy `parts`."""
    slots = (start + minute * MINUTE for minute in range(minutes))
    well = [reading(part, Status.HEALTHY) for part in parts]
    found = (sample_of(slot, slot, [reading(None, status), *well]) for slot in slots)
    samples.append(service.samples_folder, found)


def facts_of(service: Service, day: date, now: datetime | None = None) -> dict[str, Any]:
    now = now or day_window(day, service.zone).end + timedelta(hours=1)
    facts: dict[str, Any] = reports.make(service, day, now).document["facts"]
    return facts


def incidents(facts: dict[str, Any]) -> list[tuple[str, str | None]]:
    """From when to when each lasted, without date and offset."""
    return [(i["start"][11:16], i["end"] and i["end"][11:16]) for i in facts["incidents"]]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def a_night_of_trouble(service: Service) -> None:
    """Unhealthy from 23:50 on Monday to 00:10 on Tuesday."""
    keep(service, at(MONDAY, 23, 0), 50)
    keep(service, at(MONDAY, 23, 50), 20, Status.UNHEALTHY)
    keep(service, at(TUESDAY, 0, 10), 50)


# Midnight


def test_an_incident_over_midnight_is_one_and_stands_in_both_days(tmp_path: Path) -> None:
    service = service_at(tmp_path)
    a_night_of_trouble(service)
    assert incidents(facts_of(service, MONDAY)) == [("23:50", None)]
    assert incidents(facts_of(service, TUESDAY)) == [("23:50", "00:10")]
    assert incidents(facts_of(service, WEDNESDAY)) == []


def test_a_day_is_the_same_whether_the_day_before_has_a_report_or_only_samples(
    tmp_path: Path,
) -> None:
    service = service_at(tmp_path)
    keep(service, at(MONDAY, 23, 57), 3, Status.UNHEALTHY)
    keep(service, at(TUESDAY, 0), 30, Status.UNHEALTHY)
    assert incidents(facts_of(service, TUESDAY)) == [("23:57", None)]
    facts_of(service, MONDAY)
    assert incidents(facts_of(service, TUESDAY)) == [("23:57", None)]


def test_samples_that_are_pruned_change_nothing(tmp_path: Path) -> None:
    service = service_at(tmp_path)
    a_night_of_trouble(service)
    keep(service, at(TUESDAY, 23), 60, Status.UNHEALTHY)
    keep(service, at(WEDNESDAY, 0), 60)
    before = [facts_of(service, day) for day in (MONDAY, TUESDAY, WEDNESDAY)]
    samples.prune(service.samples_folder, WEDNESDAY)
    after = [facts_of(service, day) for day in (MONDAY, TUESDAY, WEDNESDAY)]
    assert after == before
    assert incidents(after[2]) == [("23:00", "00:00")]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Asia/Shanghai", date(2026, 3, 29), 24),
    ],
)
def test_days_on_which_clocks_change_are_no_borders(
    tmp_path: Path, zone: str, day: date, hours: int
) -> None:
    service = service_at(tmp_path, zone)
    window = day_window(day, service.zone)
    minutes = round(window.seconds / 60)
    keep(service, window.start - 10 * MINUTE, minutes + 20, Status.UNHEALTHY)
    keep(service, window.end + 10 * MINUTE, 10)
    earlier, now, later = (facts_of(service, day + back * DAY) for back in (-1, 0, 1))
    assert now["seconds"]["unhealthy"] == hours * 3600
    assert now["coverage_ratio"] == 1
    starts = {found["incidents"][0]["start"] for found in (earlier, now, later)}
    assert [len(found["incidents"]) for found in (earlier, now, later)] == [1, 1, 1]
    assert len(starts) == 1
    assert later["incidents"][0]["duration_seconds"] == (minutes + 20) * 60


@given(
    st.lists(st.sampled_from([Status.HEALTHY, Status.UNHEALTHY]), min_size=3, max_size=40),
    st.integers(1, 39),
)
def test_wherever_midnight_falls_the_incidents_are_the_same(
    tmp_path_factory: pytest.TempPathFactory, statuses: list[Status], before: int
) -> None:
    """The last of two days tells the same incidents as one day that holds all rounds."""

    def told(first: datetime) -> Iterable[tuple[Any, ...]]:
        service = service_at(tmp_path_factory.mktemp("rounds"))
        for number, status in enumerate(statuses):
            keep(service, first + number * MINUTE, 1, status)
        days = [facts_of(service, day)["incidents"] for day in (MONDAY, TUESDAY)]
        last = {i["start"]: i for day in days for i in day}
        for found in last.values():
            start, end = datetime.fromisoformat(found["start"]), found["end"]
            ended = end and (datetime.fromisoformat(end) - first) / MINUTE
            yield (start - first) / MINUTE, ended, found["status"]

    assert list(told(at(TUESDAY, 0) - before * MINUTE)) == list(told(at(TUESDAY, 12)))


# What is no longer reported


def test_a_component_that_is_no_longer_reported_is_unknown_and_named(tmp_path: Path) -> None:
    service = service_at(tmp_path)
    keep(service, at(MONDAY, 0), 1440, parts=["llm", "cache"])
    keep(service, at(TUESDAY, 0), 1440, parts=["llm"])
    facts_of(service, MONDAY)
    found = reports.make(service, TUESDAY, at(WEDNESDAY, 1))
    assert found.document["facts"]["components"]["cache"]["status"] == "unknown"
    assert ("cache", "health.component_unknown") in [(f.subject, f.code) for f in found.findings]
    assert found.document["facts"]["overall_status"] == "unknown"


def test_it_is_missed_for_seven_days(tmp_path: Path) -> None:
    service = service_at(tmp_path)
    keep(service, at(MONDAY, 12), 60, parts=["llm", "cache"])
    days = [MONDAY + number * DAY for number in range(9)]
    for day in days[1:]:
        keep(service, at(day, 23), 60, parts=["llm"])
    known = ["cache" in facts_of(service, day)["components"] for day in days]
    # The last time that it is missed is shortly before the midnight of the eighth day.
    assert known == [True] * 8 + [False]


# Time that is not known


def test_a_suspended_machine_leaves_a_gap_and_no_incident(tmp_path: Path) -> None:
    service = service_at(tmp_path)
    keep(service, at(MONDAY, 0), 60)
    keep(service, at(MONDAY, 6), 18 * 60)
    found = facts_of(service, MONDAY)
    assert found["seconds"]["unknown"] == 5 * 3600
    assert found["incidents"] == []
    assert found["overall_status"] == "healthy"


def test_a_clock_that_ran_ahead_and_was_set_back_tells_no_time_twice(tmp_path: Path) -> None:
    service = service_at(tmp_path)
    keep(service, at(MONDAY, 0), 60)
    keep(service, at(MONDAY, 5), 3)  # it ran ahead
    keep(service, at(MONDAY, 1), 23 * 60)
    found = facts_of(service, MONDAY)
    assert sum(found["seconds"].values()) == 86_400
    assert found["components"]["api"]["probes"] == 1440
    assert found["coverage_ratio"] == 1


def test_that_the_checker_was_offline_is_said_once(tmp_path: Path) -> None:
    service = service_at(tmp_path)
    reason = Reason("health.offline", {"reference": "http://example.com/"})
    off = Reading("api", None, Status.UNKNOWN, reason=reason, asked=False)
    keep(service, at(MONDAY, 0), 60)
    slots = (at(MONDAY, 1) + minute * MINUTE for minute in range(30))
    samples.append(service.samples_folder, (sample_of(slot, slot, [off]) for slot in slots))
    keep(service, at(MONDAY, 1, 30), 22 * 60 + 30)
    found = reports.make(service, MONDAY, at(TUESDAY, 1))
    assert [(f.code, f.facts) for f in found.findings] == [("health.was_offline", {"minutes": 30})]
    assert found.document["facts"]["seconds"]["unknown"] == 1800
    assert found.document["facts"]["incidents"] == []
