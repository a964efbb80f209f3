"""Sums up the samples of a window: how each component was, over time and at the end."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ops_pipelines import quantiles
from ops_pipelines.coverage import Coverage, Stretch, coverage, stretches
from ops_pipelines.health.probe import findings, overall
from ops_pipelines.health.reading import Key, Reading, display_names
from ops_pipelines.health.sampler import readings_of
from ops_pipelines.report import Finding, Reason, Report, Severity, Status
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.samples import Sample, Samples
from ops_pipelines.window import Window

CODE_VERSION = "1"
"""Goes up when the same samples give another report."""


@dataclass(frozen=True, slots=True)
class Component:
    """One component over the window: its readings with their times, and its stretches."""

    name: str
    readings: list[tuple[datetime, Reading]]
    stretches: list[Stretch]

    @property
    def at_the_end(self) -> Reading:
        """Its last reading; unknown when the readings stopped before the window's end."""
        last = self.readings[-1][1]
        if self.stretches[-1].status is last.status:
            return last
        return Reading(last.check, last.component, Status.UNKNOWN, reason=Reason("health.gap"))


def evidence_window(window: Window, service: Service) -> Window:
    """The window with the time before it from which a reading can reach into it."""
    return window.widened(2 * _interval(service))


def components(
    samples: Samples, service: Service, window: Window, now: datetime
) -> list[Component]:
    """Every component that the samples speak of, in the order of the service file."""
    by_key = _by_component(samples, service)
    names = display_names(by_key, (check.name for check in service.health.checks))
    part = window.until(now)
    if not part.seconds:
        return []
    return [
        Component(name, found, _stretches(((at, r.status) for at, r in found), part, service))
        for name, found in ((name, by_key[key]) for key, name in names.items())
    ]


def summarize(samples: Samples, service: Service, window: Window, now: datetime) -> Report:
    """The report of `window` as far as it has passed.

    `samples` are those of `evidence_window(window)`; of checks that the service file no longer
    has they are left out and counted.
    """
    found = components(samples, service, window, now)
    last = [component.at_the_end for component in found]
    known = {check.name for check in service.health.checks}
    return Report(
        service=service.name,
        asset="health_report",
        window=window,
        complete=window.end <= now,
        made_at=now,
        facts={
            "overall_status": str(overall(last, service)),
            **_coverage_facts(coverage(service_stretches(samples, service, window, now))),
            "components": {component.name: _facts(component, service) for component in found},
        },
        findings=findings(last, service) if found else (_no_samples(service),),
        inputs={
            "samples": len(samples.samples),
            "torn": samples.torn,
            "doubled": samples.doubled,
            "of_other_checks": sum(s["check"] not in known for s in samples.samples),
        },
    )


def _no_samples(service: Service) -> Finding:
    folder = str(service.samples_folder)
    return Finding("health.no_samples", Severity.WARNING, service.name, {"folder": folder})


def service_stretches(
    samples: Samples, service: Service, window: Window, now: datetime
) -> list[Stretch]:
    """How the service as a whole was: the worst of its components in each round.

    The samples of one slot are one round, be they of two that were made at once.
    """
    rounds: dict[str, tuple[datetime, list[Reading]]] = {}
    for sample in _of_known_checks(samples, service):
        _, readings = rounds.setdefault(sample["slot"], (_time(sample), []))
        readings += readings_of(sample)
    statuses = ((at, overall(readings, service)) for at, readings in rounds.values())
    return _stretches(statuses, window.until(now), service)


def _by_component(samples: Samples, service: Service) -> dict[Key, list[tuple[datetime, Reading]]]:
    """The readings of each component; while its check does not report it, it is unknown."""
    found: dict[Key, list[tuple[datetime, Reading]]] = {}
    for sample in _of_known_checks(samples, service):
        at, readings = _time(sample), readings_of(sample)
        said = {reading.key for reading in readings}
        for key in [key for key in found if key[0] == sample["check"] and key not in said]:
            found[key].append((at, _not_reported(key, readings)))
        for reading in readings:
            found.setdefault(reading.key, []).append((at, reading))
    return found


def _not_reported(key: Key, readings: Sequence[Reading]) -> Reading:
    """What is known of a component that is not among its check's `readings`."""
    reason = readings[0].reason if len(readings) == 1 else None  # there was no answer to report it
    return Reading(*key, Status.UNKNOWN, reason=reason or Reason("health.not_reported"))


def _of_known_checks(samples: Samples, service: Service) -> Iterable[Sample]:
    known = {check.name for check in service.health.checks}
    return (sample for sample in samples.samples if sample["check"] in known)


def _time(sample: Sample) -> datetime:
    return datetime.fromisoformat(sample["at"])


def _interval(service: Service) -> timedelta:
    return timedelta(seconds=service.health.interval_seconds)


def _stretches(
    statuses: Iterable[tuple[datetime, Status]], part: Window, service: Service
) -> list[Stretch]:
    return stretches(statuses, part, _interval(service))


def _facts(component: Component, service: Service) -> dict[str, Any]:
    last, (last_at, _) = component.at_the_end, component.readings[-1]
    return {
        "check": last.check,
        "status": str(last.status),
        "reason": last.reason.stored() if last.reason else None,
        "response_time_seconds": last.response_time_seconds,
        "last_check": last_at.astimezone(service.zone).isoformat(timespec="seconds"),
        "probes": sum(at >= component.stretches[0].window.start for at, _ in component.readings),
        **_coverage_facts(coverage(component.stretches)),
        "latency_seconds": _latency(component),
    }


def _latency(component: Component) -> dict[str, float] | None:
    """Quantiles of its response times within the window; None where it has none."""
    start = component.stretches[0].window.start
    found = quantiles.summary(
        reading.response_time_seconds
        for at, reading in component.readings
        if reading.response_time_seconds is not None and at >= start
    )
    return {name: round(value, 6) for name, value in found.items()} if found else None


def _coverage_facts(found: Coverage) -> dict[str, Any]:
    return {
        "availability_ratio": _rounded(found.availability_ratio),
        "coverage_ratio": _rounded(found.coverage_ratio),
        "seconds": {str(status): round(seconds, 3) for status, seconds in found.seconds.items()},
    }


def _rounded(ratio: float | None) -> float | None:
    """Rounded down: what is not the whole never reads as 1."""
    return None if ratio is None else math.floor(ratio * 1e6) / 1e6
