"""Keeps rounds as samples: which services are due, and what a round leaves behind."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

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
    slot = _slot(service, now).isoformat()
    return all(sample["slot"] != slot for sample in samples.newest(service.samples_folder))


async def sample_due(
    services: Iterable[Service], now: datetime
) -> tuple[list[Sampled], list[OpsError]]:
    """Make and keep one round of each service that is due, all at once; one's error ends no other.

    Given are the rounds, and what went wrong with others.
    """

    async def sample_if_due(service: Service) -> Sampled | None:
        return await sample(service, now) if is_due(service, now) else None

    ended = await asyncio.gather(*map(sample_if_due, services), return_exceptions=True)
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


def sample_of(at: datetime, slot: datetime, readings: Sequence[Reading]) -> Sample:
    """What one check read at `at`, in the round that was scheduled for `slot`, to be kept."""
    return {
        "at": at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "slot": slot.astimezone(UTC).isoformat(),
        "check": readings[0].check,
        "readings": [reading.stored() for reading in readings],
    }


def _samples(found: Round, slot: datetime) -> list[Sample]:
    by_check: dict[str, list[Reading]] = {}
    for reading in found.readings:
        by_check.setdefault(reading.check, []).append(reading)
    return [sample_of(found.at, slot, readings) for readings in by_check.values()]


def _slot(service: Service, now: datetime) -> datetime:
    """The scheduled time that `now` belongs to: a multiple of the interval since the epoch."""
    interval = service.health.interval_seconds
    return datetime.fromtimestamp(now.timestamp() // interval * interval, UTC)
