"""One round: all checks of a service at once, done by its deadline."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops_pipelines.health.checks import http, tcp
from ops_pipelines.health.network import Network, open_network
from ops_pipelines.health.reading import NoAnswer, Reading, display_names
from ops_pipelines.report import Finding, Reason, Severity, Status
from ops_pipelines.settings.health import AnyCheck
from ops_pipelines.settings.service import Service

Probe = Callable[[Any, Service, Network, datetime], Awaitable[list[Reading]]]
PROBES: dict[str, Probe] = {"http": http.probe, "tcp": tcp.probe}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What all checks of a service said at one time."""

    service: str
    at: datetime
    readings: tuple[Reading, ...]


async def run_round(service: Service, now: datetime) -> Round:
    """Probe every check of `service`; a check that hangs is cut off and judged for it."""
    health = service.health
    async with open_network(health.proxy, health.ca_file) as network:
        found = await asyncio.gather(
            *(_probe(check, service, network, now) for check in health.checks)
        )
    return Round(service.name, now, tuple(reading for readings in found for reading in readings))


async def _probe(
    check: AnyCheck, service: Service, network: Network, now: datetime
) -> list[Reading]:
    limit = min(service.health.timeout_seconds, service.health.deadline_seconds)
    try:
        async with asyncio.timeout(limit):
            return await PROBES[check.kind](check, service, network, now)
    except NoAnswer as error:
        return [Reading(check.name, None, error.status, reason=error.reason)]
    except TimeoutError:
        stage = network.stages[check.name]
        # What cannot even be resolved may be well: it is the name server that hangs.
        status = Status.UNKNOWN if stage == "resolving" else Status.UNHEALTHY
        reason = Reason(f"health.hangs_{stage}", {"seconds": limit})
        return [Reading(check.name, None, status, reason=reason)]
    except Exception as error:  # noqa: BLE001 - one probe's mistake must not cost the others theirs
        _log.exception("the probe of %s failed", check.name)
        reason = Reason("health.probe_failed", {"detail": f"{type(error).__name__}: {error}"})
        return [Reading(check.name, None, Status.UNKNOWN, reason=reason)]


def overall(readings: Iterable[Reading], service: Service) -> Status:
    """The worst status; the trouble of an optional check counts as degraded."""
    return Status.worst(_counted(reading, service) for reading in readings)


def _counted(reading: Reading, service: Service) -> Status:
    is_optional = reading.check in {check.name for check in service.health.checks if check.optional}
    return (
        min(reading.status, Status.DEGRADED, key=lambda s: s.badness)
        if is_optional
        else reading.status
    )


def findings(readings: Iterable[Reading], service: Service) -> tuple[Finding, ...]:
    """A finding for each component that is not healthy, the worst first."""
    readings = list(readings)
    names = display_names(
        (reading.key for reading in readings), (check.name for check in service.health.checks)
    )
    found = [
        _finding(names[reading.key], reading, _counted(reading, service))
        for reading in readings
        if reading.status is not Status.HEALTHY
    ]
    return tuple(sorted(found, key=lambda finding: -finding.severity.weight))


def _finding(name: str, reading: Reading, counted: Status) -> Finding:
    severity = Severity.CRITICAL if counted is Status.UNHEALTHY else Severity.WARNING
    facts: dict[str, Any] = {"status": str(reading.status), "check": reading.check}
    if reading.reason:
        facts["reason"] = reading.reason.stored()
    return Finding(f"health.component_{reading.status}", severity, name, facts)
