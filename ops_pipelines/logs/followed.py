"""One content of the log that is read on as it is written, whatever its file is called."""

import os
import select
from pathlib import Path
from typing import BinaryIO, NamedTuple

from ops_pipelines.logs.contents import IDENTITY_BYTES, PIECE_BYTES, Content, Source
from ops_pipelines.logs.ledger import Part, Reading
from ops_pipelines.logs.lines import Cutter
from ops_pipelines.logs.scan import Scan


class Beginning(NamedTuple):
    """By which a content is known again."""

    name: str
    head: bytes

    def is_in(self, source: Source) -> bool:
        """Whether a file holds the same content, or its beginning."""
        common = min(len(self.head), len(source.head))
        is_sure = common == IDENTITY_BYTES or (common > 0 and _is_rotated(self.name, source.name))
        return is_sure and self.head[:common] == source.head[:common]


class Followed:
    """A content, and what came of it so far.

    Attributes:
        source: the file in which it was found.
        opened: its file, open still when it has another name or none; None once it has ended.
    """

    def __init__(
        self, source: Source, how: Reading, opened: BinaryIO | None, before: Part, start: int
    ) -> None:
        self.source, self.opened = source, opened
        self._head = source.head if start else b""
        self._before, self._scan = before, Scan(how, start)
        self._cutter, self._offset = Cutter(), start

    @property
    def beginning(self) -> Beginning:
        """By which it is known again."""
        return Beginning(self.source.name, self._head or self.source.head)

    @property
    def part(self) -> Part:
        """What it came to; a line whose end has not come is not counted yet."""
        before = Part(self._before.rollup.copy(), self._before.account, self._before.ranges)
        return before.then(self._scan.so_far())

    def read_on(self) -> bool:
        """Read what was written since; whether there was anything."""
        start = self._offset
        while self.opened and (piece := self._piece(self.opened)):
            self._take(piece)
        return self._offset > start

    def end(self, copy: Source | None = None) -> None:
        """Nothing more is written to its file; what is left of it is in `copy`, if that is there.

        A last line whose end has not come is counted as it is.
        """
        if self.opened and self.source.size is not None:
            self.opened.close()
        self.opened = None
        for piece in Content(copy, self._offset) if copy else ():
            self._take(piece)
        if block := self._cutter.rest():
            self._scan.feed(block)

    def is_overwritten(self) -> bool:
        """Whether its file was truncated, and holds another content now."""
        if not self.opened or self.source.size is None:
            return False
        return os.pread(self.opened.fileno(), len(self._head), 0) != self._head

    def is_removed(self) -> bool:
        """Whether its file has no name any more: who still writes to it writes to nowhere."""
        if not self.opened or self.source.size is None:
            return False
        return os.fstat(self.opened.fileno()).st_nlink == 0

    def _piece(self, opened: BinaryIO) -> bytes:
        if self.source.size is not None:
            return opened.read(PIECE_BYTES)
        if not select.select([opened], [], [], 0)[0]:
            return b""
        piece = os.read(opened.fileno(), PIECE_BYTES)
        if not piece:
            self.end()
        return piece

    def _take(self, piece: bytes) -> None:
        if len(self._head) == self._offset < IDENTITY_BYTES:
            self._head = (self._head + piece)[:IDENTITY_BYTES]
        self._offset += len(piece)
        if block := self._cutter.cut(piece):
            self._scan.feed(block)


def _is_rotated(name: str, other: str) -> bool:
    """Whether one of two files is called as a rotated copy of the other may be."""
    first, second = sorted((Path(name), Path(other)), key=lambda path: len(path.name))
    return first.parent == second.parent and second.name.startswith(first.name.split(".")[0])
