"""What a file of the log holds: its bytes as they were before compression, and whose they are."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ops_pipelines.logs.compressed import (
    HEAD_BYTES,
    UNREAD,
    DamagedError,
    inflated,
    is_compressed,
)  # fmt: skip

STDIN = "-"
PIECE_BYTES = 1 << 18
IDENTITY_BYTES = 4096
"""So many first bytes tell one log from another: with times in them they come only once."""
TAIL_BYTES = 256
_SUFFIXES = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the log, or a stream.

    Attributes:
        inode: device and inode, by which a file is known under several names.
        size: its bytes when it was found: what is written to it later is for the next run. None
            for a stream.
        modified_ns: when it was changed last, in nanoseconds since 1970.
        head: the first `IDENTITY_BYTES` of its content.
    """

    name: str
    inode: tuple[int, int]
    size: int | None = None
    modified_ns: int = 0
    is_compressed: bool = False
    head: bytes = b""

    @property
    def is_plain(self) -> bool:
        """Whether any stretch of its bytes can be read by itself."""
        return self.size is not None and not self.is_compressed


class UnreadError(Exception):
    """A file of a kind that is not read; its name."""


def file(name: str) -> Source:
    """The file called `name`.

    Raises:
        OSError: it cannot be read.
        UnreadError: it is compressed in a way that we do not know.
    """
    with Path(name).open("rb") as opened:
        status = os.fstat(opened.fileno())
        begins = opened.read(HEAD_BYTES)
    for magic, kind in UNREAD.items():
        if begins.startswith(magic):
            raise UnreadError(kind)
    inode = (status.st_dev, status.st_ino)
    found = Source(name, inode, status.st_size, status.st_mtime_ns, is_compressed(begins))
    return replace(found, head=_head(Content(found)))


def stream(name: str) -> Source:
    """A pipe that is open: nothing is known of what it holds."""
    return Source(name, (-1, hash(name)))


class Content:
    """The content of `source` piece by piece, from a byte of it on.

    Attributes:
        start: counts bytes as they were before compression.
        end: where to stop; of what is compressed, all is read.
        damage: once it was read: why it ended too early, if it did.
        tail: once it was read: its last bytes.
    """

    def __init__(self, source: Source, start: int = 0, end: int | None = None) -> None:
        self.source, self.start, self.end = source, start, end
        self.damage: str | None = None
        self.bytes_read = 0
        self.tail = b""

    def __iter__(self) -> Iterator[bytes]:
        self.damage, self.bytes_read, self.tail = None, 0, b""
        try:
            with _opened(self.source) as opened:
                for piece in self._pieces(opened):
                    self.tail = (self.tail + piece[-TAIL_BYTES:])[-TAIL_BYTES:]
                    yield piece
        except DamagedError as error:
            self.damage = str(error)
        except OSError as error:
            self.damage = error.strerror or str(error)

    def _pieces(self, opened: BinaryIO) -> Iterator[bytes]:
        if not self.start:
            return self._everything(opened)
        if self.source.is_compressed:
            return _from(self.start, self._everything(opened))
        opened.seek(self.start)
        return self._raw(opened)

    def _everything(self, opened: BinaryIO) -> Iterator[bytes]:
        raw = self._raw(opened)
        first = next(raw, b"")
        while len(first) < HEAD_BYTES and (more := next(raw, b"")):  # a pipe gives little at first
            first += more
        everything = chain([first] if first else [], raw)
        compressed = self.source.is_compressed or (
            self.source.size is None and is_compressed(first)
        )
        return inflated(everything) if compressed else everything

    def _raw(self, opened: BinaryIO) -> Iterator[bytes]:
        end = self.end if self.end is not None else self.source.size
        rest = None if end is None else end - opened.tell()
        while rest is None or rest > 0:
            piece = opened.read(PIECE_BYTES if rest is None else min(PIECE_BYTES, rest))
            if not piece:
                break
            self.bytes_read += len(piece)
            rest = None if rest is None else rest - len(piece)
            yield piece


def _from(start: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    at = 0
    for piece in pieces:
        if at + len(piece) > start:
            yield piece[max(0, start - at) :]
        at += len(piece)


@contextmanager
def _opened(source: Source) -> Iterator[BinaryIO]:
    """The file that was found, be it that it was renamed since."""
    if source.name == STDIN:
        yield sys.stdin.buffer
        return
    with same_file(source).open("rb", buffering=0) as opened:
        yield opened


def same_file(source: Source) -> Path:
    """Where a file that was found is now: it may have been renamed since."""
    path = Path(source.name)
    if source.size is None or _inode(path) == source.inode:
        return path
    for other in path.parent.iterdir():  # rotated since it was found
        if _inode(other) == source.inode:
            return other
    return path


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _head(content: Content) -> bytes:
    head = b""
    for piece in content:
        head += piece
        if len(head) >= IDENTITY_BYTES:
            break
    return head[:IDENTITY_BYTES]


def original_of(source: Source, others: Sequence[Source]) -> Source | None:
    """The one of `others` of which `source` is a copy, or a copy of the beginning.

    Only files that begin with the same `IDENTITY_BYTES` are compared, and `app.log.1` with
    `app.log.1.gz`, which logrotate makes of it: short files may be alike by chance.
    """
    for other in others:
        if other.inode == source.inode or source.size is None or other.size is None:
            continue
        shorter = min(len(source.head), len(other.head))
        if source.head[:shorter] != other.head[:shorter]:
            continue
        if shorter == IDENTITY_BYTES or _is_named_after(source, other):
            common, is_whole, other_is_whole = _compared(Content(source), Content(other))
            if common and is_whole and (not other_is_whole or _comes_second(source, other)):
                return other
    return None


def _is_named_after(source: Source, other: Source) -> bool:
    first, second = sorted((source.name, other.name), key=len)
    return any(second == first + suffix for suffix in _SUFFIXES)


def _comes_second(source: Source, other: Source) -> bool:
    """Which of two files with the same content is left out: the compressed, else the later name."""
    return (source.is_compressed, source.name) > (other.is_compressed, other.name)


def _compared(one: Content, two: Content) -> tuple[bool, bool, bool]:
    """Whether they are the same as far as both go, and whether each ends there."""
    pieces, others = iter(one), iter(two)
    left = right = b""
    while True:
        left = left or next(pieces, b"")
        right = right or next(others, b"")
        size = min(len(left), len(right))
        if not size:
            return True, not left, not right
        if left[:size] != right[:size]:
            return False, False, False
        left, right = left[size:], right[size:]
