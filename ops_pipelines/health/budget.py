"""The budget of a check that costs money: what it remembers, and when it may call.

Judged by data alone; `paid` keeps the memory on disk. Any 24 hours see at most `calls_per_day`
calls. A tenth of them is kept for confirming a change: after a probe that says something new, the
check is probed in each round until the threshold of failure or recovery is reached. The others are
spread evenly, so that the interval is 86,400 s × calls a probe ÷ nine tenths of the calls a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
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
        calls: when each call of the last 24 hours was made.
        calls_on: how many calls each day (of UTC) saw.
        readings: what the last probe said.
        probed_at: when that was; None before the first probe.
        row: how many probes in a row said the same: healthy or not.
        confirmed: whether it is well, as far as enough probes in a row have said so.
    """

    calls: tuple[datetime, ...] = ()
    calls_on: dict[str, int] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    probed_at: datetime | None = None
    row: int = 0
    confirmed: bool = True

    @property
    def is_healthy(self) -> bool:
        """Whether the last probe said so."""
        return all(reading.status is Status.HEALTHY for reading in self.readings)

    def stored(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "calls": [call.isoformat() for call in self.calls],
            "calls_on": self.calls_on,
            "readings": [reading.stored() for reading in self.readings],
            "probed_at": self.probed_at.isoformat() if self.probed_at else None,
            "row": self.row,
            "confirmed": self.confirmed,
        }

    @classmethod
    def restored(cls, check: str, stored: dict[str, Any]) -> "Memory":
        """A memory from what `stored` gave."""
        return cls(
            tuple(map(datetime.fromisoformat, stored["calls"])),
            stored["calls_on"],
            tuple(Reading.restored(check, reading) for reading in stored["readings"]),
            datetime.fromisoformat(stored["probed_at"]) if stored["probed_at"] else None,
            stored["row"],
            stored["confirmed"],
        )


def kept_calls(check: OpenAiCheck | RagCheck) -> int:
    """The tenth of the calls a day that is kept for confirming."""
    return check.calls_per_day // 10


def interval(check: OpenAiCheck | RagCheck) -> timedelta:
    """From one regular probe to the next."""
    return DAY * check.calls_per_probe / max(check.calls_per_day - kept_calls(check), 1)


def purpose(check: OpenAiCheck | RagCheck, memory: Memory, now: datetime) -> Purpose | None:
    """For what the check is to be probed in this round; None when its last verdict will do."""
    if memory.probed_at is None or now - memory.probed_at >= interval(check):
        return "regular"
    return None if memory.is_healthy == memory.confirmed else "confirming"


def spend(
    check: OpenAiCheck | RagCheck, memory: Memory, calls: int, why: Purpose, now: datetime
) -> Memory | None:
    """The memory with `calls` more calls; None when the budget does not allow them."""
    limit = check.calls_per_day - (0 if why == "confirming" else kept_calls(check))
    recent = tuple(call for call in memory.calls if now - call < DAY)
    if len(recent) + calls > limit:
        return None
    today = now.astimezone(UTC).date().isoformat()
    counted = memory.calls_on | {today: memory.calls_on.get(today, 0) + calls}
    newest = dict(sorted(counted.items())[-DAYS_COUNTED:])
    return replace(memory, calls=(*recent, *[now] * calls), calls_on=newest)


def remember(memory: Memory, readings: Sequence[Reading], health: Health, now: datetime) -> Memory:
    """The memory after a probe that said `readings`."""
    said = replace(memory, readings=tuple(readings), probed_at=now)
    goes_on = memory.row and said.is_healthy == memory.is_healthy
    row = memory.row + 1 if goes_on else 1
    threshold = health.recovery_threshold if said.is_healthy else health.failure_threshold
    confirmed = said.is_healthy if row >= threshold else memory.confirmed
    return replace(said, row=row, confirmed=confirmed)


def held(check: OpenAiCheck | RagCheck, memory: Memory, now: datetime) -> list[Reading] | None:
    """The last probe's readings, while they hold: for two intervals."""
    if memory.probed_at is None or now - memory.probed_at >= 2 * interval(check):
        return None
    return [replace(reading, probed_at=memory.probed_at) for reading in memory.readings]
