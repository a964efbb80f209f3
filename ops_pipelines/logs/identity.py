"""Tells which file holds a content that was read before, whatever the file is called now.

A content is known again by its first bytes, and by the last ones of what was read: names change,
inodes are used again, and a compressed copy has neither in common with what it is a copy of.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops_pipelines.logs.contents import IDENTITY_BYTES, TAIL_BYTES, Content, Source
from ops_pipelines.logs.parts import Kept


@dataclass(frozen=True, slots=True)
class Match:
    """A file, and the content in it that was read before.

    Attributes:
        kept: None when it is a new one.
        start: the byte to read on from; None when there is nothing new.
        damage: why it ends before what was read, if it does.
    """

    source: Source
    kept: Kept | None = None
    start: int | None = 0
    damage: str | None = None


def matches(sources: Sequence[Source], known: Iterable[Kept], reading: str) -> list[Match]:
    """What is known of each file; no content is found in two of them."""
    free = {id(kept): kept for kept in known}
    found: dict[int, Match] = {}
    # Files that are as they were take theirs first; then those that hold more than was read.
    for judge in (_unchanged, _grown):
        for place, source in enumerate(sources):
            if place in found:
                continue
            for kept in sorted(free.values(), key=lambda one: -one.end):
                if match := judge(source, kept):
                    found[place] = _read_anew(match, reading)
                    del free[id(kept)]
                    break
    return [found.get(place, Match(source)) for place, source in enumerate(sources)]


def head_of(source: Source) -> tuple[int, str]:
    """How many first bytes are known of a file, and their hash."""
    return len(source.head), _hash(source.head)


def tail_of(source: Source, end: int, read: bytes) -> str:
    """The hash of the last bytes before `end`, of which the last that were `read` are known."""
    return _hash(read if len(read) == min(end, TAIL_BYTES) else _tail(source, end)[0])


def is_there(kept: Kept) -> bool:
    """Whether the file that held a content is still under its name."""
    try:
        status = Path(kept.name).stat()
    except (OSError, ValueError):
        return False
    return (status.st_dev, status.st_ino) == kept.inode


def _unchanged(source: Source, kept: Kept) -> Match | None:
    state = (source.inode, source.size, source.modified_ns)
    is_same = state == (kept.inode, kept.size, kept.modified_ns) and _begins_alike(source, kept)
    return Match(source, kept, None) if is_same else None


def _grown(source: Source, kept: Kept) -> Match | None:
    """The content may have moved to another file, been compressed, or gone on."""
    is_moved = source.inode != kept.inode
    if not _begins_alike(source, kept):
        return None
    if not source.is_compressed and (source.size or 0) < kept.end:
        return None
    tail, size, damage = _tail(source, kept.end)
    if _hash(tail) != kept.tail or size < kept.end:
        is_cut = damage and kept.head_bytes == IDENTITY_BYTES
        return Match(source, kept, None, damage) if is_cut else None
    if size == kept.end:
        # Written again in its place, though not longer: what is in the middle may be another.
        return Match(source, kept, None if is_moved or source.is_compressed else 0)
    if is_moved and kept.head_bytes < IDENTITY_BYTES:
        return None  # too short to be sure that it is not another one with the same beginning
    return Match(source, kept, kept.settled_bytes)


def _read_anew(match: Match, reading: str) -> Match:
    """The same; from the beginning where it was read by other settings."""
    if match.kept is None or match.kept.reading == reading:
        return match
    return Match(match.source, match.kept, 0)


def _begins_alike(source: Source, kept: Kept) -> bool:
    head = source.head[: kept.head_bytes]
    return len(head) == kept.head_bytes and _hash(head) == kept.head


def _tail(source: Source, end: int) -> tuple[bytes, int, str | None]:
    """The last bytes before `end`, how long the content is, and why it ended too early."""
    start = max(0, end - TAIL_BYTES)
    content = Content(source, start, None if source.is_compressed else end)
    tail, size = b"", start
    for piece in content:
        tail += piece[: end - start - len(tail)]
        size += len(piece)
    return tail, size if source.is_compressed else source.size or 0, content.damage


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:24]
