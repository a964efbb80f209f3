"""Samples: timed readings, appended and never edited, always in a local folder.

One JSON-lines file a day (of UTC) for each stream. A line is one write to a file opened for
appending, so that several processes may write; a line that a kill cut short is counted, and what
was read twice for the same slot is dropped and counted.
"""

import errno
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from ops_pipelines.redaction import redact_tree
from ops_pipelines.storage.folder import as_storage_error
from ops_pipelines.window import Window

Sample = dict[str, Any]
"""At least `at` (ISO time), `check` (what was read) and `slot` (the time it was scheduled for)."""
_FOUND_BY = ("at", "check", "slot")
END_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Samples:
    """What was found in a window: samples in the order of their time, and what was left out."""

    samples: list[Sample]
    torn: int = 0
    doubled: int = 0


def append(folder: Path, samples: Iterable[Sample]) -> None:
    """Append `samples` to the files of their days.

    Raises:
        StorageError: a sample could not be written.
    """
    for sample in samples:
        path = _file(folder, datetime.fromisoformat(sample["at"]).astimezone(UTC).date())
        line = json.dumps(_masked(sample), ensure_ascii=False, separators=(",", ":")) + "\n"
        with as_storage_error(str(path)):
            folder.mkdir(parents=True, exist_ok=True)
            # A lone surrogate, which UTF-8 does not have, becomes its JSON escape.
            _append_line(path, line.encode(errors="backslashreplace"))


def read(folder: Path, window: Window) -> Samples:
    """The samples whose time lies in `window`.

    Raises:
        StorageError: a file could not be read.
    """
    found: dict[tuple[str, str], _Timed] = {}
    torn = doubled = 0
    for path in _files(folder, window):
        parsed, torn_here = _parsed(path, *_state(path))
        torn += torn_here
        for timed in parsed:
            if timed.at in window:
                key = (timed.sample["check"], timed.sample["slot"])
                doubled += key in found
                found.setdefault(key, timed)
    return Samples([timed.sample for timed in sorted(found.values(), key=_at)], torn, doubled)


def newest(folder: Path) -> list[Sample]:
    """The last sample of each check, from the ends of the two newest files.

    Raises:
        StorageError: a file could not be read.
    """
    ends = (_content(path, END_BYTES) for path, _ in _days(folder)[-2:])
    found = filter(None, (_parse(line) for end in ends for line in end.split(b"\n")))
    last = {timed.sample["check"]: timed.sample for timed in sorted(found, key=_at)}
    return list(last.values())


def days(folder: Path) -> list[date]:
    """The days (of UTC) that have samples, the oldest first."""
    return [day for _, day in _days(folder)]


def prune(folder: Path, before: date) -> list[str]:
    """Remove the files of days before `before`; the names of those that went.

    Raises:
        StorageError: a file could not be removed.
    """
    old = [path for path, day in _days(folder) if day < before]
    for path in old:
        with as_storage_error(str(path)):
            path.unlink(missing_ok=True)
    return [path.name for path in old]


class _Timed(NamedTuple):
    at: datetime
    sample: Sample


_at = attrgetter("at")


def _masked(sample: Sample) -> Sample:
    """`sample` without secrets; what it is found by stays, though a secret be such a word too."""
    masked: Sample = redact_tree(sample)
    return masked | {name: sample[name] for name in _FOUND_BY}


def _append_line(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            line = b"\n" + line  # a writer was killed in the middle of its line
        if os.write(handle, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(handle)


def _state(path: Path) -> tuple[int, int]:
    with as_storage_error(str(path)), suppress(FileNotFoundError):
        status = path.stat()
        return status.st_size, status.st_mtime_ns
    return 0, 0


@lru_cache(maxsize=3)
def _parsed(path: Path, _size: int, _modified_ns: int) -> tuple[list[_Timed], int]:
    """What the file holds, and how many lines are torn.

    A window reaches into the days beside its own, and a backfill goes from day to day: three files
    are kept, so that each is parsed once.
    """
    found = [_parse(line) for line in _content(path).split(b"\n") if line]
    return [timed for timed in found if timed], found.count(None)


def _parse(line: bytes) -> _Timed | None:
    try:
        sample = json.loads(line)
        at = datetime.fromisoformat(sample["at"])
        is_whole = at.tzinfo and all(isinstance(sample[name], str) for name in _FOUND_BY)
    except (ValueError, KeyError, TypeError):
        return None
    return _Timed(at, sample) if is_whole else None


def _content(path: Path, last_bytes: int = 0) -> bytes:
    """What the file holds, or the end of it; nothing when it was pruned meanwhile."""
    with as_storage_error(str(path)), suppress(FileNotFoundError), path.open("rb") as file:
        if last_bytes:
            file.seek(max(0, os.fstat(file.fileno()).st_size - last_bytes))
        return file.read()
    return b""


def _file(folder: Path, day: date) -> Path:
    return folder / f"{day.isoformat()}.jsonl"


def _files(folder: Path, window: Window) -> Sequence[Path]:
    first, last = window.start.date(), window.end.date()
    return [path for path, day in _days(folder) if first <= day <= last]


def _days(folder: Path) -> list[tuple[Path, date]]:
    """The files of days, the oldest first; a file of somebody else is none of them."""
    found = []
    for path in _entries(folder):
        with suppress(ValueError):
            day = date.fromisoformat(path.stem)
            if path == _file(folder, day) and path.is_file():
                found.append((path, day))
    return found


def _entries(folder: Path) -> list[Path]:
    with as_storage_error(str(folder)), suppress(FileNotFoundError, NotADirectoryError):
        return sorted(folder.iterdir())
    return []
