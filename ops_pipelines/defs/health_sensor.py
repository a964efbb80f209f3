"""Makes the rounds of all services, without a run for any of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import dagster as dg

from ops_pipelines.defs.clock import Clock
from ops_pipelines.defs.health_shown import is_healthy, round_metadata
from ops_pipelines.health import network, sampler
from ops_pipelines.health.sampler import Sampled
from ops_pipelines.language import _, speaking
from ops_pipelines.settings.service import Service


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
        made, failed = network.run(sampler.sample_due(services, now))
        for error in failed:
            context.log.error(str(error))
        for sampled in made:
            with speaking(sampled.service.language or "en"):
                if sampled.has_changed or _is_first_of_hour(sampled, now):
                    _report(context.instance, sampled)
        return dg.SkipReason(_("rounds made: {count}").format(count=len(made)))

    return _sensor


def _is_first_of_hour(sampled: Sampled, now: datetime) -> bool:
    interval = timedelta(seconds=sampled.service.health.interval_seconds)
    return now.hour != (now - interval).hour


def _report(instance: dg.DagsterInstance, sampled: Sampled) -> None:
    """Show a round in the UI: once an hour and when a status has changed, not each minute."""
    key = dg.AssetKey([sampled.service.key, "health_samples"])
    instance.report_runless_asset_event(dg.AssetObservation(key, metadata=round_metadata(sampled)))
    check = is_healthy(sampled)
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=key,
            check_name="service_is_healthy",
            passed=check.passed,
            severity=check.severity,
            metadata=check.metadata,
        )
    )
