"""The message about a day's health report, and whether it has been sent already."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops_pipelines.health.reports import findings_of
from ops_pipelines.language import _
from ops_pipelines.report import Finding, Severity, Status
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.folder import LocalFolder


def is_worth_telling(document: Mapping[str, Any]) -> bool:
    """Whether the day saw an incident, or did not end healthy."""
    facts = document["facts"]
    roots = [incident for incident in facts["incidents"] if incident["caused_by"] is None]
    return bool(roots) or facts["overall_status"] != Status.HEALTHY


def severity(document: Mapping[str, Any]) -> Severity:
    """That of the report's worst finding; at least a warning, since it is worth telling."""
    found = [finding.severity for finding in findings_of(document)]
    return max([Severity.WARNING, *found], key=lambda severity: severity.weight)


def message(document: Mapping[str, Any], service: Service, day: str) -> tuple[str, str]:
    """Title and text, in the language that is spoken."""
    status = document["facts"]["overall_status"]
    title = _("{service} on {day}: {status} at the end").format(
        service=service.name, day=day, status=_(status)
    )
    lines = [line for finding in findings_of(document) for line in _lines(finding)]
    if service.ui_url:
        lines.append(f"{service.ui_url}/assets/{service.key}/health_report?partition={day}")
    return title, "\n".join(lines)


def _lines(finding: Finding) -> list[str]:
    action = [f"  → {finding.action}"] if finding.action else []
    return [f"{_(str(finding.severity))}: {finding.message}", *action]


def untold(service: Service, day: str, data_version: str, channels: list[str]) -> list[str]:
    """Those of `channels` that have not heard of this version of the day's report."""
    told = _told(service, day)
    return [name for name in channels if told.get(name) != data_version]


def mark_told(service: Service, day: str, data_version: str, channel: str) -> None:
    """Remember that `channel` has heard of this version."""
    folder = _folder(service)
    with folder.lock("told"):
        told = _told(service, day) | {channel: data_version}
        folder.write(_name(day), json.dumps(told).encode())


def _told(service: Service, day: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(_folder(service).read(_name(day)) or b"{}")
    return found


def _folder(service: Service) -> LocalFolder:
    return LocalFolder(Path(service.state_dir))


def _name(day: str) -> str:
    return f"told/health_report-{day}.json"
