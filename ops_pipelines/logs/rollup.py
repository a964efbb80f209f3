"""What was counted: tables that add up, over files, days and processes."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ops_pipelines.logs import times
from ops_pipelines.logs.coding import OTHER
from ops_pipelines.logs.frames import Frame, grouped, length, stacked, where
from ops_pipelines.logs.plan import DIMENSIONS
from ops_pipelines.logs.tally import worst

KEYS = {
    "hours": ("hour", *DIMENSIONS),
    "minutes": ("minute",),
    "endpoint_latency": ("hour", "failed", "endpoint", "bucket"),
    "model_latency": ("hour", "failed", "provider", "model", "bucket"),
    "minute_latency": ("minute", "bucket"),
}
HIGHS = ("slowest", "fastest", "in_flight")
"""Columns of which the highest value counts; all others that are no keys add up."""
TIMES = {"hours": "hour", "minutes": "minute", "slow": "hour", "reuse": "time_us"} | {
    "endpoint_latency": "hour", "model_latency": "hour", "minute_latency": "minute",
}  # fmt: skip
MOST_ROWS = 1 << 23
MOST_LABELS = 10_000
"""So many values of a dimension are kept; the rest, the rarest, counts as `OTHER`."""


@dataclass(slots=True)
class Rollup:
    """Tables (`tally`), and what their codes mean.

    Attributes:
        tables: by name; until it is `added`, rows with the same keys may come several times.
        labels: for each dimension the labels, by code; the first is None.
        folded: for each dimension how many labels count as `OTHER`.
    """

    tables: dict[str, Frame] = field(default_factory=dict)
    labels: dict[str, list[str | None]] = field(
        default_factory=lambda: {name: [None] for name in DIMENSIONS}
    )
    folded: Counter[str] = field(default_factory=Counter)

    def copy(self) -> "Rollup":
        """The same; adding it up leaves this one as it is."""
        return Rollup(dict(self.tables), self.labels, self.folded)

    def part(self, start_minute: int, end_minute: int) -> "Rollup":
        """That of the lines between two minutes at which hours begin; of one that was `added`."""
        return Rollup(
            {
                name: _between(name, frame, start_minute, end_minute)
                for name, frame in self.tables.items()
            },
            self.labels,
            self.folded,
        )

    def column(self, table: str, name: str) -> Any:
        """A column; one that no line had is 0."""
        frame = self.tables.get(table, {})
        return frame.get(name, np.zeros(length(frame)))

    def total(self, table: str, name: str) -> int:
        """The sum of a column."""
        return int(self.column(table, name).sum())


def _between(name: str, frame: Frame, start_minute: int, end_minute: int) -> Frame:
    unit = times.MINUTE if name == "reuse" else 1
    start, end = np.searchsorted(frame[TIMES[name]], [start_minute * unit, end_minute * unit])
    return {key: column[start:end] for key, column in frame.items()}


def added(rollups: Iterable[Rollup]) -> Rollup:
    """The rollup of all lines together; the tables of the parts go, to save memory."""
    rollups = [rollup for rollup in rollups if rollup.tables]
    if not rollups:
        return Rollup()
    labels, codes = _common_labels(rollups)
    tables = {}
    for name in list(rollups[0].tables):
        parts = zip((rollup.tables.pop(name) for rollup in rollups), codes, strict=True)
        tables[name] = joined(name, (_recoded(frame, code) for frame, code in parts))
    folded: Counter[str] = Counter()
    for rollup in rollups:
        folded |= rollup.folded
    return Rollup(tables, labels, folded)


class Total:
    """Adds up rollups that come one after the other, in memory that does not grow with them."""

    def __init__(self) -> None:
        self._parts: list[Rollup] = []
        self._rows, self._added_rows = 0, 0

    def add(self, rollup: Rollup) -> None:
        """Add one; it is gone after that."""
        self._parts.append(rollup)
        self._rows += _rows(rollup)
        if self._rows > MOST_ROWS + 2 * self._added_rows:
            total = self.rollup()
            self._added_rows = _rows(total)
            self._parts, self._rows = [total], self._added_rows

    def rollup(self) -> Rollup:
        """The sum of all."""
        return added(self._parts)


def _rows(rollup: Rollup) -> int:
    return sum(map(length, rollup.tables.values()))


def joined(name: str, frames: Iterable[Frame]) -> Frame:
    """The rows of several parts of a table as one of them."""
    return condensed(name, stacked(frames, HIGHS))


def condensed(name: str, frame: Frame) -> Frame:
    """The rows of a table in the order of time, those with the same keys made one."""
    if name == "slow":
        return worst(frame)
    if name == "reuse":
        return where(frame, np.lexsort((frame["hash"], frame["time_us"])))
    keys = {key: frame[key] for key in KEYS[name]}
    rest = {key: column for key, column in frame.items() if key not in keys}
    highs = {key: rest.pop(key) for key in HIGHS if key in rest}
    return grouped(keys, rest, highs)


def bounded(rollup: Rollup, most: int = MOST_LABELS) -> Rollup:
    """The same with at most `most` labels of each dimension, those with the most lines."""
    code_of: dict[str, Any] = {}
    labels = dict(rollup.labels)
    folded = Counter(rollup.folded)
    for name in DIMENSIONS:
        if len(rollup.labels[name]) - 1 <= most:
            continue
        lines = np.bincount(
            rollup.column("hours", name).astype(np.int64),
            rollup.column("hours", "lines"),
            minlength=len(rollup.labels[name]),
        )
        kept = _most_common(rollup.labels[name], lines, most)
        labels[name] = [None, *sorted(kept), OTHER]
        place = {label: code for code, label in enumerate(labels[name])}
        code_of[name] = np.array([place.get(label, len(kept) + 1) for label in rollup.labels[name]])
        folded[name] += int(np.count_nonzero(lines)) - len(kept)
    if not code_of:
        return rollup
    tables = {
        name: condensed(name, _recoded(frame, code_of)) for name, frame in rollup.tables.items()
    }
    return Rollup(tables, labels, folded)


def _most_common(labels: list[str | None], lines: Any, most: int) -> set[str]:
    found = [(-count, label) for label, count in zip(labels, lines, strict=True) if label]
    return {label for _, label in sorted(found)[:most]}


def _common_labels(
    rollups: list[Rollup],
) -> tuple[dict[str, list[str | None]], list[dict[str, Any]]]:
    """All labels of each dimension, sorted; and for each rollup what its codes become."""
    labels: dict[str, list[str | None]] = {}
    codes: list[dict[str, Any]] = [{} for _ in rollups]
    for name in DIMENSIONS:
        known = {label for rollup in rollups for label in rollup.labels[name] if label is not None}
        labels[name] = [None, *sorted(known)]
        place = {label: code for code, label in enumerate(labels[name])}
        for rollup, code in zip(rollups, codes, strict=True):
            codes_of = [place[label] for label in rollup.labels[name]]
            code[name] = np.array(codes_of, np.uint16 if len(place) < 1 << 16 else np.int32)
    return labels, codes


def _recoded(frame: Frame, codes: Mapping[str, Any]) -> Frame:
    return {
        name: codes[name][column] if name in codes else column for name, column in frame.items()
    }


def day_of(minute: int, zone: ZoneInfo) -> date:
    """The calendar day in `zone` to which a minute since 1970 belongs."""
    return times.moment(minute * times.MINUTE).astimezone(zone).date()
