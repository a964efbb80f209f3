"""How long something was in which status, from readings at points in time.

Weighted by time, never by the number of readings: a reading speaks until the next one, and where
the next one is more than two intervals away it speaks for one interval only and the rest is
unknown. So a gap is never bridged, and reading twice as often changes nothing.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from ops_pipelines.report import Status
from ops_pipelines.window import Window


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time in one status."""

    window: Window
    status: Status


@dataclass(frozen=True, slots=True)
class Coverage:
    """Seconds in each status, over one window.

    `availability_ratio` is the share of the *known* time in which it was not unhealthy, and
    `coverage_ratio` the share of the window that is known; both None where there is no such time.
    """

    seconds: dict[Status, float]

    @property
    def known_seconds(self) -> float:
        """Time in which we could tell."""
        return sum(s for status, s in self.seconds.items() if status is not Status.UNKNOWN)

    @property
    def availability_ratio(self) -> float | None:
        """Known time that was not unhealthy ÷ known time."""
        known = self.known_seconds
        return 1 - self.seconds[Status.UNHEALTHY] / known if known else None

    @property
    def coverage_ratio(self) -> float | None:
        """Known time ÷ the whole window."""
        total = sum(self.seconds.values())
        return self.known_seconds / total if total else None


def stretches(
    readings: Iterable[tuple[datetime, Status]], window: Window, interval: timedelta
) -> list[Stretch]:
    """The statuses over `window`, without gaps; neighbours with one status are joined.

    `readings` are ordered by time; those shortly before the window reach into it.
    """
    joined: list[Stretch] = []
    for stretch in _clipped(_spoken_for(list(readings), window, interval), window):
        if joined and joined[-1].status is stretch.status:
            whole = Window(joined.pop().window.start, stretch.window.end)
            joined.append(Stretch(whole, stretch.status))
        else:
            joined.append(stretch)
    return joined


def coverage(found: Iterable[Stretch]) -> Coverage:
    """The time in each status over `found`."""
    seconds = dict.fromkeys(Status, 0.0)
    for stretch in found:
        seconds[stretch.status] += stretch.window.seconds
    return Coverage(seconds)


def rounded_down(ratio: float | None, digits: int = 6) -> float | None:
    """A ratio for people; what is not the whole never reads as 1."""
    scale = 10**digits
    return None if ratio is None else math.floor(round(ratio * scale, 4)) / scale


def _spoken_for(
    readings: list[tuple[datetime, Status]], window: Window, interval: timedelta
) -> Iterator[Stretch]:
    first = readings[0][0] if readings else window.end
    if first > window.start:
        yield Stretch(Window(window.start, first), Status.UNKNOWN)
    for (moment, status), (following, _) in pairwise([*readings, (window.end, Status.UNKNOWN)]):
        if following - moment <= 2 * interval:
            yield Stretch(Window(moment, max(moment, following)), status)
        else:
            yield Stretch(Window(moment, moment + interval), status)
            yield Stretch(Window(moment + interval, following), Status.UNKNOWN)


def _clipped(found: Iterable[Stretch], window: Window) -> Iterator[Stretch]:
    for stretch in found:
        start = max(stretch.window.start, window.start)
        end = min(stretch.window.end, window.end)
        if start < end:
            yield Stretch(Window(start, end), stretch.status)
