"""The configuration in Dagster: watched by a sensor, and validated at each change."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from ops_pipelines.config import validation, watch
from ops_pipelines.config.difference import Change
from ops_pipelines.config.validation import CODE_VERSION, Validation
from ops_pipelines.config.verdict import Verdict
from ops_pipelines.config.watch import Seen
from ops_pipelines.defs.clock import Clock
from ops_pipelines.defs.events import OWNERS, changes_table, finding_severity, table
from ops_pipelines.errors import OpsError
from ops_pipelines.language import _, speaking
from ops_pipelines.report import Problem
from ops_pipelines.settings.service import Service

SENSOR_SECONDS = 30
MOST_ROWS = 100


def definitions(services: Sequence[Service]) -> dg.Definitions:
    """Everything that Dagster does for the configuration of `services`."""
    watched = [service for service in services if service.config and _files(service).files]
    jobs = {service.key: config_job(service) for service in watched}
    return dg.Definitions(
        assets=[asset for service in watched for asset in _assets(service)],
        jobs=list(jobs.values()),
        sensors=[config_sensor(watched, jobs)] if watched else [],
    )


def _assets(service: Service) -> list[dg.AssetsDefinition]:
    with speaking(service.language or "en"):
        is_validated = service.config and service.config.validated_file
        return [config_files(service), *([config_validation(service)] if is_validated else [])]


def config_files(service: Service) -> dg.AssetsDefinition:
    """The files; observing them says what they hold, and what changed since the last snapshot."""
    spec = dg.AssetSpec(
        [service.key, "config_files"],
        group_name="config",
        description=_("The configuration files of the service, as they are now."),
        owners=OWNERS,
        kinds={"yaml"},
    )

    observable: Any = dg.multi_observable_source_asset  # Dagster ships it without types

    def _observe() -> Iterator[dg.ObserveResult]:
        with speaking(service.language or "en"):
            seen = _files(service)
            yield dg.ObserveResult(
                asset_key=spec.key,
                data_version=dg.DataVersion(seen.data_version),
                metadata=_seen_metadata(service, seen),
            )

    asset: dg.AssetsDefinition = observable(specs=[spec], name=f"{service.key}_config_files")(
        _observe
    )
    return asset


def config_validation(service: Service) -> dg.AssetsDefinition:
    """The verdict on the configuration."""

    @dg.asset(
        key=[service.key, "config_validation"],
        group_name="config",
        description=_("Every problem of the configuration, with its place and what to do."),
        owners=OWNERS,
        kinds={"json"},
        code_version=CODE_VERSION,
        deps=[[service.key, "config_files"]],
        check_specs=[
            dg.AssetCheckSpec(
                "config_is_valid",
                asset=[service.key, "config_validation"],
                description=_("The configuration has no critical problem."),
            )
        ],
    )
    def _asset(clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
        with speaking(service.language or "en"):
            made = _validate(service, clock)
            return dg.MaterializeResult(
                data_version=dg.DataVersion(made.document["data_version"]),
                metadata={
                    **_verdict_metadata(made.verdict),
                    **_changes_metadata(service),
                    _("file"): dg.MetadataValue.path(made.where),
                },
                check_results=[_is_valid(service, made.verdict)],
            )

    return _asset


def config_job(service: Service) -> Any:
    """What a change of the configuration starts."""
    with speaking(service.language or "en"):
        return dg.define_asset_job(
            f"{service.key}_config_job",
            selection=dg.AssetSelection.groups("config")
            & dg.AssetSelection.key_prefixes(service.key)
            - dg.AssetSelection.assets(
                [service.key, "config_snapshots"]
            ),  # removing is for the day
            description=_("Validates and backs up the configuration; started by each change."),
        )


def config_sensor(services: Sequence[Service], jobs: Mapping[str, Any]) -> dg.SensorDefinition:
    """Notices within a minute that a file has changed, and starts the job of its service."""

    @dg.sensor(
        name="config_sensor",
        jobs=list(jobs.values()),
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=_("Looks whether a configuration file has changed."),
    )
    def _sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        known: dict[str, str] = json.loads(context.cursor or "{}")
        seen = {service.key: (service, _files(service)) for service in services}
        changed = [key for key, (_s, now) in seen.items() if known.get(key) != now.data_version]
        for key in changed:
            _report(context, *seen[key])
        cursor = json.dumps({key: now.data_version for key, (_s, now) in seen.items()})
        if not changed:
            return dg.SkipReason(_("no configuration has changed"))
        requests = [dg.RunRequest(job_name=f"{key}_config_job") for key in changed]
        return dg.SensorResult(run_requests=requests, cursor=cursor)

    return _sensor


def _files(service: Service) -> Seen:
    return watch.look(service.config) if service.config else Seen(())


def _validate(service: Service, clock: Clock) -> Validation:
    try:
        return validation.make(service, clock.now(), os.environ)
    except OpsError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


def _report(context: dg.SensorEvaluationContext, service: Service, seen: Seen) -> None:
    """Show in the UI what the files hold now."""
    with speaking(service.language or "en"):
        context.instance.report_runless_asset_event(
            dg.AssetObservation(
                dg.AssetKey([service.key, "config_files"]),
                metadata=_seen_metadata(service, seen),
                tags={"dagster/data_version": seen.data_version},
            )
        )


def _seen_metadata(service: Service, seen: Seen) -> dict[str, Any]:
    found: dict[str, Any] = {
        _("files"): table(
            {
                _("file"): file.path,
                _("SHA-256"): file.sha256[:12] if file.sha256 else _("missing"),
                _("bytes"): file.bytes,
                _("modified"): file.modified and file.modified.astimezone(service.zone).isoformat(),
            }
            for file in seen.files
        )
    }
    return found | _changes_metadata(service)


def _changes_metadata(service: Service) -> dict[str, Any]:
    """What changed since the last snapshot, if there is one."""
    if (changes := _changes(service)) is None:
        return {}
    return {
        _("changes since the last snapshot"): changes_table(changes[:MOST_ROWS]),
        "changes": len(changes),
    }


def _changes(service: Service) -> list[Change] | None:
    """What changed; where the snapshots cannot be read, the backup itself will tell of it."""
    try:
        return watch.changes(service)
    except OpsError:
        return None


def _verdict_metadata(verdict: Verdict) -> dict[str, Any]:
    rows = (
        {
            _("severity"): _(str(problem.severity)),
            _("place"): f"{Path(problem.file).name}:{problem.line}:{problem.column}",
            _("problem"): problem.message,
            _("what to do"): problem.suggestion,
        }
        for problem in sorted(verdict.problems, key=_worst_first)[:MOST_ROWS]
    )
    return {**validation.counts(verdict), _("problems"): table(rows)}


def _worst_first(problem: Problem) -> int:
    return -problem.severity.weight


def _is_valid(service: Service, verdict: Verdict) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name="config_is_valid",
        asset_key=dg.AssetKey([service.key, "config_validation"]),
        passed=verdict.valid,
        severity=finding_severity(verdict.severity),
        metadata=_verdict_metadata(verdict),
    )
