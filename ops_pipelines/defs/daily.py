"""The main job of each service: all that is made once a day, for the day that has ended."""

from datetime import timedelta
from typing import Any

import dagster as dg

from ops_pipelines.defs.health import daily_schedule
from ops_pipelines.language import _, speaking
from ops_pipelines.settings.service import Service


def definitions(service: Service) -> dg.Definitions:
    """The daily job of `service`, and its schedule."""
    with speaking(service.language or "en"):
        job = dg.define_asset_job(
            f"{service.key}_daily_job",
            selection=dg.AssetSelection.key_prefixes(service.key),
            description=_("Everything that is made once a day."),
        )
        return dg.Definitions(jobs=[job], schedules=[_schedule(service, job)])


def _schedule(service: Service, job: Any) -> dg.ScheduleDefinition:
    at = service.health.schedule

    @dg.schedule(
        job=job,
        name=daily_schedule(service),
        cron_schedule=f"{at.minute} {at.hour} * * *",
        execution_timezone=service.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=_("Runs the daily job for yesterday."),
    )
    def _daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        today = context.scheduled_execution_time.astimezone(service.zone).date()
        return dg.RunRequest(partition_key=(today - timedelta(days=1)).isoformat())

    return _daily
