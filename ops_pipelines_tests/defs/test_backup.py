"""Backups and log rotation in Dagster, on a real instance."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ops_pipelines.config import drill
from ops_pipelines.config.archive import archive_of
from ops_pipelines.config.backup import back_up
from ops_pipelines.definitions import build
from ops_pipelines.defs import backup as shell
from ops_pipelines.defs import rotation
from ops_pipelines.settings.load import Loaded, load_file
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import documents
from ops_pipelines.storage.places import open_folder
from ops_pipelines_tests.config.application import Application, application, settle
from ops_pipelines_tests.defs.test_health import NOON, SetClock

CANARY = "sk-canary-4711"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def app(tmp_path: Path) -> Application:
    return application(tmp_path)


@pytest.fixture
def service(app: Application) -> Service:
    file = app.root / "services" / "rag.yaml"
    file.parent.mkdir()
    file.write_text(
        "name: rag\nbase_url: http://127.0.0.1:1\ndata_dir: ../data\nconfig:\n"
        "  files: [../app/config/production.yaml, ../app/.env]\n"
        "  databases: [../app/rag_system.db]\n"
        "  keep: {days: 1, minimum: 1}\n"
    )
    return load_file(file, {})


def run(
    service: Service,
    instance: dg.DagsterInstance,
    now: datetime = NOON,
    *,
    selection: tuple[str, ...] = (shell.ASSET, shell.KEPT),
) -> dg.ExecuteInProcessResult:
    makers = {shell.ASSET: shell.config_backup, shell.KEPT: shell.config_snapshots}
    validation = dg.AssetSpec([service.key, "config_validation"])
    return dg.materialize(
        [
            validation,
            *(makers[name](service) for name in selection),
            shell.backup_is_restorable(service),
        ],
        instance=instance,
        resources={"clock": SetClock(now)},
        raise_on_error=False,
    )


def metadata(result: dg.ExecuteInProcessResult, name: str = shell.ASSET) -> dict[str, Any]:
    for event in result.get_asset_materialization_events():
        if event.asset_key == dg.AssetKey(["rag", name]):
            return {key: value.value for key, value in event.materialization.metadata.items()}
    return {}


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {found.check_name: found.passed for found in result.get_asset_check_evaluations()}


def rows(table: Any) -> list[dict[str, Any]]:
    return [dict(record.data) for record in table]


def change(app: Application, timeout: int) -> None:
    app.config.write_text(f"llm: {{api_key: '{CANARY}-{timeout}', timeout: {timeout}}}\n")
    settle(app.config)
    app.add_row()


def test_a_backup_shows_its_files_and_passes_its_checks(
    service: Service, instance: dg.DagsterInstance
) -> None:
    result = run(service, instance)
    assert result.success
    assert checks(result) == {"backup_is_fresh": True, "backup_is_restorable": True}
    found = metadata(result)
    assert found["snapshot"] == archive_of(service).snapshots()[0].id
    assert [Path(row["file"]).name for row in rows(found["files"].records)] == [
        ".env",
        "production.yaml",
        "rag_system.db",
    ]
    document = documents.current(open_folder(service.data_dir), "config_backup")
    assert document
    assert document["facts"]["snapshot"] == found["snapshot"]
    assert document["facts"]["verified"] is True


def test_what_changed_since_the_last_one_is_shown_without_secrets(
    service: Service, app: Application, instance: dg.DagsterInstance
) -> None:
    change(app, 30)
    run(service, instance)
    change(app, 60)
    result = run(service, instance, NOON + timedelta(hours=1))
    found = metadata(result)
    shown = {
        row["path"]: (row["old"], row["new"])
        for row in rows(found["changes since the last one"].records)
    }
    assert shown["llm.timeout"] == ("30", "60")
    assert shown["llm.api_key"] == ('"***"', '"***"')
    assert found["changes"] == 3, "and the database"
    assert CANARY not in str(result.all_events)


def test_an_unchanged_set_has_the_same_version_and_is_no_new_snapshot(
    service: Service, instance: dg.DagsterInstance
) -> None:
    def version(result: dg.ExecuteInProcessResult) -> str:
        event = result.get_asset_materialization_events()[0]
        return (event.materialization.tags or {})["dagster/data_version"]

    first = run(service, instance, selection=(shell.ASSET,))
    again = run(service, instance, NOON + timedelta(days=1), selection=(shell.ASSET,))
    assert version(first) == version(again)
    assert metadata(again)["is_new"] is False
    assert metadata(again)["changes"] == 0
    assert len(archive_of(service).snapshots()) == 1


def test_an_invalid_configuration_is_kept_and_marked_so(
    service: Service, app: Application, instance: dg.DagsterInstance
) -> None:
    app.config.write_text("llm: {timeout: soon\n")
    settle(app.config)
    result = run(service, instance)
    assert result.success
    assert metadata(result)["valid"] == "False"
    assert "invalid" in str(rows(metadata(result)["findings"].records))


def test_a_missing_file_fails_the_run_with_a_sentence_and_prunes_nothing(
    service: Service, app: Application, instance: dg.DagsterInstance
) -> None:
    for age in (9, 8, 7):
        app.add_row()
        run(service, instance, NOON - timedelta(days=age), selection=(shell.ASSET,))
    app.secrets.unlink()
    result = run(service, instance)
    assert not result.success
    failure = result.failure_data_for_node("rag__config_backup")
    assert failure
    assert failure.user_failure_data
    assert str(app.secrets) in (failure.user_failure_data.description or "")
    assert len(archive_of(service).snapshots()) == 3


def test_old_snapshots_go_after_a_good_backup(
    service: Service, app: Application, instance: dg.DagsterInstance
) -> None:
    for age in (9, 8, 7):
        app.add_row()
        run(service, instance, NOON - timedelta(days=age), selection=(shell.ASSET,))
    before = [snapshot.id for snapshot in archive_of(service).snapshots()]
    app.add_row()
    result = run(service, instance)
    found = metadata(result, shell.KEPT)
    assert found["removed"] == before[:2]
    assert found["kept"] == 2


def test_a_damaged_older_snapshot_fails_the_drill(
    service: Service, app: Application, instance: dg.DagsterInstance
) -> None:
    run(service, instance, NOON - timedelta(hours=2))
    (first,) = archive_of(service).snapshots()
    (first.folder / "files" / ".env").write_text("LLM_KEY=other\n")
    app.add_row()
    result = run(service, instance)
    assert checks(result) == {"backup_is_fresh": True, "backup_is_restorable": False}
    assert not archive_of(service).snapshots()[0].verified


def test_each_day_another_older_snapshot_is_tried(service: Service, app: Application) -> None:
    for hour in range(6):
        app.add_row()
        back_up(service, NOON + timedelta(hours=hour), {})
    snapshots = archive_of(service).snapshots()
    tried = {drill.choose(snapshots, NOON + timedelta(days=day))[0].id for day in range(60)}
    assert tried == {snapshot.id for snapshot in snapshots[:-1]}
    assert drill.choose(snapshots, NOON)[-1] == snapshots[-1]
    assert drill.choose(snapshots[:1], NOON) == snapshots[:1]
    assert drill.choose([], NOON) == []


def tick(
    service: Service, instance: dg.DagsterInstance, now: datetime, cursor: str | None
) -> str | None:
    context = dg.build_sensor_context(
        instance=instance, resources={"clock": SetClock(now)}, cursor=cursor
    )
    found = shell.backup_sensor([service])(context)
    assert isinstance(found, dg.SensorResult)
    return found.cursor


def told(instance: dg.DagsterInstance) -> list[bool]:
    """What the sensor has reported of freshness, the oldest first."""
    key = dg.AssetCheckKey(dg.AssetKey(["rag", shell.ASSET]), "backup_is_fresh")
    records = instance.event_log_storage.get_asset_check_execution_history(key, limit=100)
    events = [record.event.dagster_event for record in records if record.event]
    return [bool(e.asset_check_evaluation_data.passed) for e in reversed(events) if e]


def test_backups_that_have_stopped_are_noticed_once_and_their_return_as_well(
    service: Service, app: Application, instance: dg.DagsterInstance
) -> None:
    cursor = tick(service, instance, NOON, None)
    assert told(instance) == [], "there may be none yet"
    run(service, instance, NOON + timedelta(hours=1), selection=(shell.ASSET,))
    for hours in (2, 26, 28, 30, 50):
        cursor = tick(service, instance, NOON + timedelta(hours=hours), cursor)
    assert told(instance) == [True, False]
    app.add_row()
    run(service, instance, NOON + timedelta(hours=51), selection=(shell.ASSET,))
    tick(service, instance, NOON + timedelta(hours=52), cursor)
    assert told(instance) == [True, False, True, True]


def test_a_backup_that_never_was_is_noticed_after_a_day(
    service: Service, instance: dg.DagsterInstance
) -> None:
    cursor = tick(service, instance, NOON, None)
    for hours in (20, 27, 30):
        cursor = tick(service, instance, NOON + timedelta(hours=hours), cursor)
    assert told(instance) == [False]


def test_the_logrotate_file_is_an_asset_and_the_same_file_the_same_version(
    service: Service, app: Application, instance: dg.DagsterInstance
) -> None:
    versions = []
    for hour in (0, 1):
        result = dg.materialize(
            [rotation.logrotate_config(service, (f"{app.root}/logs/rag.log*",))],
            instance=instance,
            resources={"clock": SetClock(NOON + timedelta(hours=hour))},
        )
        (event,) = result.get_asset_materialization_events()
        versions.append((event.materialization.tags or {})["dagster/data_version"])
    assert versions[0] == versions[1]
    document = documents.current(open_folder(service.data_dir), "logrotate_config")
    assert document
    assert f"{app.root}/logs/rag.log {{" in document["facts"]["content"]
    assert document["facts"]["path"] == "/etc/logrotate.d/rag"
    assert json.dumps(document)


def test_a_service_without_files_to_keep_has_no_backups(tmp_path: Path) -> None:
    file = tmp_path / "rag.yaml"
    file.write_text("name: rag\nbase_url: http://127.0.0.1:1\n")
    found = shell.definitions([load_file(file, {})])
    assert not found.assets
    assert not found.sensors


def test_a_change_backs_up_and_only_the_daily_job_removes(service: Service) -> None:
    repository = build(Loaded((service,), ())).get_repository_def()
    held = {}
    for job in ("rag_config_job", "rag_daily_job"):
        layer = repository.get_job(job).asset_layer
        checks = {key.name for key in layer.asset_graph.asset_check_keys}
        assert {"backup_is_fresh", "backup_is_restorable"} <= checks
        held[job] = {key.path[-1] for key in layer.executable_asset_keys}
    assert shell.ASSET in held["rag_config_job"]
    assert shell.KEPT not in held["rag_config_job"]
    assert {shell.ASSET, shell.KEPT} <= held["rag_daily_job"]
