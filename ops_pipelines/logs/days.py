"""A day of a log: what all files say of it, and a version that says whether that has changed."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ops_pipelines.logs import times
from ops_pipelines.logs.frames import length
from ops_pipelines.logs.ledger import Part
from ops_pipelines.logs.parts import Kept
from ops_pipelines.logs.plan import DIMENSIONS
from ops_pipelines.logs.rollup import Rollup, added, bounded, day_of
from ops_pipelines.window import day_window


@dataclass(frozen=True, slots=True)
class Day:
    """What a log says of one day: the same, however its lines are split into files.

    Attributes:
        lines: `read = accepted + outside_window + the sum of rejected`.
        samples: some rejected lines of each reason, with their places.
        ranges: which bytes of which contents hold its lines; the name of a file is a hint.
        version: a hash of facts and rejects.
    """

    rollup: Rollup
    lines: Mapping[str, Any]
    samples: Sequence[Mapping[str, Any]]
    ranges: Sequence[Mapping[str, Any]]
    version: str


@dataclass(frozen=True, slots=True)
class Share:
    """What one content says of a day."""

    rollup: Rollup
    rejected: Counter[str]
    samples: Sequence[Mapping[str, Any]]
    range: Mapping[str, Any]


def share(part: Part, kept: Kept, day: date, zone: ZoneInfo) -> Share:
    """What the content that came to `part` says of a day."""
    start, end = part.ranges.get(day, (0, kept.end))
    samples = [
        {"file": kept.name, "line": one.line, "reason": one.reason, "text": one.shown}
        for one in part.account.samples
        if one.day == day
    ]
    place = {"content": kept.content, "start": start, "end": end, "name": kept.name}
    return Share(*_said(part, day, zone), samples, place)


def made(shares: Iterable[Share]) -> Day:
    """The day that contents say together."""
    shares = list(shares)
    rejected = sum((share.rejected for share in shares), Counter[str]())
    rollup = bounded(added(share.rollup for share in shares))
    accepted = rollup.total("hours", "lines")
    lines = {
        "read": accepted + rejected.total(),
        "accepted": accepted,
        "outside_window": 0,
        "rejected": dict(rejected.most_common()),
    }
    samples = [sample for share in shares for sample in share.samples]
    ranges = [share.range for share in shares]
    return Day(rollup, lines, samples, ranges, _version(rollup, rejected))


def versions(part: Part, zone: ZoneInfo) -> dict[date, str]:
    """For each day of which a part says something, a hash of that."""
    hours = np.unique(part.rollup.column("hours", "hour"))
    found = {day_of(int(hour), zone) for hour in hours}
    found |= {day for day in part.account.rejected if day is not None}
    return {day: _version(*_said(part, day, zone)) for day in sorted(found)}


def minutes_of(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """The minutes since 1970 between which a day lies."""
    window = day_window(day, zone)
    start, end = (times.microseconds(edge) // times.MINUTE for edge in (window.start, window.end))
    return start, end


def _said(part: Part, day: date, zone: ZoneInfo) -> tuple[Rollup, Counter[str]]:
    rollup = part.rollup.part(*minutes_of(day, zone))
    return rollup, Counter(part.account.rejected.get(day, ()))


def _version(rollup: Rollup, rejected: Mapping[str, int]) -> str:
    """A hash of what a rollup and rejected lines say, whatever codes and types say it."""
    digest = hashlib.sha256(repr(sorted(rejected.items())).encode())
    for name, frame in sorted(rollup.tables.items()):
        if not length(frame):
            continue
        for key, column in sorted(frame.items()):
            if key in DIMENSIONS:
                used, codes = np.unique(column, return_inverse=True)
                labels = [rollup.labels[key][int(code)] for code in used]
                digest.update(repr((name, key, labels)).encode())
                digest.update(codes.astype("<i8").tobytes())
            elif np.isfinite(column).any() and column.any():
                digest.update(repr((name, key)).encode())
                digest.update((column + 0).astype(_canonical(column.dtype)).tobytes())
    return digest.hexdigest()


def _canonical(kind: "np.dtype[Any]") -> str:
    return "<f8" if kind.kind == "f" else "<u8" if kind.kind == "u" else "<i8"
