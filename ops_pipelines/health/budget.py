"""The budget of a check that costs money: what it remembers, and when it may call.

Judged by data alone; `paid` keeps the memory on disk. Any 24 hours see at most `calls_per_day`
calls. The regular probes are one interval apart, which is 86,400 s × calls a probe ÷
`calls_per_day`, but of ten one is left out: its tenth of the calls is kept for confirming. That is,
after a probe which says something new, to probe in each round until the threshold of failure or of
recovery is reached. A verdict holds for two intervals, so that it outlasts the one left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal

from ops_pipelines.health.reading import Reading
from ops_pipelines.report import Status
from ops_pipelines.settings.health import Health
from ops_pipelines.settings.paid_checks import OpenAiCheck, RagCheck

Purpose = Literal["regular", "confirming", "by_hand"]
DAY = timedelta(days=1)
DAYS_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Memory:
    """What a paid check remembers from round to round, and from process to process.

    Attributes:
        calls: when each call of the last 24 hours was made, without those for confirming.
        confirming: when those were made.
        calls_on: how many calls each day (of the service's timezone) saw.
        regular: how many regular probes there were.
        readings: what the last probe said.
        probed_at: when that was; None before the first probe.
        row: how many probes in a row said the same: healthy or not.
        confirmed: whether it is well, as far as enough probes in a row have said so.
        learned: what the probe wants to know the next time.
    """

    calls: tuple[datetime, ...] = ()
    confirming: tuple[datetime, ...] = ()
    calls_on: dict[str, int] = field(default_factory=dict)
    regular: int = 0
    readings: tuple[Reading, ...] = ()
    probed_at: datetime | None = None
    row: int = 0
    confirmed: bool = True
    learned: str | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether the last probe said so."""
        return all(reading.status is Status.HEALTHY for reading in self.readings)

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "calls": [call.isoformat() for call in self.calls],
            "confirming": [call.isoformat() for call in self.confirming],
            "calls_on": self.calls_on,
            "regular": self.regular,
            "readings": [reading.stored() for reading in self.readings],
            "probed_at": self.probed_at.isoformat() if self.probed_at else None,
            "row": self.row,
            "confirmed": self.confirmed,
            "learned": self.learned,
        }

    @classmethod
    def restored(cls, check: str, stored: dict[str, Any]) -> "Memory":
        """A memory from what `stored` gave."""
        return cls(
            tuple(map(datetime.fromisoformat, stored["calls"])),
            tuple(map(datetime.fromisoformat, stored["confirming"])),
            stored["calls_on"],
            stored["regular"],
            tuple(Reading.restored(check, reading) for reading in stored["readings"]),
            datetime.fromisoformat(stored["probed_at"]) if stored["probed_at"] else None,
            stored["row"],
            stored["confirmed"],
            stored["learned"],
        )


def probes_per_day(check: OpenAiCheck | RagCheck) -> int:
    """How many whole probes the calls of a day pay for."""
    return check.calls_per_day // max(check.calls_per_probe, 1)


def kept_probes(check: OpenAiCheck | RagCheck) -> int:
    """The tenth of them that is kept for confirming."""
    return probes_per_day(check) // 10


def interval(check: OpenAiCheck | RagCheck) -> timedelta:
    """From one regular probe to the next."""
    return DAY / max(probes_per_day(check), 1)


def purpose(check: OpenAiCheck | RagCheck, memory: Memory, now: datetime) -> Purpose | None:
    """For what the check is to be probed in this round; None when its last verdict will do."""
    leaves_one_out = kept_probes(check) and memory.regular and memory.regular % 9 == 0
    if _has_passed(interval(check) * (2 if leaves_one_out else 1), memory, now):
        return "regular"
    return None if memory.is_healthy == memory.confirmed else "confirming"


def spend(
    check: OpenAiCheck | RagCheck,
    memory: Memory,
    calls: int,
    why: Purpose,
    now: datetime,
    day: date,
) -> Memory | None:
    """The memory with `calls` more calls on `day`; None when the budget does not allow them."""
    recent = replace(
        memory, calls=_recent(memory.calls, now), confirming=_recent(memory.confirming, now)
    )
    left = check.calls_per_day - len(recent.calls) - len(recent.confirming)
    if why != "confirming":
        most = (probes_per_day(check) - kept_probes(check)) * check.calls_per_probe
        left = min(left, most - len(recent.calls))
    if calls > left:
        return None
    counted = memory.calls_on | {str(day): memory.calls_on.get(str(day), 0) + calls}
    spent = replace(recent, calls_on=dict(sorted(counted.items())[-DAYS_COUNTED:]))
    if why == "confirming":
        return replace(spent, confirming=(*recent.confirming, *[now] * calls))
    regular = memory.regular + (why == "regular")
    return replace(spent, calls=(*recent.calls, *[now] * calls), regular=regular)


def remember(memory: Memory, readings: Sequence[Reading], health: Health, now: datetime) -> Memory:
    """The memory after a probe that said `readings`."""
    said = replace(memory, readings=tuple(readings), probed_at=now)
    goes_on = memory.row and said.is_healthy == memory.is_healthy
    row = memory.row + 1 if goes_on else 1
    threshold = health.recovery_threshold if said.is_healthy else health.failure_threshold
    confirmed = said.is_healthy if row >= threshold else memory.confirmed
    return replace(said, row=row, confirmed=confirmed)


def held(check: OpenAiCheck | RagCheck, memory: Memory, now: datetime) -> list[Reading]:
    """The last probe's readings, while they hold: for two intervals."""
    if _has_passed(2 * interval(check), memory, now):
        return []
    return [replace(r, asked=False, probed_at=memory.probed_at) for r in memory.readings]


def _has_passed(time: timedelta, memory: Memory, now: datetime) -> bool:
    """Whether the last probe is so long ago; or so far ahead, after a clock that ran ahead."""
    return memory.probed_at is None or abs(now - memory.probed_at) >= time


def _recent(calls: Sequence[datetime], now: datetime) -> tuple[datetime, ...]:
    return tuple(call for call in calls if abs(now - call) < DAY)
