"""Health in Dagster: rounds by a sensor, a report a day, and whether it is well now."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import dagster as dg

from ops_pipelines.defs.clock import Clock
from ops_pipelines.defs.days import Made, run_days
from ops_pipelines.defs.events import (
    OWNERS,
    findings_table,
    picture,
    table,
)
from ops_pipelines.defs.health_sensor import health_sensor
from ops_pipelines.defs.health_shown import (
    component_row,
    incident_row,
    is_fresh,
    is_healthy,
    round_metadata,
)
from ops_pipelines.defs.partitions import service_days
from ops_pipelines.defs.telling import tell
from ops_pipelines.health import network, plot, reports, sampler
from ops_pipelines.health.summary import CODE_VERSION
from ops_pipelines.language import _, speaking
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import samples


def definitions(services: Sequence[Service]) -> dg.Definitions:
    """Everything that Dagster does for the health of `services`."""
    return dg.Definitions.merge(
        *map(_of_service, services),
        dg.Definitions(sensors=[health_sensor(services)] if services else []),
    )


def _of_service(service: Service) -> dg.Definitions:
    with speaking(service.language or "en"):
        job = health_job(service)
        return dg.Definitions(
            assets=[health_samples(service), health_report(service)],
            jobs=[job],
            schedules=[hourly_schedule(service, job)],
        )


def health_samples(service: Service) -> dg.AssetsDefinition:
    """The rounds. Materializing it makes one now; the sensor makes them all the time."""

    @dg.asset(
        key=[service.key, "health_samples"],
        group_name="health",
        description=_("Probes of all checks. Materialize it to make one round now."),
        owners=OWNERS,
        kinds={"http"},
        code_version=CODE_VERSION,
        check_specs=[
            dg.AssetCheckSpec(
                "service_is_healthy",
                asset=[service.key, "health_samples"],
                description=_("All components were healthy in the last round."),
            ),
            dg.AssetCheckSpec(
                "samples_are_fresh",
                asset=[service.key, "health_samples"],
                description=_("The sensor makes its rounds: the last one is not long ago."),
            ),
        ],
    )
    def _asset(clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
        now = clock.now()
        with speaking(service.language or "en"):
            freshness = is_fresh(service, now)
            sampled = network.run(sampler.sample(service, now))
            oldest = now.date() - timedelta(days=service.keep.samples_days)
            removed = samples.prune(service.samples_folder, oldest)
            return dg.MaterializeResult(
                metadata={**round_metadata(sampled), "sample_files_removed": len(removed)},
                # Samples are appended and never edited: a day that was reported does not go stale.
                data_version=dg.DataVersion("appended"),
                check_results=[is_healthy(sampled), freshness],
            )

    return _asset


def health_report(service: Service) -> dg.AssetsDefinition:
    """A report for each day, from its samples."""

    @dg.asset(
        key=[service.key, "health_report"],
        group_name="health",
        description=_(
            "How each component was on a day: status, availability and coverage by time, latency."
        ),
        owners=OWNERS,
        kinds={"json"},
        code_version=CODE_VERSION,
        deps=[[service.key, "health_samples"]],
        partitions_def=service_days(service),
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def _asset(
        context: dg.AssetExecutionContext, clock: dg.ResourceParam[Clock]
    ) -> Iterator[dg.MaterializeResult]:
        with speaking(service.language or "en"):
            is_scheduled = context.run.tags.get("dagster/schedule_name") == daily_schedule(service)
            yield from run_days(
                context,
                lambda day: [
                    _made(service, day, clock.now(), context.log if is_scheduled else None)
                ],
            )

    return _asset


def health_job(service: Service) -> Any:
    """A round, then the report of a day."""
    return dg.define_asset_job(
        f"{service.key}_health_job",
        selection=dg.AssetSelection.groups("health") & dg.AssetSelection.key_prefixes(service.key),
        description=_("A round of probes, then the day's health report."),
    )


def hourly_schedule(service: Service, job: Any) -> dg.ScheduleDefinition:
    """Renews the report of the current day."""

    @dg.schedule(
        job=job,
        name=f"{service.key}_hourly_schedule",
        cron_schedule="5 * * * *",
        execution_timezone=service.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=_("Renews today's health report."),
    )
    def _schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        today = context.scheduled_execution_time.astimezone(service.zone).date()
        return dg.RunRequest(partition_key=today.isoformat())

    return _schedule


def daily_schedule(service: Service) -> str:
    """The name of the schedule whose reports are sent to people."""
    return f"{service.key}_daily_schedule"


def _made(
    service: Service, day: date, now: datetime, tell_log: dg.DagsterLogManager | None
) -> Made:
    """One day's report, stored and where it is due sent, with what the UI shows of it."""
    stored = reports.make(service, day, now)
    if tell_log is not None:
        tell(service, day.isoformat(), stored.document, tell_log)
    facts = stored.document["facts"]
    roots = [incident for incident in facts["incidents"] if incident["caused_by"] is None]
    key = dg.AssetKey([service.key, "health_report"])
    metadata = {
        _("status"): _(facts["overall_status"]),
        "availability_ratio": facts["availability_ratio"],
        "coverage_ratio": facts["coverage_ratio"],
        _("components"): table(map(component_row, facts["components"].items())),
        _("findings"): findings_table(stored.findings),
        "incident_count": len(roots),
        _("incidents"): table(incident_row(incident, service) for incident in roots),
        "budget_left_ratio": facts["objective"]["month"]["budget_left_ratio"],
        _("day"): picture(plot.day(stored.past)),
        _("month"): picture(plot.month(reports.month_of(service, day), service, day)),
        _("file"): dg.MetadataValue.path(stored.where),
        "complete": stored.document["complete"],
    }
    return Made(
        key, stored.document["data_version"], {k: v for k, v in metadata.items() if v is not None}
    )
