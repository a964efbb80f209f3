"""Keeps rounds as samples: which services are due, and what a round leaves behind."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ops_pipelines.errors import OpsError
from ops_pipelines.health.probe import Round, run_round
from ops_pipelines.health.reading import Key, Reading
from ops_pipelines.report import Status
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import samples
from ops_pipelines.storage.samples import Sample


@dataclass(frozen=True, slots=True)
class Sampled:
    """A round that was made and kept, and what the round before it had said."""

    service: Service
    round: Round
    before: dict[Key, Status]

    @property
    def has_changed(self) -> bool:
        """Whether any component's status is another one than before."""
        return {reading.key: reading.status for reading in self.round.readings} != self.before


def is_due(service: Service, now: datetime) -> bool:
    """Whether the time slot that `now` lies in has no round yet.

    A round of a later slot, from when the clock was wrong, does not hold up this one.
    """
    slot = _slot(service, now)
    return all(sample["slot"] != slot for sample in samples.newest(service.samples_folder))


async def sample_all(
    services: Iterable[Service], now: datetime
) -> tuple[list[Sampled], list[OpsError]]:
    """Make and keep one round for each of `services`, all at once; one's error ends no other."""
    ended = await asyncio.gather(
        *(sample(service, now) for service in services), return_exceptions=True
    )
    for error in ended:
        if isinstance(error, BaseException) and not isinstance(error, OpsError):
            raise error
    made = [sampled for sampled in ended if isinstance(sampled, Sampled)]
    return made, [error for error in ended if isinstance(error, OpsError)]


async def sample(service: Service, now: datetime) -> Sampled:
    """Make and keep one round.

    Raises:
        StorageError: the samples could not be written.
    """
    checks = {check.name for check in service.health.checks}
    before = {
        reading.key: reading.status
        for kept in samples.newest(service.samples_folder)
        if kept["check"] in checks
        for reading in readings_of(kept)
    }
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)  # as exact as samples are
    found = await run_round(service, now)
    samples.append(service.samples_folder, _samples(found, _slot(service, now)))
    return Sampled(service, found, before)


def readings_of(sample: Sample) -> list[Reading]:
    """The readings that a sample keeps."""
    return [Reading.restored(sample["check"], stored) for stored in sample["readings"]]


def _samples(found: Round, slot: str) -> list[Sample]:
    by_check: dict[str, list[dict[str, Any]]] = {}
    for reading in found.readings:
        by_check.setdefault(reading.check, []).append(reading.stored())
    at = found.at.astimezone(UTC).isoformat(timespec="milliseconds")
    return [
        {"at": at, "slot": slot, "check": check, "readings": readings}
        for check, readings in by_check.items()
    ]


def _slot(service: Service, now: datetime) -> str:
    """The scheduled time that `now` belongs to: a multiple of the interval since the epoch."""
    interval = service.health.interval_seconds
    scheduled = now.timestamp() // interval * interval
    return datetime.fromtimestamp(scheduled, UTC).isoformat()
