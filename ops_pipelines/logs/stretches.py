"""Cuts a log into stretches of bytes that can be read by themselves, in other processes too."""

from dataclasses import dataclass

from ops_pipelines.logs.contents import Content, Source
from ops_pipelines.logs.envelopes import Inner
from ops_pipelines.logs.ledger import Part, Reading
from ops_pipelines.logs.lines import blocks
from ops_pipelines.logs.plan import Plan
from ops_pipelines.logs.records import Rejected, parse
from ops_pipelines.logs.scan import Scan

STRETCH_BYTES = 1 << 26
_LOOK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Stretch:
    """Bytes `[start, end)` of a source; all of it, when it cannot be read in stretches."""

    source: Source
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stretch came to; `damage` says why it ended too early, if it did."""

    part: Part
    bytes_read: int
    damage: str | None


def read(stretch: Stretch, how: Reading) -> Outcome:
    """Read one stretch."""
    content = Content(stretch.source, stretch.start, stretch.end)
    scan = Scan(how, stretch.start)
    for block in blocks(content):
        scan.feed(block)
    return Outcome(scan.part(), content.bytes_read, content.damage)


def cut(source: Source, plan: Plan, start: int = 0, size: int = STRETCH_BYTES) -> list[Stretch]:
    """The stretches of `source` from `start` on, each of which begins with a new record."""
    if source.size is None or not source.is_plain or source.size - start < 2 * size:
        return [Stretch(source, start, source.size if source.is_plain else None)]
    if plan.pattern or not _stands_alone(source, start, plan):
        return [Stretch(source, start, source.size)]
    edges = [start]
    while edges[-1] + 2 * size <= source.size:
        edge = _line_start(source, edges[-1] + size)
        if edge is None:
            break
        edges.append(edge)
    return [Stretch(source, a, b) for a, b in zip(edges, [*edges[1:], source.size], strict=True)]


def _stands_alone(source: Source, start: int, plan: Plan) -> bool:
    """Whether the lines are records: in an envelope they may be parts of one."""
    for block in blocks(iter([next(iter(Content(source, start, start + _LOOK_BYTES)), b"")])):
        for line in block.lines:
            try:
                return isinstance(line, bytes) and not isinstance(parse(line, plan), Inner)
            except Rejected:
                continue
    return False


def _line_start(source: Source, at: int) -> int | None:
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
