import gzip
import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow.parquet as pq
import pytest
from dagster._core.definitions.observe import observe

from ops_pipelines.definitions import build
from ops_pipelines.defs import logs as shell
from ops_pipelines.defs.log_days import LATE_TAG
from ops_pipelines.defs.log_sensor import log_sensor
from ops_pipelines.settings.load import Loaded
from ops_pipelines.settings.service import Service
from ops_pipelines_tests.answering import service_at
from ops_pipelines_tests.defs.test_health import SetClock

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAYS = [date(2026, 11, day) for day in (21, 22, 23)]
ROLLUP, REPORT = dg.AssetKey(["rag", "log_rollup"]), dg.AssetKey(["rag", "log_report"])


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the log lies: a file for each of three days, the oldest compressed."""
    folder = tmp_path / "logs"
    folder.mkdir()
    for back, day in enumerate(reversed(DAYS), 1):
        content = lines_of(day)
        if back == 3:
            (folder / f"app.log.{back}.gz").write_bytes(gzip.compress(content, mtime=0))
        else:
            (folder / f"app.log.{back}").write_bytes(content)
    (folder / "app.log").write_bytes(b"")
    return folder


@pytest.fixture
def service(tmp_path: Path, folder: Path) -> Service:
    return logged_service(tmp_path, folder)


def logged_service(tmp_path: Path, folder: Path, **logs: Any) -> Service:
    return service_at(
        tmp_path, "http://127.0.0.1:1", logs={"files": [str(folder / "app.log*")], **logs}
    )


def line(at: datetime, error: str | None = None, seconds: float = 0.5) -> bytes:
    found = {
        "timestamp": at.isoformat(),
        "level": "ERROR" if error else "INFO",
        "message": "request failed" if error else "request done",
        "endpoint": "/api/query",
        "provider": "local",
        "model": "qwen3",
        "response_time": seconds,
        "error_type": error,
    }
    return json.dumps(found).encode() + b"\n"


def lines_of(day: date, count: int = 240, errors: int = 2, kind: str = "timeout") -> bytes:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    step = timedelta(days=1) / count
    return b"".join(
        line(start + step * n, kind if n < errors else None, 0.4 + 0.001 * n) for n in range(count)
    )


def make_days(
    service: Service,
    instance: dg.DagsterInstance,
    first: date,
    last: date | None = None,
    *,
    now: datetime = NOON,
    selection: list[dg.AssetKey] | None = None,
    tags: Mapping[str, str] | None = None,
) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [shell.log_days(service)],
        instance=instance,
        selection=selection,
        tags={
            "dagster/asset_partition_range_start": str(first),
            "dagster/asset_partition_range_end": str(last or first),
            **(tags or {}),
        },
        resources={"clock": SetClock(now)},
        raise_on_error=False,
    )


def events(
    instance: dg.DagsterInstance, key: dg.AssetKey
) -> dict[str, list[dg.AssetMaterialization]]:
    """The events of each day, the newest first."""
    found: dict[str, list[dg.AssetMaterialization]] = {}
    for record in instance.fetch_materializations(key, limit=1000).records:
        assert record.asset_materialization
        found.setdefault(str(record.partition_key), []).append(record.asset_materialization)
    return found


def shown(instance: dg.DagsterInstance, key: dg.AssetKey, day: date) -> dict[str, Any]:
    metadata = events(instance, key)[str(day)][0].metadata
    return {name: value.value for name, value in metadata.items()}


def evaluations(
    result: dg.ExecuteInProcessResult,
) -> dict[tuple[str, str | None], dg.AssetCheckEvaluation]:
    return {(e.check_name, e.partition): e for e in result.get_asset_check_evaluations()}


def document(service: Service, day: date) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        Path(service.data_dir, "log_report", f"{day}.json").read_text()
    )
    return found


def failures(result: dg.ExecuteInProcessResult) -> Mapping[str, Any]:
    data = result.get_step_failure_events()[0].step_failure_data.user_failure_data
    assert data
    return {name: value.value for name, value in data.metadata.items()}


# A range of days


def test_a_range_is_one_run_with_one_event_a_day_and_its_own_figures(
    service: Service, instance: dg.DagsterInstance
) -> None:
    assert make_days(service, instance, DAYS[0], DAYS[-1]).success
    for key in (ROLLUP, REPORT):
        found = events(instance, key)
        assert sorted(found) == list(map(str, DAYS))
        assert all(len(each) == 1 for each in found.values())
        assert len({(e[0].tags or {})["dagster/data_version"] for e in found.values()}) == 3
    assert [shown(instance, REPORT, day)["total_requests"] for day in DAYS] == [240] * 3
    assert shown(instance, ROLLUP, DAYS[0])["lines_accepted"] == 240


def test_each_day_has_its_tables_and_its_document(
    service: Service, instance: dg.DagsterInstance
) -> None:
    make_days(service, instance, DAYS[0], DAYS[-1])
    for asset in ("log_rollup", "log_latency", "log_minutes", "log_reuse"):
        for day in DAYS:
            assert Path(service.data_dir, asset, f"{day}.parquet").is_file()
    hours = pq.read_table(Path(service.data_dir, "log_rollup", f"{DAYS[0]}.parquet"))
    assert sum(hours["lines"].to_pylist()) == 240
    assert sum(hours["errors"].to_pylist()) == 2
    found = document(service, DAYS[1])
    assert found["facts"]["lines"]["read"] == 240
    assert found["complete"] is True
    guide = Path(service.data_dir, "log_reports", f"log_{DAYS[1]:%Y%m%d}.json")
    assert json.loads(guide.read_text()) == found


def test_a_backfill_reads_every_byte_once(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    result = make_days(service, instance, DAYS[0], DAYS[-1])
    assert result.success
    size = sum(file.stat().st_size for file in folder.iterdir())
    assert said(instance, result).count(f"read what was new: {size / (1 << 20):.1f} MiB") == 1
    again = make_days(service, instance, DAYS[0], DAYS[-1])
    assert "read what was new: 0.0 MiB" in said(instance, again)


def said(instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> str:
    return "\n".join(entry.user_message for entry in instance.all_logs(result.run_id))


def test_the_same_day_again_has_the_same_version_and_the_same_bytes(
    service: Service, instance: dg.DagsterInstance
) -> None:
    make_days(service, instance, DAYS[1])
    kept = {p: p.read_bytes() for p in Path(service.data_dir).rglob("*.*") if p.is_file()}
    make_days(service, instance, DAYS[1], now=NOON + timedelta(hours=3))
    assert {p: p.read_bytes() for p in Path(service.data_dir).rglob("*.*") if p.is_file()} == kept
    versions = [
        (e.tags or {})["dagster/data_version"] for e in events(instance, ROLLUP)["2026-11-22"]
    ]
    assert len(versions) == 2
    assert len(set(versions)) == 1


def test_rotation_and_compression_change_no_version(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    make_days(service, instance, DAYS[0], DAYS[-1])
    for back in (2, 1):
        old = folder / f"app.log.{back}"
        new = folder / f"app.log.{back + 1}.old.gz"
        new.write_bytes(gzip.compress(old.read_bytes(), mtime=0))
        old.unlink()
    make_days(service, instance, DAYS[0], DAYS[-1])
    for key in (ROLLUP, REPORT):
        for found in events(instance, key).values():
            assert len({(e.tags or {})["dagster/data_version"] for e in found}) == 1


def test_what_was_not_selected_gets_no_event(
    service: Service, instance: dg.DagsterInstance
) -> None:
    assert make_days(service, instance, DAYS[0], selection=[ROLLUP]).success
    assert set(events(instance, ROLLUP)) == {"2026-11-21"}
    assert events(instance, REPORT) == {}


# A bad day in the middle


def test_a_day_that_cannot_be_stored_fails_alone_with_its_reason(
    service: Service, instance: dg.DagsterInstance
) -> None:
    Path(service.data_dir, "log_rollup").mkdir(parents=True)
    Path(service.data_dir, "log_rollup", f"{DAYS[1]}").write_text("in the way")
    result = make_days(service, instance, DAYS[0], DAYS[-1])
    assert not result.success
    assert set(failures(result)) == {"2026-11-22"}
    assert sorted(events(instance, ROLLUP)) == ["2026-11-21", "2026-11-23"]
    Path(service.data_dir, "log_rollup", f"{DAYS[1]}").unlink()
    assert make_days(service, instance, DAYS[1]).success


def test_a_day_before_the_log_began_fails_with_the_day_on_which_it_did(
    service: Service, instance: dg.DagsterInstance
) -> None:
    result = make_days(service, instance, date(2026, 11, 20), DAYS[0])
    assert failures(result) == {
        "2026-11-20": "the files have no line of this day; they begin with 2026-11-21, and nothing "
        "is stored"
    }
    assert sorted(events(instance, ROLLUP)) == ["2026-11-21"]


def test_a_quiet_day_is_a_day_with_a_finding(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    (folder / "app.log.2").unlink()
    assert make_days(service, instance, DAYS[0], DAYS[-1]).success
    assert [f["code"] for f in document(service, DAYS[1])["findings"]] == [
        "logs.quiet_day", "logs.traffic_fell",
    ]  # fmt: skip


def test_without_any_file_nothing_is_made_and_the_reason_is_told(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    shutil.rmtree(folder)
    result = make_days(service, instance, DAYS[0])
    assert "no file matches" in failures(result)["2026-11-21"]


def test_a_log_of_which_no_line_can_be_read_is_shouted(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "app.log").write_text("GET / 200\n" * 50)
    result = make_days(service, instance, DAYS[0])
    assert failures(result)["2026-11-21"] == ("0 of 50 lines can be read; most often: not JSON")


# History is never lost


def test_a_day_whose_files_are_gone_keeps_its_version_and_says_so(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    make_days(service, instance, DAYS[0], DAYS[-1])
    before = {
        path: path.read_bytes()
        for path in Path(service.data_dir).rglob(f"{DAYS[0]}*")
        if path.is_file()
    }
    (folder / "app.log.3.gz").unlink()
    shutil.rmtree(Path(service.state_dir, "log_parts"))
    result = make_days(service, instance, DAYS[0])
    assert result.success
    assert all(path.read_bytes() == content for path, content in before.items())
    assert before
    found = shown(instance, ROLLUP, DAYS[0])
    assert found["kept"]
    assert "it stays" in said(instance, result)
    versions = [
        (e.tags or {})["dagster/data_version"] for e in events(instance, ROLLUP)["2026-11-21"]
    ]
    assert len(set(versions)) == 1


def test_a_day_whose_files_are_gone_is_made_from_what_they_came_to(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    make_days(service, instance, DAYS[0], DAYS[-1])
    (folder / "app.log.3.gz").unlink()
    assert make_days(service, instance, DAYS[0]).success
    assert not shown(instance, ROLLUP, DAYS[0])["kept"]
    assert shown(instance, ROLLUP, DAYS[0])["lines_accepted"] == 240


def test_a_damaged_copy_replaces_nothing(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    make_days(service, instance, DAYS[0], DAYS[-1])
    shutil.rmtree(Path(service.state_dir, "log_parts"))
    whole = (folder / "app.log.3.gz").read_bytes()
    (folder / "app.log.3.gz").write_bytes(whole[: len(whole) // 2])
    result = make_days(service, instance, DAYS[0])
    assert result.success
    assert document(service, DAYS[0])["facts"]["lines"]["read"] == 240
    assert "app.log.3.gz: it is damaged or cut off" in said(instance, result)


def test_a_stored_table_that_somebody_damaged_is_made_again(
    service: Service, instance: dg.DagsterInstance
) -> None:
    make_days(service, instance, DAYS[0])
    table = Path(service.data_dir, "log_rollup", f"{DAYS[0]}.parquet")
    whole = table.read_bytes()
    table.write_bytes(b"nonsense")
    assert make_days(service, instance, DAYS[0]).success
    assert table.read_bytes() == whole


# Late lines, today, the closing


def test_days_to_which_lines_came_late_are_made_anew_and_listed(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    make_days(service, instance, DAYS[0], DAYS[-1])
    with (folder / "app.log").open("ab") as log:
        log.write(line(datetime(2026, 11, 22, 5, tzinfo=UTC)))
        log.write(lines_of(date(2026, 11, 24), 12))
    result = make_days(service, instance, date(2026, 11, 24), tags={LATE_TAG: "true"})
    assert result.success
    assert "lines came late to: 2026-11-22" in said(instance, result)
    assert [len(events(instance, ROLLUP)[str(day)]) for day in DAYS] == [1, 2, 1]
    assert shown(instance, ROLLUP, DAYS[1])["lines_accepted"] == 241
    assert shown(instance, ROLLUP, DAYS[1])["late"]
    again = make_days(service, instance, date(2026, 11, 24), tags={LATE_TAG: "true"})
    assert "lines came late" not in said(instance, again)


def test_days_that_were_never_made_are_not_late(
    service: Service, instance: dg.DagsterInstance
) -> None:
    make_days(service, instance, DAYS[2], tags={LATE_TAG: "true"})
    assert sorted(events(instance, ROLLUP)) == ["2026-11-23"]


def test_a_backfill_by_hand_makes_the_days_that_were_asked_for_and_no_other(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    make_days(service, instance, DAYS[0], DAYS[-1])
    with (folder / "app.log").open("ab") as log:
        log.write(line(datetime(2026, 11, 22, 5, tzinfo=UTC)))
    make_days(service, instance, DAYS[2])
    assert [len(events(instance, ROLLUP)[str(day)]) for day in DAYS] == [1, 1, 2]


def test_a_day_is_complete_once_the_time_for_late_lines_is_over(
    service: Service, instance: dg.DagsterInstance
) -> None:
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    for minutes, complete in ((-60, False), (59, False), (60, True)):
        make_days(service, instance, DAYS[2], now=midnight + timedelta(minutes=minutes))
        assert document(service, DAYS[2])["complete"] is complete


def test_the_schedules_name_today_and_yesterday_in_the_services_timezone(
    tmp_path: Path, folder: Path
) -> None:
    service = service_at(
        tmp_path,
        "http://127.0.0.1:1",
        timezone="Asia/Shanghai",
        logs={"files": [str(folder / "app.log*")], "late_minutes": 90},
    )
    repository = build(Loaded((service,), ())).get_repository_def()
    after_midnight = datetime(2026, 11, 24, 17, 31, tzinfo=UTC)  # 01:31 of the 25th there
    found = {}
    for name in ("rag_logs_hourly_schedule", "rag_logs_closing_schedule"):
        schedule = repository.get_schedule_def(name)
        context = dg.build_schedule_context(
            scheduled_execution_time=after_midnight, repository_def=repository
        )
        data = schedule.evaluate_tick(context)
        assert data.run_requests
        assert data.run_requests[0].tags[LATE_TAG] == "true"
        found[name] = (str(schedule.cron_schedule), data.run_requests[0].partition_key)
    assert found == {
        "rag_logs_hourly_schedule": ("10 * * * *", "2026-11-25"),
        "rag_logs_closing_schedule": ("31 1 * * *", "2026-11-24"),
    }


# Checks


def test_a_good_day_passes_its_checks(service: Service, instance: dg.DagsterInstance) -> None:
    found = evaluations(make_days(service, instance, DAYS[0]))
    assert {name: e.passed for (name, _), e in found.items()} == {
        "lines_are_accounted_for": True, "error_rate_is_normal": True, "latency_is_normal": True,
    }  # fmt: skip
    assert {partition for _, partition in found} == {"2026-11-21"}


def test_many_rejected_lines_turn_the_account_red_with_samples_of_them(
    tmp_path: Path, instance: dg.DagsterInstance, folder: Path
) -> None:
    service = logged_service(tmp_path, folder, max_rejected_ratio=0.01)
    with (folder / "app.log.1").open("ab") as log:
        log.write(b"not json at all, password=hunter2hunter2\n" * 3)
    result = make_days(service, instance, DAYS[2])
    check = evaluations(result)["lines_are_accounted_for", "2026-11-23"]
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.ERROR
    assert check.metadata["lines_rejected"].value == 3
    rows = check.metadata["rejected lines"].value
    assert "app.log.1:241" in str(rows)
    assert [f["code"] for f in document(service, DAYS[2])["findings"]] == ["logs.too_many_rejected"]


def test_an_error_rate_that_rose_fails_its_check_and_no_other(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    (folder / "app.log.1").write_bytes(lines_of(DAYS[2], errors=40))
    result = make_days(service, instance, DAYS[0], DAYS[2])
    found = {
        name: e.passed for (name, day), e in evaluations(result).items() if day == str(DAYS[2])
    }
    assert found == {
        "lines_are_accounted_for": True, "error_rate_is_normal": False, "latency_is_normal": True,
    }  # fmt: skip


def test_new_error_types_are_findings_with_numbers(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    (folder / "app.log.1").write_bytes(lines_of(DAYS[2], errors=5, kind="disk_full"))
    make_days(service, instance, DAYS[0], DAYS[2])
    (finding,) = document(service, DAYS[2])["findings"]
    assert (finding["code"], finding["subject"]) == ("logs.new_error_type", "disk_full")
    assert finding["facts"] == {"count": 5, "days": 2}


# The files


def observed(service: Service, instance: dg.DagsterInstance) -> dict[str, Any]:
    assert observe([shell.service_logs(service)], instance=instance).success
    key = dg.AssetKey(["rag", "service_logs"])
    seen = instance.fetch_observations(key, limit=1).records[0].asset_observation
    assert seen
    metadata = {name: value.value for name, value in seen.metadata.items()}
    return {**metadata, "version": (seen.tags or {})["dagster/data_version"]}


def test_observing_the_files_says_how_many_and_how_large_they_are(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    found = observed(service, instance)
    assert found["file_count"] == 4
    assert found["total_bytes"] == sum(file.stat().st_size for file in folder.iterdir())


def test_the_version_of_the_files_is_of_their_content_alone(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    before = observed(service, instance)["version"]
    content = (folder / "app.log.1").read_bytes()
    (folder / "app.log.1").unlink()
    (folder / "app.log.4.gz").write_bytes(gzip.compress(content))
    assert observed(service, instance)["version"] == before
    with (folder / "app.log").open("ab") as log:
        log.write(line(NOON))
    assert observed(service, instance)["version"] != before


def test_the_sensor_observes_once_an_hour_and_tells_a_missing_report_once(
    service: Service, instance: dg.DagsterInstance, folder: Path
) -> None:
    key = dg.AssetKey(["rag", "service_logs"])
    make_days(service, instance, DAYS[0], DAYS[1])
    cursor = None
    for minutes in (0, 10, 20):
        cursor = tick(service, instance, NOON + timedelta(minutes=minutes), cursor)
    assert len(instance.fetch_observations(key, limit=10).records) == 1
    with (folder / "app.log").open("ab") as log:
        log.write(line(NOON))
    cursor = tick(service, instance, NOON + timedelta(minutes=50), cursor)
    assert len(instance.fetch_observations(key, limit=10).records) == 1
    cursor = tick(service, instance, NOON + timedelta(minutes=60), cursor)
    assert len(instance.fetch_observations(key, limit=10).records) == 2
    assert freshness(instance) == [False]
    make_days(service, instance, DAYS[2])
    tick(service, instance, NOON + timedelta(minutes=70), cursor)
    assert freshness(instance) == [True, False]


def tick(
    service: Service, instance: dg.DagsterInstance, now: datetime, cursor: str | None
) -> str | None:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"clock": SetClock(now)}
    )
    found = log_sensor([service])(context)
    assert isinstance(found, dg.SensorResult)
    return found.cursor


def freshness(instance: dg.DagsterInstance) -> list[bool]:
    """The verdicts on freshness, the newest first."""
    key = dg.AssetCheckKey(REPORT, "log_report_is_fresh")
    records = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    found = []
    for record in records:
        assert record.event
        assert record.event.dagster_event
        evaluation = record.event.dagster_event.event_specific_data
        assert isinstance(evaluation, dg.AssetCheckEvaluation)
        found.append(evaluation.passed)
    return found
