"""One round: all checks of a service at once, done by its deadline."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
    async with open_network(health.proxy, health.ca_file, by_hand=by_hand) as network:
        found = await asyncio.gather(
            *(_probe(check, service, network, now) for check in health.checks)
        )
        readings = [reading for readings in found for reading in readings]
        left = health.deadline_seconds - (time.monotonic() - started)
        if not network.answered and await _is_offline(service, network, max(left, LEAST_SECONDS)):
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
    except (NoAnswer, TimeoutError):
        return True
    return False


def _offline(reading: Reading, service: Service) -> Reading:
    reason = Reason("health.offline", {"reference": service.health.reference_url})
    return Reading(reading.check, reading.component, Status.UNKNOWN, reason=reason)


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
        return [_cut_off(check, network.stages.get(check.name, "resolving"), limit)]
    except Exception as error:  # noqa: BLE001 - one probe's mistake must not cost the others theirs
        _log.exception("the probe of %s failed", check.name)
        reason = Reason("health.probe_failed", {"detail": f"{type(error).__name__}: {error}"})
        return [Reading(check.name, None, Status.UNKNOWN, reason=reason)]


def _cut_off(check: AnyCheck, stage: str, limit: float) -> Reading:
    # What cannot even be resolved may be well: it is the name server that hangs.
    status = Status.UNKNOWN if stage == "resolving" else Status.UNHEALTHY
    reason = Reason(f"health.hangs_{stage}", {"seconds": limit})
    return Reading(check.name, None, status, reason=reason)


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
    """A finding for each component that is not healthy, the worst first.

    What has its cause in another one bears it as the fact `caused_by`; that the checker is offline
    is said once.
    """
    bad = {r.key: r for r in readings if r.status is not Status.HEALTHY}
    offline = [r.reason for r in bad.values() if r.reason and r.reason.code == "health.offline"]
    if offline:
        return (Finding("health.offline", Severity.WARNING, service.name, offline[0].facts),)
    causes = {key for key, r in bad.items() if not r.reason or r.reason.code != "health.gap"}
    names = display_names(bad, (check.name for check in service.health.checks))
    found = [
        _finding(names[key], reading, _counted(reading, service), cause(key, causes, service))
        for key, reading in bad.items()
    ]
    return tuple(sorted(found, key=lambda finding: -finding.severity.weight))


def cause(key: Key, bad: Container[Key], service: Service) -> str | None:
    """The check among `bad` that causes the trouble of `key`.

    That is the check which reports a component, or one that the check says it depends on.
    """
    check, component = key
    depends_on = {c.name: c.depends_on for c in service.health.checks}
    candidates = depends_on.get(check, ()) if component is None else (check,)
    return next((name for name in candidates if (name, None) in bad), None)


def _finding(name: str, reading: Reading, counted: Status, caused_by: str | None) -> Finding:
    severity = Severity.CRITICAL if counted is Status.UNHEALTHY else Severity.WARNING
    facts: dict[str, Any] = {"status": str(reading.status), "check": reading.check}
    facts["reason"] = (reading.reason or Reason("health.no_reason")).stored()
    if caused_by is None:
        return Finding(f"health.component_{reading.status}", severity, name, facts)
    facts["caused_by"] = caused_by
    return Finding("health.symptom", Severity.INFO, name, facts)
