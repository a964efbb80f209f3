"""Incidents: from readings to stretches in which a component was not well.

Judged by data alone, reading by reading, with a memory that can be kept and taken up again: each
day's report keeps the memory at the day's end, and the next day starts from it. So neither midnight
nor samples that were pruned change an incident.

An incident opens with the `failure_threshold`-th probe in a row that is not healthy and begins with
the first of them; it closes with the `recovery_threshold`-th healthy probe in a row and ends with
the first of them. Time without probes opens and closes nothing, and a verdict that holds for many
rounds is one probe.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from ops_pipelines.health.probe import cause
from ops_pipelines.health.reading import Key, Reading
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.service import Service

REMEMBERED = timedelta(days=7)
"""How long a component that is no longer reported is missed."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One probe that was not healthy: when, and what it saw."""

    at: datetime
    status: Status
    reason: Reason | None

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        reason = self.reason.stored() if self.reason else None
        return {"at": self.at.isoformat(), "status": str(self.status), "reason": reason}

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> "Evidence":
        """Evidence from what `stored` gave."""
        return cls(
            datetime.fromisoformat(stored["at"]),
            Status(stored["status"]),
            Reason.restored(stored["reason"]),
        )


@dataclass(frozen=True, slots=True)
class Incident:
    """A stretch of time in which a component was not well.

    Attributes:
        start: the first probe that was not healthy.
        end: the first healthy probe of those that closed it; None while it lasts.
        worst: the first of its worst probes.
        caused_by: the check whose trouble is its cause: it is a symptom then.
    """

    key: Key
    first: Evidence
    worst: Evidence
    end: datetime | None = None
    caused_by: str | None = None

    @property
    def start(self) -> datetime:
        """When it began."""
        return self.first.at

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "check": self.key[0],
            "component": self.key[1],
            "start": self.start.isoformat(),
            "end": self.end.isoformat() if self.end else None,
            "duration_seconds": (self.end - self.start).total_seconds() if self.end else None,
            "status": str(self.worst.status),
            "first": self.first.stored(),
            "worst": self.worst.stored(),
            "caused_by": self.caused_by,
        }

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> "Incident":
        """An incident from what `stored` gave."""
        return cls(
            (stored["check"], stored["component"]),
            Evidence.restored(stored["first"]),
            Evidence.restored(stored["worst"]),
            datetime.fromisoformat(stored["end"]) if stored["end"] else None,
            stored["caused_by"],
        )


@dataclass(frozen=True, slots=True)
class Track:
    """What is known of one component so far.

    Attributes:
        seen: when it was last read.
        probed: when the last probe was that counted.
        bad: the probes that were not healthy since the last healthy one, while no incident is
            open: how many, and the first and the worst of them.
        well: how many healthy probes in a row an open incident has seen, and since when.
        incident: the open one.
    """

    seen: datetime
    probed: datetime | None = None
    bad: int = 0
    first: Evidence | None = None
    worst: Evidence | None = None
    well: int = 0
    well_since: datetime | None = None
    incident: Incident | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What is known of all components, and up to when.

    Attributes:
        reported: when each component was last among what its check reported.
    """

    at: datetime
    tracks: Mapping[Key, Track] = field(default_factory=dict)
    reported: Mapping[Key, datetime] = field(default_factory=dict)


def follow(
    memory: Memory, rounds: Iterable[tuple[datetime, Sequence[Reading]]], service: Service
) -> tuple[Memory, list[Incident]]:
    """The memory after `rounds`, which are ordered by time, and the incidents that they closed."""
    tracks, at = dict(memory.tracks), memory.at
    gap = timedelta(seconds=2 * service.health.interval_seconds)
    closed: list[Incident] = []
    for at, readings in rounds:
        opened: set[Key] = set()
        for reading in readings:
            before = tracks.get(reading.key) or Track(at)
            before = _after_gap(before) if at - before.seen > gap else before
            probed = _new_probe(reading, at, before)
            if probed is None:
                tracks[reading.key] = replace(before, seen=at)
                continue
            track, ended = _step(before, reading, at, probed, service)
            tracks[reading.key] = track
            closed += [ended] if ended else []
            opened |= {reading.key} if track.incident and not before.incident else set()
        _find_causes(tracks, opened, service)
        closed += _forget(tracks, at, readings)
    return Memory(at, tracks, memory.reported), closed


def _after_gap(track: Track) -> Track:
    """Probes on both sides of a gap are not in a row; an open incident stays open."""
    return Track(track.seen, track.probed, incident=track.incident)


def _new_probe(reading: Reading, at: datetime, track: Track) -> datetime | None:
    """When the probe was that a reading tells of; None without one, or when it has counted."""
    probed = reading.last_check(at)
    is_known = probed and not reading.asked and track.probed and probed <= track.probed
    return None if is_known else probed


def _step(
    track: Track, reading: Reading, seen: datetime, probed: datetime, service: Service
) -> tuple[Track, Incident | None]:
    """The track after one more probe, and the incident that it closed."""
    if reading.status is Status.HEALTHY:
        if track.incident is None:
            return Track(seen, probed), None
        well, since = track.well + 1, track.well_since or probed
        if well >= service.health.recovery_threshold:
            return Track(seen, probed), replace(track.incident, end=since)
        return replace(track, seen=seen, probed=probed, well=well, well_since=since), None
    found = Evidence(probed, reading.status, reading.reason)
    if track.incident is not None:
        incident = replace(track.incident, worst=_worse(track.incident.worst, found))
        return Track(seen, probed, incident=incident), None
    first, worst = track.first or found, _worse(track.worst or found, found)
    if track.bad + 1 < service.health.failure_threshold:
        return Track(seen, probed, track.bad + 1, first, worst), None
    return Track(seen, probed, incident=Incident(reading.key, first, worst)), None


def _worse(one: Evidence, other: Evidence) -> Evidence:
    return other if other.status.badness > one.status.badness else one


def _find_causes(tracks: dict[Key, Track], opened: set[Key], service: Service) -> None:
    """Say of incidents that have just opened whose symptoms they are.

    What goes on when its cause is well again was more than a symptom.
    """
    in_trouble = {key: worst.status for key, track in tracks.items() if (worst := _worst(track))}
    for key, status in in_trouble.items():
        track = tracks[key]
        if track.incident is None:
            continue
        caused_by = track.incident.caused_by
        if key in opened:
            caused_by = cause(key, status, in_trouble, service)
        elif caused_by and (caused_by, None) not in in_trouble and not track.well:
            caused_by = None
        tracks[key] = replace(track, incident=replace(track.incident, caused_by=caused_by))


def _worst(track: Track) -> Evidence | None:
    """The worst that is known of a component in trouble."""
    return track.incident.worst if track.incident else track.worst


def _forget(tracks: dict[Key, Track], at: datetime, readings: Sequence[Reading]) -> list[Incident]:
    """Drop what its check no longer speaks of, and what was not read for a week.

    That ends their incidents.
    """
    read, checks = {reading.key for reading in readings}, {reading.check for reading in readings}
    old = {
        key: track
        for key, track in tracks.items()
        if (key not in read and key[0] in checks) or at - track.seen > REMEMBERED
    }
    for key in old:
        del tracks[key]
    return [replace(t.incident, end=t.seen) for t in old.values() if t.incident]
