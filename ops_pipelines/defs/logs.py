"""The log in Dagster: its files observed, a rollup and a report of each day, and its checks."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from ops_pipelines.defs import log_shown
from ops_pipelines.defs.clock import Clock
from ops_pipelines.defs.events import OWNERS
from ops_pipelines.defs.log_days import LATE_TAG, make_days
from ops_pipelines.defs.log_sensor import FRESH, is_fresh, log_sensor
from ops_pipelines.defs.partitions import service_days
from ops_pipelines.language import _, speaking
from ops_pipelines.logs import day_report, day_tables, observed
from ops_pipelines.logs.day_report import settings_of
from ops_pipelines.settings.service import Service

FILES, ROLLUP, REPORT = "service_logs", "log_rollup", "log_report"
HOURLY_MINUTE = 10


def definitions(services: Sequence[Service]) -> dg.Definitions:
    """Everything that Dagster does for the logs of `services`."""
    logged = [service for service in services if service.logs]
    return dg.Definitions.merge(
        *map(_of_service, logged),
        dg.Definitions(sensors=[log_sensor(logged)] if logged else []),
    )


def _of_service(service: Service) -> dg.Definitions:
    with speaking(service.language or "en"):
        job = logs_job(service)
        return dg.Definitions(
            assets=[service_logs(service), log_days(service)],
            asset_checks=[report_is_fresh(service)],
            jobs=[job],
            schedules=[hourly_schedule(service, job), closing_schedule(service, job)],
        )


def service_logs(service: Service) -> dg.AssetsDefinition:
    """The files of the log; observing them says what there is."""
    spec = dg.AssetSpec(
        [service.key, FILES],
        group_name="logs",
        description=_("The files of the log as they are now, rotated and compressed ones too."),
        owners=OWNERS,
        kinds={"file"},
    )
    observable: Any = dg.multi_observable_source_asset  # Dagster ships it without types

    def _observe() -> Iterator[dg.ObserveResult]:
        with speaking(service.language or "en"):
            seen = observed.look(service, settings_of(service))
            yield dg.ObserveResult(
                asset_key=spec.key,
                data_version=dg.DataVersion(seen.data_version),
                metadata=log_shown.files_metadata(service, seen),
            )

    asset: dg.AssetsDefinition = observable(specs=[spec], name=f"{service.key}_{FILES}")(_observe)
    return asset


def log_days(service: Service) -> dg.AssetsDefinition:
    """Rollup and report of each day: one step, so that a range of days reads every byte once."""
    days = service_days(service)
    specs = {
        ROLLUP: dg.AssetSpec(
            [service.key, ROLLUP],
            deps=[[service.key, FILES]],
            description=_("What each hour, minute and label of a day came to, as tables."),
            code_version=day_tables.CODE_VERSION,
            kinds={"parquet"},
            group_name="logs",
            owners=OWNERS,
        ),
        REPORT: dg.AssetSpec(
            [service.key, REPORT],
            deps=[[service.key, ROLLUP]],
            description=_("A day of the log: figures, errors, slow requests, and what changed."),
            code_version=day_report.CODE_VERSION,
            kinds={"json"},
            group_name="logs",
            owners=OWNERS,
        ),
    }

    @dg.multi_asset(
        name=f"{service.key}_log_days",
        specs=list(specs.values()),
        check_specs=_check_specs(service),
        partitions_def=days,
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
    )
    def _assets(
        context: dg.AssetExecutionContext, clock: dg.ResourceParam[Clock]
    ) -> Iterator[dg.MaterializeResult]:
        with speaking(service.language or "en"):
            yield from make_days(context, service, clock)

    return _assets


def _check_specs(service: Service) -> list[dg.AssetCheckSpec]:
    described = {
        (ROLLUP, "lines_are_accounted_for"): _(
            "Every line is accepted or rejected for a reason, and few are rejected."
        ),
        (REPORT, "error_rate_is_normal"): _(
            "Few requests failed, and not more than yesterday and on this day of last week."
        ),
        (REPORT, "latency_is_normal"): _(
            "Requests were answered in time, and no model became slower."
        ),
    }
    return [
        dg.AssetCheckSpec(check, asset=[service.key, asset], description=description)
        for (asset, check), description in described.items()
    ]


def report_is_fresh(service: Service) -> dg.AssetChecksDefinition:
    """Whether each day gets its report; the sensor looks as well, be there runs or not."""

    @dg.asset_check(
        asset=dg.AssetKey([service.key, REPORT]),
        name=FRESH,
        description=_("The last day that is over has its complete report."),
    )
    def _check(clock: dg.ResourceParam[Clock]) -> dg.AssetCheckResult:
        with speaking(service.language or "en"):
            return is_fresh(service, clock.now())

    return _check


def logs_job(service: Service) -> Any:
    """Rollup and report of a day, or of many."""
    return dg.define_asset_job(
        f"{service.key}_logs_job",
        selection=dg.AssetSelection.assets([service.key, ROLLUP], [service.key, REPORT]),
        description=_("Reads what is new in the log, and makes the tables and report of days."),
    )


def hourly_schedule(service: Service, job: Any) -> dg.ScheduleDefinition:
    """Renews the current day."""
    return _schedule(
        service, job, "logs_hourly", f"{HOURLY_MINUTE} * * * *", timedelta(),
        _("Reads what is new in the log for today's report."),
    )  # fmt: skip


def closing_schedule(service: Service, job: Any) -> dg.ScheduleDefinition:
    """Makes yesterday for good, once late lines have come; and each day that got some since."""
    late = int(settings_of(service).late_minutes) + 1
    return _schedule(
        service, job, "logs_closing", f"{late % 60} {late // 60 % 24} * * *", timedelta(days=1),
        _("Closes yesterday's report, and makes days anew to which lines came since."),
    )  # fmt: skip


def _schedule(
    service: Service, job: Any, name: str, cron: str, back: timedelta, description: str
) -> dg.ScheduleDefinition:
    @dg.schedule(
        job=job,
        name=f"{service.key}_{name}_schedule",
        cron_schedule=cron,
        execution_timezone=service.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )
    def _tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        local = context.scheduled_execution_time.astimezone(service.zone)
        return dg.RunRequest(
            partition_key=(local.date() - back).isoformat(), tags={LATE_TAG: "true"}
        )

    return _tick
