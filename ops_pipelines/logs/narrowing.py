"""Finds where in a huge file the lines of a narrow window stand, without reading the others.

Only where the lines are in the order of time, which is looked at in many places of the file, and
with room for some disorder before and behind.
"""

import math
from dataclasses import replace
from typing import NamedTuple

from ops_pipelines.logs import times
from ops_pipelines.logs.contents import Content, Source
from ops_pipelines.logs.ledger import Reading
from ops_pipelines.logs.lines import Odd, blocks
from ops_pipelines.logs.records import Rejected, record_of
from ops_pipelines.logs.stretches import Stretch, record_start, stand_alone, whole

LEAST_BYTES = 1 << 28
"""A smaller file is read in a second: it is not worth the doubt."""
PLACES = 64
SLACK_US = 30 * times.MINUTE
"""So much earlier and later lines are read too."""
MOST_DISORDER_US = SLACK_US // 3
_LOOK_BYTES = 1 << 14
_EXACT_BYTES = 1 << 20


class _Look(NamedTuple):
    """The times of some lines that stand together."""

    first_us: int
    last_us: int


def narrowed(source: Source, how: Reading, least: int = LEAST_BYTES) -> Stretch:
    """The bytes of `source` that hold the lines of the window, or all of it where that is unsure.

    Unsure is what is compressed or short, what may have records of several lines, and what is not
    in the order of time at each of `PLACES` places.
    """
    everything = whole(source)
    size = source.size or 0
    if how.window_us is None or not source.is_plain or size < least:
        return everything
    if how.plan.pattern or not stand_alone(everything, how.plan) or not _in_order(source, how):
        return everything
    start_us, end_us = how.window_us
    before = _last_before(source, how, start_us - SLACK_US)
    behind = _last_before(source, how, end_us + SLACK_US)
    if before is None or behind is None:
        return everything
    start = record_start(source, before) if before else 0
    end = record_start(source, behind + _EXACT_BYTES) if behind + _EXACT_BYTES < size else size
    if start is None or end is None:
        return everything
    return replace(everything, start=start, end=max(start, end))


def _in_order(source: Source, how: Reading) -> bool:
    size = source.size or 0
    latest = -math.inf
    for place in range(PLACES):
        look = _look(source, size * place // PLACES, how)
        if look is None or look.first_us < latest - MOST_DISORDER_US:
            return False
        latest = max(latest, look.last_us)
    return True


def _last_before(source: Source, how: Reading, time_us: int) -> int | None:
    """A byte before which all lines are earlier than `time_us`, and few behind it are."""
    low, high = 0, source.size or 0
    while high - low > _EXACT_BYTES:
        middle = (low + high) // 2
        look = _look(source, middle, how)
        if look is None:
            return None
        if look.last_us < time_us:
            low = middle
        else:
            high = middle
    return low


def _look(source: Source, at: int, how: Reading) -> _Look | None:
    """The earliest and the latest time of the lines right behind a byte."""
    start = record_start(source, at) if at else 0
    if start is None:
        return None
    found = []
    for block in blocks(Content(source, start, start + _LOOK_BYTES)):
        for line in block.lines:
            if isinstance(line, Odd):
                continue
            try:
                found.append(record_of(line, how.plan).time_us)
            except Rejected:
                continue
    return _Look(min(found), max(found)) if found else None
