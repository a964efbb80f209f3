"""One round: all checks of a service at once, done by its deadline."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops_pipelines.errors import OpsError
from ops_pipelines.health.checks import http, openai, rag, tcp, tls
from ops_pipelines.health.network import Network, open_network
from ops_pipelines.health.reading import Key, NoAnswer, Reading, display_names
from ops_pipelines.health.request import Request, send
from ops_pipelines.report import Finding, Reason, Severity, Status
from ops_pipelines.settings.checks import AnyCheck
from ops_pipelines.settings.service import Service

Probe = Callable[[Any, Service, Network, datetime], Awaitable[list[Reading]]]
PROBES: dict[str, Probe] = {
    "http": http.probe,
    "openai": openai.probe,
    "rag": rag.probe,
    "tcp": tcp.probe,
    "tls": tls.probe,
}
LEAST_SECONDS = 0.5
"""What a look at the reference gets at least, though the checks took the whole deadline."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What all checks of a service said at one time."""

    service: str
    at: datetime
    readings: tuple[Reading, ...]


async def run_round(service: Service, now: datetime, *, by_hand: bool = False) -> Round:
    """Probe every check of `service`; a check that hangs is cut off and judged for it.

    By hand, a check that costs money is probed now, when its budget allows it.
    """
    health, started = service.health, time.monotonic()
    limit = min(health.timeout_seconds, health.deadline_seconds)
    async with open_network(
        health.proxy, health.ca_file, by_hand=by_hand, limit_seconds=limit
    ) as network:
        found = await asyncio.gather(
            *(_probe(check, service, network, now) for check in health.checks)
        )
        readings = [reading for readings in found for reading in readings]
        left = health.deadline_seconds - (time.monotonic() - started)
        is_cut_off = not network.answered and any(reading.asked for reading in readings)
        if is_cut_off and await _is_offline(service, network, max(left, LEAST_SECONDS)):
            readings = [_offline(reading, service) for reading in readings]
    return Round(service.name, now, tuple(readings))


async def _is_offline(service: Service, network: Network, seconds: float) -> bool:
    """Whether the reference cannot be reached either: then it is the checker that is cut off."""
    url = service.health.reference_url
    if url is None:
        return False
    try:
        async with asyncio.timeout(seconds):
            await send(Request("reference_url", url, "HEAD"), network)
    except NoAnswer as error:
        return error.reason.code not in ("health.ca_file", "health.bad_request")  # not asked at all
    except TimeoutError:
        return True
    return False


def is_offline(reading: Reading) -> bool:
    """Whether it says that the checker itself was cut off."""
    return reading.reason is not None and reading.reason.code == "health.offline"


def _offline(reading: Reading, service: Service) -> Reading:
    """Nothing was learnt: it is no probe."""
    reason = Reason("health.offline", {"reference": service.health.reference_url})
    return Reading(*reading.key, Status.UNKNOWN, reason=reason, asked=False)


async def _probe(
    check: AnyCheck, service: Service, network: Network, now: datetime
) -> list[Reading]:
    try:
        async with network.in_time(check.name):
            return await PROBES[check.kind](check, service, network, now)
    except NoAnswer as error:
        return [error.reading(check.name)]
    except OpsError as error:  # a full disk, for instance: it tells what to do by itself
        detail = str(error)
    except Exception as error:  # noqa: BLE001 - one probe's mistake must not cost the others theirs
        _log.exception("the probe of %s failed", check.name)
        detail = f"{type(error).__name__}: {error}"
    reason = Reason("health.probe_failed", {"detail": detail})
    return [Reading(check.name, None, Status.UNKNOWN, reason=reason)]


def overall(readings: Iterable[Reading], service: Service) -> Status:
    """The worst status; the trouble of an optional check counts as degraded."""
    optional = _optional(service)
    return Status.worst(_counted(reading, optional) for reading in readings)


def _optional(service: Service) -> set[str]:
    return {check.name for check in service.health.checks if check.optional}


def _counted(reading: Reading, optional: Container[str]) -> Status:
    if reading.check not in optional:
        return reading.status
    return min(reading.status, Status.DEGRADED, key=lambda status: status.badness)


def findings(readings: Sequence[Reading], service: Service) -> tuple[Finding, ...]:
    """A finding for each component that is not healthy, the worst first.

    What has its cause in another one bears it as the fact `caused_by`; that the checker is offline
    is said once.
    """
    bad = {r.key: r for r in readings if r.status is not Status.HEALTHY}
    offline = next(filter(is_offline, bad.values()), None)
    if offline and offline.reason:
        return (Finding("health.offline", Severity.WARNING, service.name, offline.reason.facts),)
    causes = {k: r.status for k, r in bad.items() if not r.reason or r.reason.code != "health.gap"}
    checks = (check.name for check in service.health.checks)
    names, optional = display_names((r.key for r in readings), checks), _optional(service)
    found = [
        _finding(names[key], r, _counted(r, optional), cause(key, r.status, causes, service))
        for key, r in bad.items()
    ]
    return tuple(sorted(found, key=lambda finding: -finding.severity.weight))


def cause(key: Key, status: Status, bad: Mapping[Key, Status], service: Service) -> str | None:
    """The check among `bad` that causes the trouble of `key`, which is `status`.

    That is the check which reports a component, unless the component is worse: then the check may
    well speak of it. Or it is one that the check says it depends on.
    """
    check, component = key
    if component is not None:
        reporting = bad.get((check, None))
        return check if reporting and reporting.badness >= status.badness else None
    depends_on = {c.name: c.depends_on for c in service.health.checks}
    return next((name for name in depends_on.get(check, ()) if (name, None) in bad), None)


def _finding(name: str, reading: Reading, counted: Status, caused_by: str | None) -> Finding:
    severity = Severity.CRITICAL if counted is Status.UNHEALTHY else Severity.WARNING
    facts: dict[str, Any] = {"status": str(reading.status), "check": reading.check}
    reason = reading.reason or Reason("health.no_reason")
    facts["reason"] = reason.stored()
    caused_by = caused_by or reason.facts.get("because_of")
    if caused_by is None:
        return Finding(f"health.component_{reading.status}", severity, name, facts)
    facts["caused_by"] = caused_by
    return Finding("health.symptom", Severity.INFO, name, facts)
