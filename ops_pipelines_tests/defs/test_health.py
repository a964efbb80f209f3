import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import dagster as dg
import pytest

from ops_pipelines.definitions import build
from ops_pipelines.defs import health as shell
from ops_pipelines.defs.health_sensor import health_sensor
from ops_pipelines.settings.load import Loaded
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import samples
from ops_pipelines_tests.answering import Answers, answering, service_at

NOON = datetime(2026, 11, 24, 12, 0, 7, tzinfo=UTC)
TODAY = "2026-11-24"


class SetClock:
    """A clock that stands where the test puts it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def answers() -> Iterator[Answers]:
    with answering() as found:
        yield found


@pytest.fixture
def service(tmp_path: Path, answers: Answers) -> Service:
    return service_at(tmp_path, answers.address)


def keep_samples(service: Service, start: datetime, minutes: int, status: str) -> None:
    times = [(start + timedelta(minutes=minute)).isoformat() for minute in range(minutes)]
    samples.append(
        service.samples_folder,
        (
            {"at": at, "slot": at, "check": "api", "readings": [{"status": status, "seconds": 0.1}]}
            for at in times
        ),
    )


def make_reports(
    service: Service, instance: dg.DagsterInstance, first: str, last: str, now: datetime = NOON
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [shell.health_report(service)],
        instance=instance,
        tags={
            "dagster/asset_partition_range_start": first,
            "dagster/asset_partition_range_end": last,
        },
        resources={"clock": SetClock(now)},
        raise_on_error=False,
    )


def materialize_samples(
    service: Service, instance: dg.DagsterInstance, now: datetime = NOON
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [shell.health_samples(service)], instance=instance, resources={"clock": SetClock(now)}
    )


def evaluations(result: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    return {found.check_name: found for found in result.get_asset_check_evaluations()}


def tick(
    service: Service, instance: dg.DagsterInstance, now: datetime = NOON
) -> dg.SkipReason | dg.RunRequest:
    context = dg.build_sensor_context(instance=instance, resources={"clock": SetClock(now)})
    found = health_sensor([service])(context)
    assert isinstance(found, dg.SkipReason)
    return found


def observations(service: Service, instance: dg.DagsterInstance) -> int:
    key = dg.AssetKey([service.key, "health_samples"])
    return len(instance.fetch_observations(key, limit=100).records)


def test_materializing_the_samples_makes_one_round_and_says_how_it_is(
    service: Service, instance: dg.DagsterInstance
) -> None:
    result = materialize_samples(service, instance)
    assert len(samples.newest(service.samples_folder)) == 4
    assert {name: e.passed for name, e in evaluations(result).items()} == {
        "service_is_healthy": True,
        "samples_are_fresh": True,
    }


def test_an_unhealthy_component_fails_the_check_as_an_error(
    service: Service, instance: dg.DagsterInstance, answers: Answers
) -> None:
    answers.bodies["/api/health/llm"] = {"status": "unhealthy"}
    check = evaluations(materialize_samples(service, instance))["service_is_healthy"]
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.ERROR


def test_a_component_that_cannot_be_told_fails_the_check_as_a_warning(
    service: Service, instance: dg.DagsterInstance, answers: Answers
) -> None:
    answers.bodies["/api/health/llm"] = "<html>"
    check = evaluations(materialize_samples(service, instance))["service_is_healthy"]
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.WARN


def test_a_sampler_that_stands_still_fails_the_freshness_check(
    service: Service, instance: dg.DagsterInstance
) -> None:
    keep_samples(service, NOON - timedelta(hours=2), 60, "healthy")
    check = evaluations(materialize_samples(service, instance))["samples_are_fresh"]
    assert not check.passed
    assert check.metadata["age_seconds"].value == pytest.approx(3660, abs=1)


def test_a_range_of_days_gives_each_day_its_own_report(
    service: Service, instance: dg.DagsterInstance
) -> None:
    keep_samples(service, NOON - timedelta(days=2, hours=13), 60, "healthy")
    keep_samples(service, NOON - timedelta(days=1), 60, "unhealthy")
    assert make_reports(service, instance, "2026-11-21", TODAY).success
    records = instance.fetch_materializations(
        dg.AssetKey(["rag", "health_report"]), limit=100
    ).records
    found = {
        str(record.partition_key): record.asset_materialization.metadata
        for record in records
        if record.asset_materialization
    }
    assert sorted(found) == ["2026-11-21", "2026-11-22", "2026-11-23", TODAY]
    statuses = {
        day: metadata["availability_ratio"].value
        for day, metadata in found.items()
        if "availability_ratio" in metadata
    }
    assert statuses == {"2026-11-21": 1.0, "2026-11-22": 1.0, "2026-11-23": 0.0}


def test_the_report_is_also_found_where_the_guide_has_it(
    service: Service, instance: dg.DagsterInstance
) -> None:
    keep_samples(service, NOON - timedelta(hours=1), 61, "healthy")
    make_reports(service, instance, TODAY, TODAY)
    found = json.loads(Path(service.data_dir, "health_reports", "health_20261124.json").read_text())
    assert found["overall_status"] == "healthy"
    assert set(found["components"]["api"]) == {"status", "response_time", "last_check", "error"}
    assert found["complete"] is False


def test_a_day_whose_samples_are_gone_keeps_its_report(
    service: Service, instance: dg.DagsterInstance
) -> None:
    keep_samples(service, NOON - timedelta(days=1, hours=1), 61, "healthy")
    make_reports(service, instance, "2026-11-23", "2026-11-23")
    current = Path(service.data_dir, "health_report", "2026-11-23.json")
    before = current.read_bytes()
    samples.prune(service.samples_folder, NOON.date())
    assert make_reports(service, instance, "2026-11-23", "2026-11-23").success
    assert current.read_bytes() == before


def test_the_sensor_makes_one_round_a_slot(
    service: Service, instance: dg.DagsterInstance, answers: Answers
) -> None:
    tick(service, instance)
    asked = len(answers.requests)
    tick(service, instance, NOON + timedelta(seconds=30))
    assert len(answers.requests) == asked
    tick(service, instance, NOON + timedelta(seconds=60))
    assert len(answers.requests) == 2 * asked


def test_the_sensor_reports_a_change_and_each_hour_and_nothing_else(
    service: Service, instance: dg.DagsterInstance, answers: Answers
) -> None:
    tick(service, instance)
    assert observations(service, instance) == 1, "the first round is a change"
    for minute in range(1, 5):
        tick(service, instance, NOON + timedelta(minutes=minute))
    assert observations(service, instance) == 1
    answers.bodies["/api/health/llm"] = {"status": "down"}
    tick(service, instance, NOON + timedelta(minutes=5))
    assert observations(service, instance) == 2
    tick(service, instance, NOON + timedelta(minutes=60))
    assert observations(service, instance) == 3


def test_one_service_that_cannot_be_kept_does_not_end_the_round_of_the_others(
    tmp_path: Path, answers: Answers, instance: dg.DagsterInstance
) -> None:
    blocked = service_at(tmp_path, answers.address, "blocked")
    well = service_at(tmp_path, answers.address, "well")
    Path(blocked.state_dir).parent.mkdir(parents=True)
    Path(blocked.state_dir).write_text("a file where a folder is wanted")
    context = dg.build_sensor_context(instance=instance, resources={"clock": SetClock()})
    health_sensor([blocked, well])(context)
    assert len(samples.newest(well.samples_folder)) == 4


def test_the_hourly_schedule_names_today_and_the_daily_one_yesterday_in_the_services_timezone(
    tmp_path: Path, answers: Answers
) -> None:
    service = service_at(tmp_path, answers.address, timezone="Asia/Shanghai")
    repository = build(Loaded((service,), ())).get_repository_def()
    after_midnight = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # 00:30 of the 25th in Shanghai
    found = {}
    for name in ("rag_hourly_schedule", "rag_daily_schedule"):
        context = dg.build_schedule_context(
            scheduled_execution_time=after_midnight, repository_def=repository
        )
        data = repository.get_schedule_def(name).evaluate_tick(context)
        assert data.run_requests
        found[name] = data.run_requests[0].partition_key
    assert found == {"rag_hourly_schedule": "2026-11-25", "rag_daily_schedule": "2026-11-24"}


def test_samples_are_kept_as_long_as_the_settings_say(
    tmp_path: Path, answers: Answers, instance: dg.DagsterInstance
) -> None:
    service = service_at(tmp_path, answers.address, keep={"samples_days": 2})
    for days in (1, 2, 3, 4):
        keep_samples(service, NOON - timedelta(days=days), 1, "healthy")
    materialize_samples(service, instance)
    assert [day.isoformat() for day in samples.days(service.samples_folder)] == [
        "2026-11-22", "2026-11-23", "2026-11-24",
    ]  # fmt: skip


# Telling people


@pytest.fixture
def inbox() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """An address that takes messages, and those that it has taken."""
    taken: list[dict[str, str]] = []

    class Inbox(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Inbox)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"json://127.0.0.1:{server.server_port}/", taken
    server.shutdown()
    server.server_close()


YESTERDAY = "2026-11-23"


def with_channel(tmp_path: Path, url: str, minimum: str = "warning") -> Service:
    channel = {"name": "ops", "url": url, "minimum_severity": minimum}
    return service_at(
        tmp_path,
        "http://127.0.0.1:1",
        ui_url="http://ui:3000/",
        health={"checks": [{"name": "api", "url": "/", "status": "status"}]},
        alerts={"channels": [channel]},
    )


def report_yesterday(
    service: Service, instance: dg.DagsterInstance, **tags: str
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [shell.health_report(service)],
        instance=instance,
        partition_key=YESTERDAY,
        tags=tags,
        resources={"clock": SetClock()},
    )


SCHEDULED = {"dagster/schedule_name": "rag_daily_schedule"}


def test_a_day_with_an_incident_is_told_once_by_the_schedule(
    tmp_path: Path, instance: dg.DagsterInstance, inbox: tuple[str, list[dict[str, str]]]
) -> None:
    url, taken = inbox
    service = with_channel(tmp_path, url)
    keep_samples(service, NOON - timedelta(days=1, hours=2), 30, "unhealthy")
    keep_samples(service, NOON - timedelta(days=1, minutes=90), 810, "healthy")
    report_yesterday(service, instance)
    assert taken == [], "made by hand"
    report_yesterday(service, instance, **SCHEDULED)
    report_yesterday(service, instance, **SCHEDULED)
    assert len(taken) == 1
    assert taken[0]["title"] == "rag on 2026-11-23: healthy at the end"
    assert "api was not well for 30 min" in taken[0]["message"]
    assert "http://ui:3000/assets/rag/health_report?partition=2026-11-23" in taken[0]["message"]


def test_a_day_without_trouble_is_not_told(
    tmp_path: Path, instance: dg.DagsterInstance, inbox: tuple[str, list[dict[str, str]]]
) -> None:
    url, taken = inbox
    service = with_channel(tmp_path, url)
    keep_samples(service, NOON - timedelta(days=1, hours=12), 1440, "healthy")
    report_yesterday(service, instance, **SCHEDULED)
    assert taken == []


def test_a_channel_that_wants_worse_is_not_told(
    tmp_path: Path, instance: dg.DagsterInstance, inbox: tuple[str, list[dict[str, str]]]
) -> None:
    url, taken = inbox
    service = with_channel(tmp_path, url, minimum="critical")
    keep_samples(service, NOON - timedelta(days=1, hours=2), 30, "unhealthy")
    keep_samples(service, NOON - timedelta(days=1, minutes=90), 810, "healthy")
    report_yesterday(service, instance, **SCHEDULED)
    assert taken == []


def test_a_channel_that_did_not_take_the_message_is_tried_again(
    tmp_path: Path, instance: dg.DagsterInstance, inbox: tuple[str, list[dict[str, str]]]
) -> None:
    url, taken = inbox
    service = with_channel(tmp_path, "json://127.0.0.1:1/")
    keep_samples(service, NOON - timedelta(days=1, hours=2), 30, "unhealthy")
    assert report_yesterday(service, instance, **SCHEDULED).success
    service = with_channel(tmp_path, url)
    report_yesterday(service, instance, **SCHEDULED)
    assert len(taken) == 1
