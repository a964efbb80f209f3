"""Cuts bytes into lines, in blocks that hold some hundred of them, whatever the bytes are."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST_BYTES = 1 << 24
"""A longer line is rejected unread: nobody's log line has 16 MiB, and memory is bounded."""

KEPT_BYTES = 2000


class Odd(NamedTuple):
    """Stands among lines for one that is rejected whatever it says: msgspec must not see it."""

    reason: str
    line: bytes


Line = bytes | Odd


class Block(NamedTuple):
    """Lines that stand one after the other.

    Attributes:
        size: how many bytes they take, with their ends.
        is_torn: whether the last of them has no end: it may still be being written.
    """

    lines: list[Line]
    size: int
    is_torn: bool = False


def blocks(pieces: Iterable[bytes]) -> Iterator[Block]:
    """All lines of `pieces`, which follow each other; each byte is in one block."""
    cutter = Cutter()
    for piece in pieces:
        if block := cutter.cut(piece):
            yield block
    if block := cutter.rest():
        yield block


class Cutter:
    """Is given pieces that follow each other, and hands back the lines that have their ends."""

    def __init__(self) -> None:
        self._begun = _Begun()

    def cut(self, piece: bytes) -> Block | None:
        """The lines that end in `piece`."""
        begun = self._begun
        end = piece.rfind(b"\n") + 1
        if not end:
            begun.add(piece)
            return None
        size = begun.size + end
        if begun.is_too_long:
            first = piece.find(b"\n") + 1
            lines: list[Line] = [begun.odd, *_lines(piece[first:end])]
        else:
            lines = _lines(b"".join([*begun.parts, memoryview(piece)[:end]]))
        self._begun = _Begun()
        self._begun.add(piece[end:])
        return Block(lines, size)

    def rest(self) -> Block | None:
        """The last line, when its end has not come."""
        begun = self._begun
        if not begun.size:
            return None
        rest = b"".join([*begun.parts, b"\n"])
        last: list[Line] = [begun.odd] if begun.is_too_long else _lines(rest)
        return Block(last, begun.size, is_torn=True)


class _Begun:
    """A line whose end has not come yet."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = self.kept = 0

    def add(self, piece: bytes) -> None:
        """Go on with it. Zeros without end, which `copytruncate` leaves before it, are not kept."""
        self.size += len(piece)
        if piece and (self.kept or piece.strip(b"\0")):
            self.kept += len(piece)
            if not self.is_too_long:
                self.parts.append(piece)

    @property
    def is_too_long(self) -> bool:
        """Whether nobody will read it."""
        return self.kept > LONGEST_BYTES

    @property
    def odd(self) -> Odd:
        """What stands for it then."""
        return Odd("too_long", self.parts[0][:KEPT_BYTES])


def _lines(whole: bytes) -> list[Line]:
    """The lines of `whole`, each of which ends with a newline."""
    lines = whole.split(b"\n")
    lines.pop()
    bounded: list[Line] = [*lines]
    if len(whole) > LONGEST_BYTES:
        bounded = [_bounded(line) for line in lines]
    for place in [] if whole.isascii() else _not_utf8(whole):
        if not isinstance(bounded[place], Odd):
            bounded[place] = Odd("not_utf8", lines[place])
    return bounded


def _not_utf8(whole: bytes) -> Iterator[int]:
    """The places of the lines that are not UTF-8."""
    start = place = 0
    while start < len(whole):
        try:
            str(memoryview(whole)[start:], "utf-8")
        except UnicodeDecodeError as error:
            place += whole.count(b"\n", start, start + error.start)
            yield place
            start = whole.find(b"\n", start + error.start) + 1
            place += 1
        else:
            return


def _bounded(line: bytes) -> Line:
    return line if len(line) <= LONGEST_BYTES else Odd("too_long", line[:KEPT_BYTES])
