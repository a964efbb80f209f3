"""Sends the report of a day with trouble to people, once."""

from typing import Any

import dagster as dg

from ops_pipelines.alerts.channels import send, wanted
from ops_pipelines.health import telling
from ops_pipelines.settings.service import Service


def tell(service: Service, day: str, document: dict[str, Any], log: dg.DagsterLogManager) -> None:
    """Send a report with trouble to each channel, once."""
    if not telling.is_worth_telling(document):
        return
    version = document["data_version"]
    channels = {c.name: c for c in wanted(service.alerts.channels, telling.severity(document))}
    for name in telling.untold(service, day, version, list(channels)):
        if send(channels[name], *telling.message(document, service, day)):
            telling.mark_told(service, day, version, name)
            log.info("%s: sent to %s", day, name)
        else:
            log.error("%s: channel %s did not take the message", day, name)
