"""Backups in Dagster: snapshots, how long they stay, and whether they restore."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import dagster as dg

from ops_pipelines.config import changes, drill
from ops_pipelines.config.archive import Archive, Snapshot, archive_of
from ops_pipelines.config.backup import CODE_VERSION, Backup, back_up, configured, judge_of
from ops_pipelines.config.retention import prune
from ops_pipelines.config.verify import verify
from ops_pipelines.defs.clock import Clock
from ops_pipelines.defs.events import OWNERS, changes_table, findings_table, table
from ops_pipelines.errors import OpsError, SnapshotError
from ops_pipelines.language import _, speaking
from ops_pipelines.settings.service import Service

ASSET, KEPT = "config_backup", "config_snapshots"
SENSOR_SECONDS = 600
MOST_ROWS = 100


def definitions(services: Sequence[Service]) -> dg.Definitions:
    """Everything that Dagster does for the backups of `services`."""
    kept = [s for s in services if s.config and (s.config.files or s.config.databases)]
    return dg.Definitions(
        assets=[make(service) for service in kept for make in (config_backup, config_snapshots)],
        asset_checks=[backup_is_restorable(service) for service in kept],
        sensors=[backup_sensor(kept)] if kept else [],
    )


def config_backup(service: Service) -> dg.AssetsDefinition:
    """The newest snapshot. Materializing it takes one, or tests it again if nothing changed."""
    with speaking(service.language or "en"):
        description = _("A snapshot of configuration, secrets and databases, known to restore.")
        fresh = _("The last good backup is not long ago.")

    @dg.asset(
        key=[service.key, ASSET],
        group_name="config",
        description=description,
        owners=OWNERS,
        kinds={"file", "sqlite"},
        code_version=CODE_VERSION,
        deps=_deps(service),
        check_specs=[
            dg.AssetCheckSpec("backup_is_fresh", asset=[service.key, ASSET], description=fresh)
        ],
    )
    def _asset(clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
        with speaking(service.language or "en"), _as_failure():
            earlier = archive_of(service).snapshots()
            made = back_up(service, clock.now(), os.environ)
            return dg.MaterializeResult(
                data_version=dg.DataVersion(made.manifest.content),
                metadata=_backup_metadata(made, earlier),
                check_results=[_is_fresh(service, clock.now(), clock.now())],
            )

    return _asset


def config_snapshots(service: Service) -> dg.AssetsDefinition:
    """The snapshots that are kept. Materializing it removes old ones."""
    with speaking(service.language or "en"):
        description = _("All snapshots; materializing it removes old ones, as config.keep says.")

    @dg.asset(
        key=[service.key, KEPT],
        group_name="config",
        description=description,
        owners=OWNERS,
        kinds={"file"},
        deps=[[service.key, ASSET]],
    )
    def _asset(clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
        with speaking(service.language or "en"), _as_failure():
            keep, archive = configured(service).keep, archive_of(service)
            choice = prune(archive, clock.now(), keep.days, keep.minimum)
            return dg.MaterializeResult(metadata=_kept_metadata(archive, choice.removed))

    return _asset


def backup_is_restorable(service: Service) -> dg.AssetChecksDefinition:
    """The drill: the newest snapshot and a random older one are restored and looked at."""
    with speaking(service.language or "en"):
        description = _("The newest snapshot and a random older one restore, whole.")

    @dg.asset_check(
        asset=dg.AssetKey([service.key, ASSET]),
        name="backup_is_restorable",
        description=description,
    )
    def _check(clock: dg.ResourceParam[Clock]) -> dg.AssetCheckResult:
        with speaking(service.language or "en"), _as_failure():
            archive, judge = archive_of(service), judge_of(configured(service), os.environ)
            chosen = drill.choose(archive.snapshots(), clock.now())
            found = [verify(archive, snapshot, clock.now(), judge) for snapshot in chosen]
            return dg.AssetCheckResult(
                passed=bool(found) and all(verification.verified for verification in found),
                severity=dg.AssetCheckSeverity.ERROR,
                metadata={
                    _("snapshots"): [snapshot.id for snapshot in chosen],
                    _("findings"): findings_table(p for v in found for p in v.problems),
                },
            )

    return _check


def backup_sensor(services: Sequence[Service]) -> dg.SensorDefinition:
    """Notices that backups have stopped: a check that only a backup made could not."""

    @dg.sensor(
        name="backup_sensor",
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=_("Looks whether the last good backup of each service is not long ago."),
    )
    def _sensor(
        context: dg.SensorEvaluationContext, clock: dg.ResourceParam[Clock]
    ) -> dg.SensorResult:
        now = clock.now()
        known: dict[str, Any] = json.loads(context.cursor or "{}")
        seen = {s.key: known.get(s.key) or {"since": now.isoformat()} for s in services}
        for service in services:
            state = seen[service.key]
            with speaking(service.language or "en"), suppress(OpsError):  # backups will tell of it
                found = _is_fresh(service, datetime.fromisoformat(state["since"]), now)
                if found.passed is not state.get("passed", True):
                    _report(context.instance, service, found)
                state["passed"] = found.passed
        return dg.SensorResult(skip_reason=_("looked"), cursor=json.dumps(seen))

    return _sensor


def _deps(service: Service) -> list[list[str]]:
    """The verdict that the manifest takes up, or else the files themselves."""
    config = configured(service)
    if config.validated_file:
        return [[service.key, "config_validation"]]
    return [[service.key, "config_files"]] if config.files else []


@contextmanager
def _as_failure() -> Iterator[None]:
    """What an operator can mend fails the run with sentences, and no traceback."""
    try:
        yield
    except SnapshotError as error:
        found = {_("findings"): findings_table(error.findings)}
        raise dg.Failure(str(error), metadata=found, allow_retries=False) from None
    except OpsError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


def _backup_metadata(made: Backup, earlier: Sequence[Snapshot]) -> dict[str, Any]:
    files = (
        {_("file"): e.path, _("SHA-256"): e.sha256[:12], _("bytes"): e.bytes}
        for e in made.manifest.files
    )
    found: dict[str, Any] = {
        _("snapshot"): made.snapshot.id,
        _("files"): table(files),
        _("findings"): findings_table(made.findings),
        _("folder"): dg.MetadataValue.path(str(made.snapshot.folder)),
        "bytes": made.manifest.bytes,
        "is_new": made.is_new,
        "valid": str(made.snapshot.valid),
    }
    if earlier and earlier[-1].manifest:
        before, after = changes.kept(earlier[-1]), changes.kept(made.snapshot)
        dialect = configured(made.service).yaml_version
        changed = changes.compare(before, after, dialect)
        found[_("changes since the last one")] = changes_table(changed[:MOST_ROWS])
        found["changes"] = len(changed)
    return found


def _kept_metadata(archive: Archive, removed: Sequence[str]) -> dict[str, Any]:
    kept = archive.snapshots()
    rows = (
        {
            _("snapshot"): snapshot.id,
            _("valid"): str(snapshot.valid),
            _("restores"): str(snapshot.verified),
            _("bytes"): snapshot.manifest.bytes if snapshot.manifest else None,
        }
        for snapshot in reversed(kept[-MOST_ROWS:])
    )
    return {
        _("snapshots"): table(rows),
        _("removed"): list(removed),
        "kept": len(kept),
        "bytes": sum(snapshot.manifest.bytes for snapshot in kept if snapshot.manifest),
    }


def _is_fresh(service: Service, since: datetime, now: datetime) -> dg.AssetCheckResult:
    """Whether the last good backup is young; what was never there counts from `since` on."""
    last = drill.last_backup(archive_of(service).snapshots())
    age = now - (last or since)
    return dg.AssetCheckResult(
        check_name="backup_is_fresh",
        asset_key=dg.AssetKey([service.key, ASSET]),
        passed=age <= drill.FRESH,
        severity=dg.AssetCheckSeverity.ERROR,
        description=_("The last good backup was {hours} h ago, wanted at most {limit} h.").format(
            hours=round(age.total_seconds() / 3600, 1),
            limit=round(drill.FRESH.total_seconds() / 3600),
        ),
        metadata={"age_hours": round(age.total_seconds() / 3600, 2)},
    )


def _report(instance: dg.DagsterInstance, service: Service, found: dg.AssetCheckResult) -> None:
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey([service.key, ASSET]),
            check_name="backup_is_fresh",
            passed=found.passed,
            severity=found.severity,
            description=found.description,
            metadata=found.metadata,
        )
    )
