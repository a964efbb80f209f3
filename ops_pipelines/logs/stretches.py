"""Reads stretches of bytes, cut into smaller ones for several processes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from ops_pipelines.logs import workers
from ops_pipelines.logs.contents import Content, Source
from ops_pipelines.logs.envelopes import Inner
from ops_pipelines.logs.ledger import Part, Reading
from ops_pipelines.logs.lines import blocks
from ops_pipelines.logs.plan import Plan
from ops_pipelines.logs.records import Rejected, parse
from ops_pipelines.logs.scan import Scan

CUT_BYTES = 1 << 26
WORTH_BYTES = 1 << 25
"""Another process is worth its start for so many bytes."""
REST_BYTES = 1 << 20
_LOOK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes `[start, end)` of a source; without an end, all of it from the start on.

    Attributes:
        may_grow: whether what its last lines came to is wanted apart: once more is written, they
            may say something else.
    """

    source: Source
    start: int = 0
    end: int | None = None
    may_grow: bool = False

    @property
    def size(self) -> int:
        """How many bytes are read for it; 0 where nobody knows."""
        return (self.end if self.end is not None else self.source.size or 0) - self.start


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stretch came to.

    Attributes:
        part: what is sure, up to the byte `settled`.
        rest: what the last lines came to, from there to the byte `end`.
        tail: the last bytes that were read.
        damage: why it ended too early, if it did.
    """

    part: Part
    rest: Part
    settled: int
    end: int
    tail: bytes
    bytes_read: int
    damage: str | None


def whole(source: Source) -> Stretch:
    """All of `source`."""
    return Stretch(source, 0, source.size if source.is_plain else None)


def read_each(
    wanted: Sequence[Stretch], how: Reading, processes: int | None = None
) -> Iterator[tuple[Stretch, Iterator[Outcome]]]:
    """Each stretch with what its pieces came to, one after the other."""
    pieces = [cut(stretch, how.plan) for stretch in wanted]
    most = workers.processors() if processes is None else processes
    worth = 1 + sum(stretch.size for stretch in wanted) // WORTH_BYTES
    outcomes = workers.results(
        partial(read, how=how), [piece for cuts in pieces for piece in cuts], min(most, worth)
    )
    for stretch, cuts in zip(wanted, pieces, strict=True):
        yield stretch, (next(outcomes) for _ in cuts)


def read(stretch: Stretch, how: Reading) -> Outcome:
    """Read one stretch in one go."""
    content = Content(stretch.source, stretch.start, stretch.end)
    scan, part = Scan(how, stretch.start), Part()
    settled, least = stretch.start, _least_settled(stretch)
    for block in blocks(content):
        if settled < least <= scan.offset and scan.may_end_before(block):
            part, settled = scan.part(), scan.offset
            scan = Scan(how, settled)
        scan.feed(block)
    rest = scan.part()
    if not stretch.may_grow:
        part, rest, settled = rest, Part(), scan.offset
    return Outcome(
        part, rest, settled, scan.offset, content.tail, content.bytes_read, content.damage
    )


def _least_settled(stretch: Stretch) -> float:
    """The byte up to which a stretch that may grow had better be settled."""
    if not stretch.may_grow or stretch.end is None:
        return math.inf
    return max(stretch.start + 1, stretch.end - REST_BYTES)


def cut(stretch: Stretch, plan: Plan, size: int = CUT_BYTES) -> list[Stretch]:
    """`stretch` in pieces, each of which begins with a new record; whole where that is unsure."""
    end = stretch.end
    is_long = end is not None and end - stretch.start >= 2 * size
    if end is None or not is_long or plan.pattern or not stand_alone(stretch, plan):
        return [stretch]
    edges = [stretch.start]
    while edges[-1] + 2 * size <= end:
        edge = record_start(stretch.source, edges[-1] + size)
        if edge is None or edge >= end:
            break
        edges.append(edge)
    return [
        Stretch(stretch.source, left, right, stretch.may_grow and right == end)
        for left, right in zip(edges, [*edges[1:], end], strict=True)
    ]


def stand_alone(stretch: Stretch, plan: Plan) -> bool:
    """Whether the lines are records: in an envelope they may be parts of one."""
    look = Content(stretch.source, stretch.start, stretch.start + _LOOK_BYTES)
    for block in blocks(look):
        for line in block.lines:
            try:
                return isinstance(line, bytes) and not isinstance(parse(line, plan), Inner)
            except Rejected:
                continue
    return False


def record_start(source: Source, at: int) -> int | None:
    """Where the next line begins that begins with a brace, and so goes on with nothing."""
    offset, is_start = at, False
    for piece in Content(source, at):
        if is_start and piece.startswith(b"{"):
            return offset
        if (found := piece.find(b"\n{")) >= 0:
            return offset + found + 1
        is_start = piece.endswith(b"\n")
        offset += len(piece)
    return None
