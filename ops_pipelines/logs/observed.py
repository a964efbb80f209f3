"""The files of a log as they are now: what an observation tells, from a look at their heads."""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ops_pipelines.logs import planning, times
from ops_pipelines.logs.contents import Source
from ops_pipelines.logs.ledger import Reading
from ops_pipelines.logs.plan import Plan
from ops_pipelines.logs.records import Rejected, record_of
from ops_pipelines.logs.sources import find
from ops_pipelines.report import Reason, content_hash
from ops_pipelines.settings.logs import Logs
from ops_pipelines.settings.service import Service
from ops_pipelines.window import local_day

MOST_DAYS = 3660
"""A log is not older than ten years: an earlier time in it is a clock that stood wrong."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a log.

    Attributes:
        size: its bytes as it lies there.
        first: the time of its first line that can be read; None where its head has none.
    """

    source: Source
    modified: datetime
    first: datetime | None

    @property
    def bytes_per_hour(self) -> float | None:
        """How fast it grew from its first line to its last change."""
        if self.first is None or self.modified <= self.first:
            return None
        hours = (self.modified - self.first) / timedelta(hours=1)
        return (self.source.size or 0) / hours


@dataclass(frozen=True, slots=True)
class Seen:
    """The files, in the order of their names; and what was named and is not read, with reasons.

    Attributes:
        data_version: of what the files hold: names and compression leave it as it is.
    """

    files: tuple[File, ...]
    failed: Mapping[str, Reason]
    skipped: Mapping[str, Reason]
    data_version: str

    @property
    def size(self) -> int:
        """The bytes of all of them."""
        return sum(file.source.size or 0 for file in self.files)


def reading(service: Service, logs: Logs) -> Reading:
    """How the lines of `logs`, the section of a service, are read."""
    zone = ZoneInfo(logs.timestamp_timezone) if logs.timestamp_timezone else service.zone
    return Reading(planning.make(logs.reading, zone, logs.slow_seconds), service.zone)


def look(service: Service, logs: Logs) -> Seen:
    """Look at the files of `logs`, the section of a service."""
    found = find(logs.files)
    plan = reading(service, logs).plan
    files = tuple(
        File(source, datetime.fromtimestamp(source.modified_ns / 1e9, UTC), _first(source, plan))
        for source in found.sources
    )
    contents = sorted((hashlib.sha256(s.head).hexdigest(), _size(s)) for s in found.sources)
    return Seen(files, found.failed, found.skipped, content_hash(contents))


def first_day(service: Service, logs: Logs, now: datetime) -> date | None:
    """The day of the first line of all files; None where none is known."""
    earliest = now - timedelta(days=MOST_DAYS)
    found = [file.first for file in look(service, logs).files if file.first]
    return min((local_day(at, service.zone) for at in found if at >= earliest), default=None)


def _first(source: Source, plan: Plan) -> datetime | None:
    """The time of the first line that says something, of those in the file's head."""
    for line in source.head.split(b"\n")[:-1]:
        with suppress(Rejected):
            return times.moment(record_of(line, plan).time_us)
    return None


def _size(source: Source) -> int:
    """The bytes of its content; of what is compressed as far as its trailer tells (RFC 1952)."""
    if source.is_plain or source.name.endswith(".zst"):
        return source.size or 0
    try:
        with Path(source.name).open("rb") as opened:
            opened.seek(-4, 2)
            return int.from_bytes(opened.read(4), "little")
    except OSError:  # rotated away since it was found
        return source.size or 0
