"""What became of every line: how many were read, and why which were rejected, day by day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ops_pipelines.redaction import redact

SHOWN = 200
MOST_SAMPLES = 3
"""Rejected lines of each reason and day that are kept to look at."""


class Sample(NamedTuple):
    """A rejected line; its number counts from 1. Without a day, none was accepted before it."""

    reason: str
    line: int
    text: str
    day: date | None = None

    @property
    def shown(self) -> str:
        """The beginning of it, with secrets masked."""
        return redact(self.text)[:SHOWN]


@dataclass(slots=True)
class Account:
    """The lines of one stretch of a file; stretches that follow each other add up.

    A line without a time belongs to the day of the last accepted line before it in its file.

    Attributes:
        lines: how many there are, as the newlines have it.
        dated: how many of them have a time.
        rejected: the others, by day and reason; those of the day None are in a file without any
            time.
        orphans: rejected ones before the first accepted line of this stretch.
        first_day: the day of the first accepted line.
        last_day: the day of the last one.
        first_us: the earliest time; `last_us` the latest.
    """

    lines: int = 0
    dated: int = 0
    rejected: dict[date | None, Counter[str]] = field(default_factory=dict)
    orphans: Counter[str] = field(default_factory=Counter)
    first_day: date | None = None
    last_day: date | None = None
    first_us: int | None = None
    last_us: int | None = None
    samples: list[Sample] = field(default_factory=list)
    _sampled: Counter[tuple[str, date | None]] = field(
        default_factory=Counter, repr=False, compare=False
    )

    def reject(self, reason: str, day: date | None) -> None:
        """Count a line that was rejected, after one of `day`; None when there was none yet."""
        if day is None:
            self.orphans[reason] += 1
        else:
            self.rejected.setdefault(day, Counter())[reason] += 1

    def sample(self, found: Sample) -> None:
        """Keep a rejected line to look at, if it is one of the first of its day."""
        if self._sampled[found.reason, found.day] < MOST_SAMPLES:
            self._sampled[found.reason, found.day] += 1
            self.samples.append(found)

    def span(self, first_us: int, last_us: int) -> None:
        """Note that there are accepted lines from one time to the other."""
        self.first_us = first_us if self.first_us is None else min(self.first_us, first_us)
        self.last_us = last_us if self.last_us is None else max(self.last_us, last_us)

    def then(self, other: "Account") -> "Account":
        """The account of this stretch and the one after it."""
        found = Account(
            self.lines + other.lines,
            self.dated + other.dated,
            _added([self.rejected, other.rejected]),
            Counter(self.orphans),
            self.first_day or other.first_day,
            other.last_day or self.last_day,
        )
        for reason, count in other.orphans.items():
            into = found.orphans if self.last_day is None else _of(found.rejected, self.last_day)
            into[reason] += count
        for part in (self, other):
            if part.first_us is not None and part.last_us is not None:
                found.span(part.first_us, part.last_us)
        for kept in self.samples:
            found.sample(kept)
        for kept in other.samples:
            day = kept.day or self.last_day
            found.sample(kept._replace(line=kept.line + self.lines, day=day))
        return found

    def ended(self) -> "Account":
        """The same when nothing comes before it: orphans belong to the first day."""
        rejected = _added([self.rejected])
        if self.orphans:
            _of(rejected, self.first_day).update(self.orphans)
        return Account(
            self.lines, self.dated, rejected, Counter(), self.first_day, self.last_day,
            self.first_us, self.last_us,
            [kept._replace(day=kept.day or self.first_day) for kept in self.samples],
        )  # fmt: skip

    @property
    def reasons(self) -> Counter[str]:
        """How many lines were rejected for which reason, of all days."""
        return sum(self.rejected.values(), Counter(self.orphans))


def _of(rejected: dict[date | None, Counter[str]], day: date | None) -> Counter[str]:
    return rejected.setdefault(day, Counter())


def _added(
    parts: Iterable[dict[date | None, Counter[str]]],
) -> dict[date | None, Counter[str]]:
    found: dict[date | None, Counter[str]] = {}
    for part in parts:
        for day, reasons in part.items():
            _of(found, day).update(reasons)
    return found
