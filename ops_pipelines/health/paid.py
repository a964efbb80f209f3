"""Keeps the memory of paid checks, and lets a round call only what the budget allows."""

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ops_pipelines.health import budget
from ops_pipelines.health.budget import Memory, Purpose
from ops_pipelines.health.reading import Reading
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.paid_checks import OpenAiCheck, RagCheck
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.folder import LocalFolder
from ops_pipelines.window import local_day

PaidCheck = OpenAiCheck | RagCheck
Ask = Callable[[], Awaitable[list[Reading]]]
SPARE_SECONDS = 0.1
"""A paid question is cut off so long before its check, so that its verdict can be kept."""
_FILE = "paid/memory.json"
_log = logging.getLogger(__name__)


class Purse:
    """The budget of one check of one service: holds across processes and restarts."""

    def __init__(self, check: PaidCheck, service: Service, now: datetime) -> None:
        self.check = check
        self.service = service
        self.now = now
        self._folder = _folder(service)

    def memory(self) -> Memory:
        """What is remembered now."""
        return memory_of(self.check, self.service)

    def spend(self, calls: int, why: Purpose) -> bool:
        """Take `calls` calls out of the budget, before they are made; False when it is spent."""
        day = local_day(self.now, self.service.zone)
        with self._folder.lock("paid"):
            spent = budget.spend(self.check, self.memory(), calls, why, self.now, day)
            if spent is not None:
                self._write(spent)
        return spent is not None

    def remember(self, readings: Sequence[Reading]) -> None:
        """Keep what a probe said."""
        with self._folder.lock("paid"):
            health = self.service.health
            self._write(budget.remember(self.memory(), readings, health, self.now))

    def learn(self, what: str) -> None:
        """Keep what the next probe wants to know."""
        with self._folder.lock("paid"):
            self._write(replace(self.memory(), learned=what))

    def _write(self, memory: Memory) -> None:
        kept = {**_kept(self._folder), self.check.name: memory.stored()}
        self._folder.write(_FILE, json.dumps(kept).encode())


async def probe(
    purse: Purse, components: Sequence[str | None], ask: Ask, *, by_hand: bool
) -> list[Reading]:
    """Ask when it is time and the budget allows it; else what the last probe said, if it holds.

    By hand it is always time, and what is not asked is said to be not probed. `components` are
    those that `ask` speaks of.
    """
    memory = purse.memory()
    why = budget.purpose(purse.check, memory, purse.now) or ("by_hand" if by_hand else None)
    if why is not None and purse.spend(purse.check.calls_per_probe, why):
        readings = await ask()
        purse.remember(readings)
        return readings
    held = budget.held(purse.check, memory, purse.now)
    facts = {"calls_per_day": purse.check.calls_per_day, "last": _last(purse, memory)}
    if not held:
        reason = Reason("health.not_probed", facts)
        return [
            Reading(purse.check.name, component, Status.UNKNOWN, reason=reason, asked=False)
            for component in components
        ]
    return [_not_probed_again(reading, facts) for reading in held] if by_hand else held


def _not_probed_again(reading: Reading, facts: dict[str, Any]) -> Reading:
    """A verdict that holds, as somebody is told who wanted a new one."""
    if reading.reason is None:
        return replace(reading, reason=Reason("health.not_probed", facts))
    facts = {**facts, "reason": reading.reason.stored()}
    return replace(reading, reason=Reason("health.not_probed_again", facts))


def _last(purse: Purse, memory: Memory) -> str:
    at = memory.probed_at
    return at.astimezone(purse.service.zone).isoformat(timespec="minutes") if at else "-"


def calls_on(service: Service, day: str) -> dict[str, int]:
    """How many calls each paid check of `service` made on a day."""
    paid = [c for c in service.health.checks if isinstance(c, OpenAiCheck | RagCheck)]
    return {check.name: memory_of(check, service).calls_on.get(day, 0) for check in paid}


def memory_of(check: PaidCheck, service: Service) -> Memory:
    """What is remembered of a check; nothing where somebody damaged it."""
    kept = _kept(_folder(service)).get(check.name)
    try:
        return Memory.restored(check.name, kept) if kept else Memory()
    except (ValueError, KeyError, TypeError, AttributeError):
        _log.warning("%s: what check %s remembers is damaged, and begun anew", _FILE, check.name)
        return Memory()


def _kept(folder: LocalFolder) -> dict[str, Any]:
    """What is remembered of all checks."""
    try:
        kept: dict[str, Any] = json.loads(folder.read(_FILE) or b"{}")
    except ValueError:
        _log.warning("%s is damaged, and begun anew", folder.where(_FILE))
        return {}
    return kept if isinstance(kept, dict) else {}


def _folder(service: Service) -> LocalFolder:
    return LocalFolder(Path(service.state_dir))
