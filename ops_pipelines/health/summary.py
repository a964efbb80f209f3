"""The report of a day: what the past tells, in numbers, and what an operator should know of it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from ops_pipelines import quantiles
from ops_pipelines.coverage import Coverage, coverage, rounded_down
from ops_pipelines.health import memory, trend
from ops_pipelines.health.incidents import Incident
from ops_pipelines.health.past import Component, Past
from ops_pipelines.health.probe import findings, is_offline, overall
from ops_pipelines.health.reading import Key, Reading
from ops_pipelines.report import Finding, Reason, Report, Severity, Status
from ops_pipelines.settings.service import Service
from ops_pipelines.window import local_day

CODE_VERSION = "3"
"""Goes up when the same samples give another report."""


def summarize(
    past: Past,
    now: datetime,
    earlier: Mapping[date, Mapping[str, Any]] | None = None,
    calls: Mapping[str, int] | None = None,
) -> Report:
    """The report of `past`.

    `earlier` are the stored reports of the days before, and `calls` how many calls each check that
    costs money has made on this day.
    """
    service = past.service
    last = [component.at_the_end for component in past.components]
    names = {component.key: component.name for component in past.components}
    known = {check.name for check in service.health.checks}
    facts = {
        "overall_status": str(overall(last, service)),
        **_coverage_facts(coverage(past.stretches)),
        "components": {c.name: _facts(c, service) for c in past.components},
        "incidents": [_incident(incident, names) for incident in past.incidents],
        "calls": dict(calls or {}),
    }
    day = local_day(past.window.start, service.zone)
    trends = trend.compare(facts, earlier or {}, day, service)
    return Report(
        service=service.name,
        asset="health_report",
        window=past.window,
        complete=past.window.end <= now,
        made_at=now,
        facts={**facts, **trends.facts, "memory": memory.stored(past.memory)},
        findings=(
            *_now(last, past),
            *_was_offline(past, last),
            *(_ended(i, past, names) for i in past.incidents if i.end and not i.caused_by),
            *trends.findings,
        ),
        inputs={
            "samples": len(past.samples.samples),
            "torn": past.samples.torn,
            "doubled": past.samples.doubled,
            "of_other_checks": sum(s["check"] not in known for s in past.samples.samples),
        },
    )


def _now(last: list[Reading], past: Past) -> tuple[Finding, ...]:
    """What is not healthy at the end of the window."""
    if past.components:
        return findings(last, past.service)
    folder = str(past.service.samples_folder)
    return (Finding("health.no_samples", Severity.WARNING, past.service.name, {"folder": folder}),)


def _was_offline(past: Past, last: list[Reading]) -> tuple[Finding, ...]:
    """That the checker was offline, said once; when it still is, that is said already."""
    rounds = {
        at
        for component in past.components
        for at, reading in component.readings
        if is_offline(reading) and at in past.part
    }
    if not rounds or any(map(is_offline, last)):
        return ()
    minutes = round(len(rounds) * past.service.health.interval_seconds / 60, 1)
    facts = {"minutes": minutes}
    return (Finding("health.was_offline", Severity.INFO, past.service.name, facts),)


def _ended(incident: Incident, past: Past, names: Mapping[Key, str]) -> Finding:
    """An incident that is over; one that is open is among what is not healthy at the end."""
    severity = Severity.WARNING if incident.worst.status is Status.UNHEALTHY else Severity.INFO
    zone, end = past.service.zone, incident.end or past.part.end
    reason = incident.worst.reason or Reason("health.no_reason")
    facts = {
        "start": incident.start.astimezone(zone).isoformat(timespec="minutes"),
        "end": end.astimezone(zone).isoformat(timespec="minutes"),
        "minutes": round((end - incident.start).total_seconds() / 60, 1),
        "status": str(incident.worst.status),
        "reason": reason.stored(),
        "symptoms": [
            _name(other.key, names)
            for other in past.incidents
            if (other.caused_by, None) == incident.key and incident.start <= other.start <= end
        ],
    }
    return Finding("health.incident", severity, _name(incident.key, names), facts)


def _incident(incident: Incident, names: Mapping[Key, str]) -> dict[str, Any]:
    return {"name": _name(incident.key, names), **incident.stored()}


def _name(key: Key, names: Mapping[Key, str]) -> str:
    return names.get(key) or "/".join(part for part in key if part)


def _facts(component: Component, service: Service) -> dict[str, Any]:
    last, (at, reading) = component.at_the_end, component.readings[-1]
    probed_at = reading.last_check(at)
    return {
        "check": last.check,
        "status": str(last.status),
        "reason": last.reason.stored() if last.reason else None,
        "response_time_seconds": last.response_time_seconds,
        "last_check": probed_at
        and probed_at.astimezone(service.zone).isoformat(timespec="seconds"),
        "probes": len(_probes(component)),
        **_coverage_facts(coverage(component.stretches)),
        "latency_seconds": _latency(component),
        **({"measured": dict(reading.facts)} if reading.facts else {}),
    }


def _probes(component: Component) -> list[Reading]:
    """The probes that were made in the window: a verdict that still holds is none."""
    start = component.stretches[0].window.start
    return [r for at, r in component.readings if at >= start and r.asked]


def _latency(component: Component) -> dict[str, float] | None:
    """Quantiles of its response times within the window; None where it has none."""
    times = (reading.response_time_seconds for reading in _probes(component))
    found = quantiles.summary(seconds for seconds in times if seconds is not None)
    return {name: round(value, 6) for name, value in found.items()} if found else None


def _coverage_facts(found: Coverage) -> dict[str, Any]:
    return {
        "availability_ratio": rounded_down(found.availability_ratio),
        "coverage_ratio": rounded_down(found.coverage_ratio),
        "seconds": {str(status): round(seconds, 3) for status, seconds in found.seconds.items()},
    }
