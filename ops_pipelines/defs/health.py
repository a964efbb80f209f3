"""Health in Dagster: rounds by a sensor, a report a day, and whether it is well now."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg

from ops_pipelines.defs.clock import Clock
from ops_pipelines.defs.days import Made, run_days
from ops_pipelines.defs.events import (
    OWNERS,
    check_severity,
    days_of,
    findings_table,
    picture,
    table,
)
from ops_pipelines.health import network, plot, reports, sampler
from ops_pipelines.health.guide import of_round
from ops_pipelines.health.probe import overall
from ops_pipelines.health.sampler import Sampled
from ops_pipelines.health.summary import CODE_VERSION
from ops_pipelines.language import _, speaking
from ops_pipelines.report import Status
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
            freshness = _is_fresh(service, now)
            sampled = network.run(sampler.sample(service, now))
            return dg.MaterializeResult(
                metadata=_round_metadata(sampled),
                # Samples are appended and never edited: a day that was reported does not go stale.
                data_version=dg.DataVersion("appended"),
                check_results=[_is_healthy(sampled), freshness],
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
        partitions_def=days_of(service.timezone, reports.first_day(service, datetime.now(UTC))),
        backfill_policy=dg.BackfillPolicy.single_run(),
    )
    def _asset(
        context: dg.AssetExecutionContext, clock: dg.ResourceParam[Clock]
    ) -> Iterator[dg.MaterializeResult]:
        with speaking(service.language or "en"):
            yield from run_days(context, lambda day: [_made(service, day, clock.now())])

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


def health_sensor(services: Sequence[Service]) -> dg.SensorDefinition:
    """Makes the rounds of all services; no run for any of them."""

    @dg.sensor(
        name="health_sensor",
        minimum_interval_seconds=int(min(s.health.interval_seconds for s in services)),
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=_("Probes every service that is due and appends the samples."),
    )
    def _sensor(
        context: dg.SensorEvaluationContext, clock: dg.ResourceParam[Clock]
    ) -> dg.SkipReason:
        now = clock.now()
        due = [service for service in services if sampler.is_due(service, now)]
        made, failed = network.run(sampler.sample_all(due, now))
        for error in failed:
            context.log.error(str(error))
        for sampled in made:
            with speaking(sampled.service.language or "en"):
                if sampled.has_changed or _is_first_of_hour(sampled, now):
                    _report(context.instance, sampled)
        return dg.SkipReason(_("rounds made: {count}").format(count=len(made)))

    return _sensor


def _made(service: Service, day: date, now: datetime) -> Made:
    """One day's report, stored, with what the UI shows of it."""
    stored = reports.make(service, day, now)
    facts = stored.document["facts"]
    key = dg.AssetKey([service.key, "health_report"])
    metadata = {
        _("status"): _(facts["overall_status"]),
        "availability_ratio": facts["availability_ratio"],
        "coverage_ratio": facts["coverage_ratio"],
        _("components"): table(map(_row, facts["components"].items())),
        _("findings"): findings_table(stored.findings),
        _("day"): picture(plot.day(stored.past)),
        _("month"): picture(plot.month(reports.month_of(service, day), service, day)),
        _("file"): dg.MetadataValue.path(stored.where),
        "complete": stored.document["complete"],
    }
    return Made(
        key, stored.document["data_version"], {k: v for k, v in metadata.items() if v is not None}
    )


def _row(entry: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    name, facts = entry
    latency = facts["latency_seconds"] or {}
    return {
        _("component"): name,
        _("status"): _(facts["status"]),
        _("availability"): _percent(facts["availability_ratio"]),
        _("coverage"): _percent(facts["coverage_ratio"]),
        "p50 (s)": latency.get("p50"),
        "p95 (s)": latency.get("p95"),
        "p99 (s)": latency.get("p99"),
        _("last check"): facts["last_check"],
    }


def _percent(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio * 100:.2f} %"


def _round_metadata(sampled: Sampled) -> dict[str, Any]:
    form = of_round(sampled.round, sampled.service)
    return {
        _("status"): _(form["overall_status"]),
        _("components"): table(
            {
                _("component"): name,
                _("status"): _(component["status"]),
                _("response time (s)"): component["response_time"],
                _("error"): component["error"],
            }
            for name, component in form["components"].items()
        ),
    }


def _is_healthy(sampled: Sampled) -> dg.AssetCheckResult:
    status = overall(sampled.round.readings, sampled.service)
    return dg.AssetCheckResult(
        check_name="service_is_healthy",
        asset_key=dg.AssetKey([sampled.service.key, "health_samples"]),
        passed=status is Status.HEALTHY,
        severity=check_severity(status),
        metadata=_round_metadata(sampled),
    )


def _is_fresh(service: Service, now: datetime) -> dg.AssetCheckResult:
    """Judged before a round is made by hand; without any sample yet there is nothing to judge."""
    newest = max((s["at"] for s in samples.newest(service.samples_folder)), default=None)
    age = (now - datetime.fromisoformat(newest)) if newest else timedelta()
    limit = timedelta(seconds=2 * service.health.interval_seconds + 60)
    return dg.AssetCheckResult(
        check_name="samples_are_fresh",
        asset_key=dg.AssetKey([service.key, "health_samples"]),
        passed=age <= limit,
        severity=dg.AssetCheckSeverity.WARN,
        description=_("The last round was {age} s ago, wanted at most {limit} s.").format(
            age=round(age.total_seconds()), limit=round(limit.total_seconds())
        ),
        metadata={"age_seconds": round(age.total_seconds(), 1)},
    )


def _is_first_of_hour(sampled: Sampled, now: datetime) -> bool:
    interval = timedelta(seconds=sampled.service.health.interval_seconds)
    return now.hour != (now - interval).hour


def _report(instance: dg.DagsterInstance, sampled: Sampled) -> None:
    """Show a round in the UI: once an hour and when a status has changed, not each minute."""
    key = dg.AssetKey([sampled.service.key, "health_samples"])
    instance.report_runless_asset_event(dg.AssetObservation(key, metadata=_round_metadata(sampled)))
    check = _is_healthy(sampled)
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=key,
            check_name="service_is_healthy",
            passed=check.passed,
            severity=check.severity,
            metadata=check.metadata,
        )
    )
