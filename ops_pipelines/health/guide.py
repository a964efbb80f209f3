"""The shape in which the operations guide has a health report, for people and their scripts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ops_pipelines.health.probe import Round, findings, overall
from ops_pipelines.health.reading import display_names
from ops_pipelines.report import SCHEMA_VERSION, Finding, Reason, Status
from ops_pipelines.settings.service import Service


def of_round(found: Round, service: Service) -> dict[str, Any]:
    """What one round says."""
    names = display_names(
        (reading.key for reading in found.readings), (check.name for check in service.health.checks)
    )
    at = _local(found.at, service)
    components = {
        names[reading.key]: _component(
            reading.status,
            reading.response_time_seconds,
            _local(reading.last_check(found.at), service),
            reading.reason,
        )
        for reading in found.readings
    }
    return _shape(
        service.name, at, overall(found.readings, service), components,
        findings(found.readings, service),
    )  # fmt: skip


def of_document(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a stored health report says."""
    facts = document["facts"]
    components = {
        name: _component(
            component["status"],
            component["response_time_seconds"],
            component["last_check"],
            Reason.restored(component["reason"]),
        )
        for name, component in facts["components"].items()
    }
    found = tuple(map(Finding.restored, document["findings"]))
    shape = _shape(
        document["service"], document["made_at"], facts["overall_status"], components, found
    )
    return {**shape, "window": document["window"], "complete": document["complete"]}


def _shape(
    service: str, at: str | None, status: Status, components: Any, found: Iterable[Finding]
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "service": service,
        "timestamp": at,
        "overall_status": str(status),
        "components": components,
        "findings": [finding.rendered() for finding in found],
    }


def _local(moment: datetime | None, service: Service) -> str | None:
    return moment.astimezone(service.zone).isoformat(timespec="seconds") if moment else None


def _component(
    status: Status, seconds: float | None, last_check: str | None, reason: Reason | None
) -> dict[str, Any]:
    return {
        "status": str(status),
        "response_time": None if seconds is None else round(seconds, 6),
        "last_check": last_check,
        "error": str(reason) if reason else None,
    }
