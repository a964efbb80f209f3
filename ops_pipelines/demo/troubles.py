"""What went wrong in the demo's past, and when: its probes and its log tell of the same events."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ops_pipelines.window import Window, local_day

_MODEL_TROUBLE = (6, time(14, 5), timedelta(minutes=52))
_POWER_FAILURE = (12, time(2, 30), timedelta(hours=2, minutes=10))
_EMBEDDINGS_FAILURE = (17, time(10, 20), timedelta(minutes=45))
_KILL = (23, time(16, 42, 40))
_MAINTENANCE = (6, time(4, 30, 30))  # on Sundays
_SUPERVISOR_SECONDS = 4  # until the process is started again
_BOOT_SECONDS = 160
_WARNING_SECONDS = 24  # for which everything is refused before an orderly end


@dataclass(frozen=True, slots=True)
class Restart:
    """An end of the service's process, and the start after it.

    Attributes:
        at: when the process ends.
        down_seconds: for how long there is none.
        refusing_seconds: for how long before that each request is refused.
        left: what an end without warning leaves in the log; None for an orderly end.
    """

    at: datetime
    down_seconds: int = _SUPERVISOR_SECONDS
    refusing_seconds: int = 0
    left: bytes | None = None


def incident(now: datetime, zone: ZoneInfo) -> Window:
    """When the language model was in trouble, seen from `now`: on a working day."""
    return _window(_MODEL_TROUBLE, now, zone, on_working_day=True)


def gap(now: datetime, zone: ZoneInfo) -> Window:
    """When nobody probed, seen from `now`: after the host had lost its power."""
    return _window(_POWER_FAILURE, now, zone)


def embeddings_outage(now: datetime, zone: ZoneInfo) -> Window:
    """When the embedding model failed, seen from `now`: on a working day."""
    return _window(_EMBEDDINGS_FAILURE, now, zone, on_working_day=True)


def first_token_seconds(moment: datetime, incident: Window) -> tuple[float, float]:
    """Between how many seconds the model took for its first token at a moment of the incident.

    It gets worse, is out of order, and recovers.
    """
    passed = (moment - incident.start) / incident.duration
    return (5.5, 8.5) if 0.3 < passed < 0.9 else (1.5, 4)


def restarts(day: date, now: datetime, zone: ZoneInfo) -> list[Restart]:
    """Those of `day`, seen from `now`, in their order."""
    found = [restart for restart in _restarts(now, zone) if local_day(restart.at, zone) == day]
    weekday, clock = _MAINTENANCE
    if day.weekday() == weekday:
        at = datetime.combine(day, clock, zone).astimezone(UTC)
        found.append(Restart(at, refusing_seconds=_WARNING_SECONDS))
    return sorted(found, key=lambda restart: restart.at)


def _restarts(now: datetime, zone: ZoneInfo) -> Iterator[Restart]:
    """Those that belong to a trouble: some helped.

    They lie between the probes of two minutes, but for one that finds a slow probe at work.
    """
    started = incident(now, zone).start
    for passed in (27 * 60 + 30, 36 * 60 + 30, 46 * 60 + 5):
        yield Restart(started + timedelta(seconds=passed))
    started = embeddings_outage(now, zone).start
    for passed in (19 * 60 + 30, 32 * 60 + 30, 44 * 60 + 30):
        yield Restart(started + timedelta(seconds=passed), refusing_seconds=_WARNING_SECONDS)
    lost_power = gap(now, zone).start - timedelta(seconds=10)
    yield Restart(lost_power, _BOOT_SECONDS, left=b"\0" * 1337)
    killed = _moment(*_KILL, now, zone)
    torn = f'{{"timestamp": "{killed.astimezone(zone).isoformat(timespec="milliseconds")}", "lev'
    yield Restart(killed, left=torn.encode())


def _window(
    what: tuple[int, time, timedelta],
    now: datetime,
    zone: ZoneInfo,
    *,
    on_working_day: bool = False,
) -> Window:
    days_ago, clock, length = what
    start = _moment(days_ago, clock, now, zone)
    while on_working_day and start.astimezone(zone).weekday() >= 5:
        days_ago += 1
        start = _moment(days_ago, clock, now, zone)
    return Window(start, start + length)


def _moment(days_ago: int, clock: time, now: datetime, zone: ZoneInfo) -> datetime:
    day = local_day(now, zone) - timedelta(days=days_ago)
    return datetime.combine(day, clock, zone).astimezone(UTC)
