"""What samples tell of a window: rounds, components, how long each was how, and incidents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_pipelines.coverage import Stretch, stretches
from ops_pipelines.health import incidents
from ops_pipelines.health.incidents import REMEMBERED, Incident, Memory
from ops_pipelines.health.probe import overall
from ops_pipelines.health.reading import Key, Reading, display_names
from ops_pipelines.health.sampler import readings_of
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.samples import Samples
from ops_pipelines.window import Window

Rounds = list[tuple[datetime, list[Reading]]]


@dataclass(frozen=True, slots=True)
class Component:
    """One component: its readings with their times, and how it was over the window."""

    key: Key
    name: str
    readings: list[tuple[datetime, Reading]]
    stretches: list[Stretch]

    @property
    def at_the_end(self) -> Reading:
        """Its last reading; unknown when the readings stopped before the window's end."""
        last = self.readings[-1][1]
        if self.stretches[-1].status is last.status:
            return last
        return Reading(*self.key, Status.UNKNOWN, reason=Reason("health.gap"))


@dataclass(frozen=True, slots=True)
class Past:
    """A window of a service's past.

    Attributes:
        window: as asked for; `part` is how much of it has passed.
        components: in the order of the service file.
        stretches: how the service as a whole was.
        incidents: those that were open at any time of the window.
        memory: what the next window starts from.
        samples: what it was made from.
    """

    service: Service
    window: Window
    part: Window
    components: list[Component]
    stretches: list[Stretch]
    incidents: list[Incident]
    memory: Memory
    samples: Samples


def evidence_window(window: Window, service: Service, memory: Memory | None) -> Window:
    """The time whose samples tell of `window`.

    It begins where the memory ends, or, without one, early enough for an incident to open; and a
    reading reaches two intervals far, from before the window and from after it.
    """
    reach = 2 * _interval(service)
    before = (service.health.failure_threshold + 2) * _interval(service)
    start = min(memory.at, window.start - reach) if memory else window.start - before
    return Window(start, window.end + reach)


def look_back(
    samples: Samples, service: Service, window: Window, now: datetime, memory: Memory | None = None
) -> Past:
    """What `samples`, those of `evidence_window`, tell of `window` as far as it has passed.

    Samples of checks that the service file no longer has are left out.
    """
    part = window.until(now)
    memory = memory or Memory(samples_start(samples, window))
    reported = dict(memory.reported)
    rounds = list(_rounds(samples, service, reported, part.end))
    followed = [(at, readings) for at, readings in rounds if memory.at < at < part.end]
    # What was over before the window belongs to an earlier one.
    before = [(at, readings) for at, readings in followed if at < part.start]
    memory, _ = incidents.follow(memory, before, service)
    after, closed = incidents.follow(memory, followed[len(before) :], service)
    still_open = [track.incident for track in after.tracks.values() if track.incident]
    recent = {key: at for key, at in reported.items() if part.end - at <= REMEMBERED}
    statuses = [(at, overall(readings, service)) for at, readings in rounds]
    return Past(
        service,
        window,
        part,
        _components(rounds, service, part) if part.seconds else [],
        stretches(statuses, part, _interval(service)),
        sorted([*closed, *still_open], key=lambda incident: incident.start),
        Memory(after.at, after.tracks, recent),
        samples,
    )


def samples_start(samples: Samples, window: Window) -> datetime:
    """A moment before the first sample."""
    times = [datetime.fromisoformat(sample["at"]) for sample in samples.samples[:1]]
    return min([window.start, *times]) - timedelta(microseconds=1)


def _components(rounds: Rounds, service: Service, part: Window) -> list[Component]:
    by_key: dict[Key, list[tuple[datetime, Reading]]] = {}
    for at, readings in rounds:
        for reading in readings:
            by_key.setdefault(reading.key, []).append((at, reading))
    within = {key: [(at, r) for at, r in found if at < part.end] for key, found in by_key.items()}
    names = display_names(
        (key for key, found in within.items() if found),
        (check.name for check in service.health.checks),
    )
    return [
        Component(key, name, within[key], _stretches(by_key[key], service, part))
        for key, name in names.items()
    ]


def _stretches(
    found: list[tuple[datetime, Reading]], service: Service, part: Window
) -> list[Stretch]:
    return stretches(((at, r.status) for at, r in found), part, _interval(service))


def _rounds(
    samples: Samples, service: Service, reported: dict[Key, datetime], end: datetime
) -> Iterator[tuple[datetime, list[Reading]]]:
    """The rounds, each with what its checks no longer report; `reported` is followed up to `end`.

    The samples of one slot are one round, be they of two that were made at once.
    """
    known = {check.name for check in service.health.checks}
    found: dict[str, tuple[datetime, list[Reading]]] = {}
    for sample in samples.samples:
        if sample["check"] not in known:
            continue
        at = datetime.fromisoformat(sample["at"])
        readings = readings_of(sample)
        missing = _missing(sample["check"], readings, reported, at)
        if at < end:
            reported.update((reading.key, at) for reading in readings if reading.component)
        found.setdefault(sample["slot"], (at, []))[1].extend([*readings, *missing])
    yield from found.values()


def _missing(
    check: str, readings: Sequence[Reading], reported: Mapping[Key, datetime], at: datetime
) -> list[Reading]:
    """Components of `check` that were reported in the last week and are not among `readings`."""
    said = {reading.key for reading in readings}
    # Without an answer there is one reading, of the check itself: its trouble is theirs.
    alone = readings[0] if len(readings) == 1 else None
    reason = (alone.reason if alone else None) or Reason("health.not_reported")
    is_probe = alone.asked if alone else True
    return [
        Reading(*key, Status.UNKNOWN, reason=reason, asked=is_probe)
        for key, last in reported.items()
        if key[0] == check and key not in said and timedelta() < at - last <= REMEMBERED
    ]


def _interval(service: Service) -> timedelta:
    return timedelta(seconds=service.health.interval_seconds)
