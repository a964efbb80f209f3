"""Reads the log of the demo's past back, with nothing of the package's own."""

import gzip
import json
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ops_pipelines.window import Window

Line = dict[str, Any]


@dataclass(frozen=True)
class Month:
    """The log of a past: what its lines say, and those that say nothing."""

    now: datetime
    zone: ZoneInfo
    folder: Path
    lines: list[Line]
    unreadable: list[bytes]

    @cached_property
    def requests(self) -> list[Line]:
        return [line for line in self.lines if "endpoint" in line]

    def within(self, window: Window, *endpoints: str) -> list[Line]:
        """The requests of `window`, at `endpoints` or at all."""
        start, end = (x.astimezone(self.zone).isoformat() for x in (window.start, window.end))
        return [
            line
            for line in self.requests
            if start <= line["timestamp"] < end and (not endpoints or line["endpoint"] in endpoints)
        ]

    def per_day(self, wanted: Callable[[Line], bool]) -> Counter[date]:
        """How many requests there are on each whole day."""
        days = Counter(day_of(line) for line in self.requests if wanted(line))
        return Counter({day: n for day, n in days.items() if day < self.now.date()})


def read(folder: Path, before: str, zone: ZoneInfo) -> Month:
    """The log in `folder` from its oldest file on, of lines with a timestamp before `before`."""
    lines: list[Line] = []
    unreadable: list[bytes] = []
    for content in map(content_of, in_order(folder)):
        for raw in content.splitlines(keepends=True):
            line = parsed(raw)
            if line is None:
                unreadable.append(raw)
            elif line["timestamp"] < before:
                lines.append(line)
    now = datetime.fromisoformat(lines[-1]["timestamp"])
    return Month(now, zone, folder, lines, unreadable)


def parsed(raw: bytes) -> Line | None:
    try:
        line = json.loads(raw.decode("utf-8"))
        return line if "timestamp" in line else None
    except ValueError:
        return None


def in_order(folder: Path) -> list[Path]:
    """The files of a log, the oldest first: the one without a date is the newest."""
    return sorted(folder.iterdir(), key=lambda path: (path.suffix == ".log", path.name))


def content_of(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def day_of(line: Line) -> date:
    return date.fromisoformat(line["timestamp"][:10])


def hour_of(line: Line) -> int:
    return int(line["timestamp"][11:13])


def median_seconds(lines: Iterable[Line]) -> float:
    """The median response time of those that succeeded."""
    seconds: list[float] = [x["response_time"] for x in lines if x["status"] == 200]
    return statistics.median(seconds)
