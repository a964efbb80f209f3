"""Keeps the memory of paid checks, and lets a round call only what the budget allows."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from ops_pipelines.health import budget
from ops_pipelines.health.budget import Memory, Purpose
from ops_pipelines.health.reading import Reading
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.paid_checks import OpenAiCheck, RagCheck
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.folder import LocalFolder

PaidCheck = OpenAiCheck | RagCheck
Ask = Callable[["Purse"], Awaitable[list[Reading]]]


class Purse:
    """The budget of one check of one service: holds across processes and restarts."""

    def __init__(self, check: PaidCheck, service: Service, now: datetime) -> None:
        self.check = check
        self.service = service
        self.now = now
        self.why: Purpose = "regular"
        self._folder = _folder(service)

    def memory(self) -> Memory:
        """What is remembered now."""
        return memory_of(self.check, self.service)

    def spend(self, calls: int) -> bool:
        """Take `calls` calls out of the budget, before they are made; False when it is spent."""
        with self._folder.lock("paid"):
            spent = budget.spend(self.check, self.memory(), calls, self.why, self.now)
            if spent is not None:
                self._write(spent)
        return spent is not None

    def remember(self, readings: Sequence[Reading]) -> None:
        """Keep what a probe said."""
        with self._folder.lock("paid"):
            health = self.service.health
            self._write(budget.remember(self.memory(), readings, health, self.now))

    def _write(self, memory: Memory) -> None:
        self._folder.write(_name(self.check), json.dumps(memory.stored()).encode())


async def probe(
    purse: Purse, components: Sequence[str | None], ask: Ask, *, by_hand: bool
) -> list[Reading]:
    """Ask when it is time and the budget allows it; else what the last probe said, if it holds.

    By hand it is always time, and what is not asked is said to be not probed. `components` are
    those that `ask` speaks of.
    """
    memory = purse.memory()
    why = "by_hand" if by_hand else budget.purpose(purse.check, memory, purse.now)
    if why is not None:
        purse.why = why
        if purse.spend(purse.check.calls_per_probe):
            return await _ask(purse, components, ask)
    held = None if by_hand else budget.held(purse.check, memory, purse.now)
    return held or _not_probed(purse.check, components, memory)


async def _ask(purse: Purse, components: Sequence[str | None], ask: Ask) -> list[Reading]:
    try:
        readings = await ask(purse)
    except asyncio.CancelledError:  # it hangs, and what is paid for must not be asked again at once
        reason = Reason("health.hangs_answering", {"seconds": purse.service.health.timeout_seconds})
        purse.remember(_all(purse.check, components, Status.UNHEALTHY, reason))
        raise
    purse.remember(readings)
    return readings


def _not_probed(
    check: PaidCheck, components: Sequence[str | None], memory: Memory
) -> list[Reading]:
    last = memory.probed_at.isoformat(timespec="minutes") if memory.probed_at else "-"
    facts = {"calls_per_day": check.calls_per_day, "last": last}
    return _all(check, components, Status.UNKNOWN, Reason("health.not_probed", facts))


def _all(
    check: PaidCheck, components: Sequence[str | None], status: Status, reason: Reason
) -> list[Reading]:
    return [Reading(check.name, component, status, reason=reason) for component in components]


def calls_on(service: Service, day: str) -> dict[str, int]:
    """How many calls each paid check of `service` made on a day of UTC."""
    paid = [c for c in service.health.checks if isinstance(c, OpenAiCheck | RagCheck)]
    return {check.name: memory_of(check, service).calls_on.get(day, 0) for check in paid}


def memory_of(check: PaidCheck, service: Service) -> Memory:
    """What is remembered of a check; nothing when the file is missing or damaged."""
    try:
        return Memory.restored(check.name, json.loads(_folder(service).read(_name(check)) or b""))
    except (ValueError, KeyError, TypeError):
        return Memory()


def _folder(service: Service) -> LocalFolder:
    return LocalFolder(Path(service.state_dir))


def _name(check: PaidCheck) -> str:
    return f"paid/{quote(check.name, safe='')}.json"
