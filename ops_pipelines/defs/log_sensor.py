"""Looks at the logs of all services: what files there are, and whether yesterday's report is."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from ops_pipelines.defs import log_shown
from ops_pipelines.defs.clock import Clock
from ops_pipelines.language import _, speaking
from ops_pipelines.logs import observed, reports
from ops_pipelines.logs.day_report import ASSET, settings_of
from ops_pipelines.settings.service import Service

SENSOR_SECONDS = 600
OBSERVED_EVERY = timedelta(hours=1)
FRESH = "log_report_is_fresh"


def log_sensor(services: Sequence[Service]) -> dg.SensorDefinition:
    """An observation an hour where the files have changed; and a check where its verdict has."""

    @dg.sensor(
        name="log_sensor",
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=_("Looks at the files of the logs, and whether each day gets its report."),
    )
    def _sensor(
        context: dg.SensorEvaluationContext, clock: dg.ResourceParam[Clock]
    ) -> dg.SensorResult:
        known: dict[str, dict[str, Any]] = json.loads(context.cursor or "{}")
        now = clock.now()
        for service in services:
            state = known.setdefault(service.key, {})
            with speaking(service.language or "en"):
                _observe(context.instance, service, state, now)
                _judge(context.instance, service, state, now)
        return dg.SensorResult(skip_reason=_("looked"), cursor=json.dumps(known))

    return _sensor


def is_fresh(service: Service, now: datetime) -> dg.AssetCheckResult:
    """Whether the last day that should be closed has its complete report."""
    late = reports.late_report(service, now)
    return dg.AssetCheckResult(
        check_name=FRESH,
        asset_key=dg.AssetKey([service.key, ASSET]),
        passed=late is None,
        severity=dg.AssetCheckSeverity.WARN,
        description=late.message if late else None,
        metadata={_("what to do"): late.action} if late else {},
    )


def _observe(
    instance: dg.DagsterInstance, service: Service, state: dict[str, Any], now: datetime
) -> None:
    last = state.get("observed")
    if last and now - datetime.fromisoformat(last) < OBSERVED_EVERY:
        return
    seen = observed.look(service, settings_of(service))
    if seen.data_version != state.get("data_version"):
        instance.report_runless_asset_event(
            dg.AssetObservation(
                dg.AssetKey([service.key, "service_logs"]),
                metadata=log_shown.files_metadata(service, seen),
                tags={"dagster/data_version": seen.data_version},
            )
        )
    state |= {"observed": now.isoformat(), "data_version": seen.data_version}


def _judge(
    instance: dg.DagsterInstance, service: Service, state: dict[str, Any], now: datetime
) -> None:
    found = is_fresh(service, now)
    if found.passed is state.get("fresh"):
        return
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey([service.key, ASSET]),
            check_name=FRESH,
            passed=found.passed,
            metadata=found.metadata,
            description=found.description,
            severity=found.severity,
        )
    )
    state["fresh"] = found.passed
