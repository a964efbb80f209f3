"""The days of a service: one definition for all of its assets, so that one run can make them."""

from datetime import UTC, datetime

import dagster as dg

from ops_pipelines.defs.events import days_of
from ops_pipelines.health import reports as health_reports
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.places import open_folder


def service_days(service: Service) -> dg.DailyPartitionsDefinition:
    """The days since the first one of which anything is known, or since thirty days."""
    now = datetime.now(UTC)
    first = [health_reports.first_day(service, now)]
    if service.logs:
        from ops_pipelines.logs import day_tables, observed  # noqa: PLC0415 - as in definitions.py

        first += day_tables.days(open_folder(service.data_dir))[:1]
        first += filter(None, [observed.first_day(service, service.logs, now)])
    return days_of(service.timezone, min(first))
