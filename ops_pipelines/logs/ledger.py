"""Books lines: batch by batch the accepted ones into tables, and what became of every other."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ops_pipelines.logs import times
from ops_pipelines.logs.account import Account, Sample
from ops_pipelines.logs.columns import Columns
from ops_pipelines.logs.frames import Frame, length, stacked
from ops_pipelines.logs.plan import DIMENSIONS, Plan
from ops_pipelines.logs.records import KEPT
from ops_pipelines.logs.rollup import HIGHS, Rollup, added, day_of, joined
from ops_pipelines.logs.tally import Batch, tally

BATCH_LINES = 65_536
CONDENSED_ROWS = 1 << 20
CONDENSED_FRAMES = 256
SHOWN_REJECTS = 100
"""Of so many rejected lines of each reason the text is held until their day is known."""
NOT_SHOWN = ("blank", "continuation")
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reading:
    """How lines are read: the plan, the timezone of days, and the time that is wanted.

    Attributes:
        window_us: `[start, end)` in microseconds since 1970; None for all of it.
    """

    plan: Plan
    zone: ZoneInfo
    window_us: tuple[int, int] | None = None


@dataclass(slots=True)
class Part:
    """What a stretch of bytes came to.

    Attributes:
        ranges: for each day the bytes `[start, end)` that hold its lines, with few of other days.
    """

    rollup: Rollup = field(default_factory=Rollup)
    account: Account = field(default_factory=Account)
    ranges: dict[date, tuple[int, int]] = field(default_factory=dict)

    def then(self, other: "Part") -> "Part":
        """What this stretch and the one after it came to; the tables of both go into it."""
        ranges = dict(self.ranges)
        for day, (start, end) in other.ranges.items():
            first, last = ranges.get(day, (start, end))
            ranges[day] = (min(first, start), max(last, end))
        return Part(added([self.rollup, other.rollup]), self.account.then(other.account), ranges)


class Ledger:
    """Takes lines as they come; the values of accepted ones are in `columns`."""

    def __init__(self, how: Reading, start: int) -> None:
        self.how = how
        self.columns = Columns(how.plan)
        self.account = Account()
        self._numbers = array("q")
        self._rejects: list[tuple[int, str, str | None]] = []
        self._shown: Counter[str] = Counter()
        self._tables: dict[str, list[Frame]] = {}
        self._days: dict[int, date] = {}
        self._ranges: dict[date, tuple[int, int]] = {}
        self._from = start

    @property
    def has_records(self) -> bool:
        """Whether any line was accepted so far."""
        return bool(self._numbers or self.account.dated)

    def accept(self, numbers: Integers) -> None:
        """Book lines whose values were just put into the columns."""
        self._numbers.frombytes(numbers.tobytes())

    def accept_one(self, number: int) -> None:
        """Book a line whose values were just put into the columns."""
        self._numbers.append(number)

    def reject(self, number: int, reason: str, shown: str) -> None:
        """Book a line that says nothing."""
        self._shown[reason] += 1
        is_shown = self._shown[reason] <= SHOWN_REJECTS and reason not in NOT_SHOWN
        self._rejects.append((number, reason, shown if is_shown else None))

    def close_batch(self, offset: int, *, at_least: int = BATCH_LINES) -> None:
        """Add up what was booked since the last time, if it is enough; the bytes reach so far."""
        if len(self._numbers) + len(self._rejects) < at_least:
            return
        self.columns.pad()
        numbers = np.array(self._numbers, np.int64)
        time_us = self._times(numbers)
        chosen = time_us > times.NONE
        self._settle(numbers[chosen], time_us[chosen])
        if self.how.window_us:
            start, end = self.how.window_us
            chosen &= (time_us >= start) & (time_us < end)
        if chosen.any():
            self._tally(self._batch(time_us, chosen), offset)
        self.columns.clear()
        del self._numbers[:]
        self._from = offset

    def part(self, offset: int) -> Part:
        """What everything came to."""
        self.close_batch(offset, at_least=0)
        tables = {name: stacked(found, HIGHS) for name, found in self._tables.items()}
        labels = {name: self.columns.labels(name) for name in DIMENSIONS}
        return Part(Rollup(tables, labels), self.account, self._ranges)

    def _times(self, numbers: Integers) -> Integers:
        """The time of each line; a line that has none is rejected."""
        plan, values = self.how.plan, self.columns.times
        found = times.parse_all(values, plan.zone, plan.timestamp_unit, plan.timestamp_format)
        bad = np.flatnonzero(found <= times.NONE)
        shown = values.split(b"\n") if len(bad) else []
        for row in map(int, bad):
            reason = "no_timestamp" if found[row] == times.NONE else "bad_timestamp"
            self.reject(int(numbers[row]), reason, shown[row][:KEPT].decode())
        return found

    def _settle(self, numbers: Integers, time_us: Integers) -> None:
        """Put each rejected line on the day of the last accepted line before it."""
        account = self.account
        # Lines that the law has read stand before the others of their block.
        order = np.argsort(numbers, kind="stable")
        numbers, minutes = numbers[order], time_us[order] // times.MINUTE
        self._rejects.sort(key=itemgetter(0))
        before = np.searchsorted(numbers, [number for number, _, _ in self._rejects]) - 1
        for (number, reason, shown), row in zip(self._rejects, before, strict=True):
            day = self._day(minutes[row]) if row >= 0 else account.last_day
            account.reject(reason, day)
            if shown is not None:
                account.sample(Sample(reason, number + 1, shown, day))
        self._rejects.clear()
        self._shown.clear()
        if len(numbers):
            account.dated += len(numbers)
            account.span(int(time_us.min()), int(time_us.max()))
            account.first_day = account.first_day or self._day(minutes[0])
            account.last_day = self._day(minutes[-1])

    def _batch(self, time_us: Integers, chosen: npt.NDArray[np.bool_]) -> Batch:
        columns = self.columns
        return Batch(
            time_us[chosen],
            columns.flags()[chosen],
            {name: codes[chosen] for name, codes in columns.label_codes().items()},
            {name: amounts[chosen] for name, amounts in columns.amounts().items()},
            columns.hashes()[chosen],
        )

    def _tally(self, batch: Batch, offset: int) -> None:
        found = tally(batch, self.how.zone, self.how.plan.slow_seconds)
        for hour in np.unique(found["hours"]["hour"]):
            day = self._day(hour)
            first, _ = self._ranges.get(day, (self._from, 0))
            self._ranges[day] = (first, offset)
        for name, frame in found.items():
            frames = self._tables.setdefault(name, [])
            frames.append(frame)
            is_long = sum(map(length, frames[1:])) > length(frames[0]) + CONDENSED_ROWS
            if is_long or len(frames) > CONDENSED_FRAMES:
                frames[:] = [joined(name, frames)]

    def _day(self, minute: int | np.int64) -> date:
        quarter = int(minute) // 15
        if quarter not in self._days:
            self._days[quarter] = day_of(int(minute), self.how.zone)
        return self._days[quarter]
