"""What each file of a log came to, kept in a folder, so that it need not be read again.

The folder holds an index, and for each content two parts (`partfile`): what is settled, and what
its last lines came to, which may say something else once more is written. Parts are named after
what they hold and never changed; the index is replaced in one step.
"""

import hashlib
from collections.abc import Iterable
from datetime import date

import msgspec

from ops_pipelines.logs import partfile
from ops_pipelines.logs.ledger import Part
from ops_pipelines.storage.folder import Folder, LocalFolder

FORMAT = 1
"""Goes up when the same bytes come to other parts."""
LINGER_SECONDS = 86_400
"""A run that takes longer than a day may find that a part was replaced."""
_INDEX = "index.json"
_SUFFIX = ".part"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A content that was read.

    Attributes:
        content: its identity: it stays when the content grows.
        reading: by which settings it was read (`fingerprint`).
        name: of the file that held it last.
        inode: device and inode of that file; `size` and `modified_ns` as they were then.
        head_bytes: so many of its first bytes have the hash `head`.
        tail: the hash of the last bytes before `end`.
        end: so many bytes were read, counted as they are before compression.
        settled_bytes: so many of them are in the part `settled`; the others are in `rest`.
        days: a hash of what it came to on each day.
        undated: rejected lines, by reason, of a content without any time.
        damage: why it ended too early, if it did.
    """

    content: str
    reading: str
    name: str
    inode: tuple[int, int]
    size: int
    modified_ns: int
    head_bytes: int
    head: str
    tail: str
    end: int
    settled_bytes: int
    settled: str
    rest: str
    days: dict[date, str]
    undated: dict[str, int]
    lines: int
    accepted: int
    span_us: tuple[int, int] | None
    damage: str | None


class _Index(msgspec.Struct):
    format: int
    kept: list[Kept]


def load(folder: Folder) -> list[Kept]:
    """What is kept, as far as it is there; without an index all is read again."""
    try:
        index = msgspec.json.decode(folder.read(_INDEX) or b"", type=_Index)
    except msgspec.MsgspecError:
        return []
    there = set(folder.names(""))
    is_ours = index.format == FORMAT
    return [one for one in index.kept if is_ours and {one.settled, one.rest} <= there]


def save(folder: Folder, kept: Iterable[Kept]) -> None:
    """Replace the index."""
    folder.write(_INDEX, msgspec.json.encode(_Index(FORMAT, list(kept))))


def sweep(folder: LocalFolder, kept: Iterable[Kept]) -> None:
    """Remove parts that are no longer kept, once nobody can be reading them any more."""
    named = {name for one in kept for name in (one.settled, one.rest)}
    now = (folder.root / _INDEX).stat().st_mtime
    for path in folder.root.glob(f"*{_SUFFIX}"):
        if path.name not in named and path.stat().st_mtime < now - LINGER_SECONDS:
            path.unlink(missing_ok=True)


def write(folder: Folder, part: Part) -> str:
    """Keep a part; its name."""
    content = partfile.encode(part)
    name = hashlib.sha256(content).hexdigest()[:24] + _SUFFIX
    folder.write(name, content)
    return name


def read(folder: Folder, name: str) -> Part | None:
    """A part; None when it is not there, or damaged."""
    content = folder.read(name)
    try:
        return None if content is None else partfile.decode(content)
    except ValueError:
        return None
