"""Samples: timed readings, appended and never edited, always in a local folder.

One JSON-lines file a day (of UTC) for each stream. A line is one write to a file opened for
appending, so that several processes may write; a line that a kill cut short is counted, and what
was read twice for the same slot is dropped and counted.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ops_pipelines.errors import StorageError
from ops_pipelines.redaction import redact_tree
from ops_pipelines.window import Window

Sample = dict[str, Any]
"""At least `at` (ISO time), `check` (what was read) and `slot` (the time it was scheduled for)."""


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
        line = json.dumps(redact_tree(sample), ensure_ascii=False, separators=(",", ":"))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _append_line(path, line.encode() + b"\n")
        except OSError as error:
            raise StorageError(
                "storage.failed", where=str(path), detail=error.strerror or str(error)
            ) from error


def read(folder: Path, window: Window) -> Samples:
    """The samples whose time lies in `window`."""
    found: dict[tuple[str, str], Sample] = {}
    torn = doubled = 0
    for path in _files(folder, window):
        for line in path.read_bytes().split(b"\n"):
            sample = _parse(line)
            if sample is None:
                torn += bool(line)
            elif datetime.fromisoformat(sample["at"]) in window:
                key = (sample["check"], sample["slot"])
                doubled += key in found
                found.setdefault(key, sample)
    return Samples(sorted(found.values(), key=lambda sample: str(sample["at"])), torn, doubled)


def newest(folder: Path) -> list[Sample]:
    """The last sample of each check, from the ends of the two newest files."""
    found: dict[str, Sample] = {}
    for path, _ in list(_days(folder))[-2:]:
        for sample in filter(None, map(_parse, _end(path).split(b"\n"))):
            found[sample["check"]] = sample
    return list(found.values())


def prune(folder: Path, before: date) -> list[str]:
    """Remove the files of days before `before`; the names of those that went."""
    old = [path for path, day in _days(folder) if day < before]
    for path in old:
        path.unlink(missing_ok=True)
    return [path.name for path in old]


def _append_line(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            line = b"\n" + line  # a writer was killed in the middle of its line
        if os.write(handle, line) != len(line):
            raise OSError(28, os.strerror(28))
    finally:
        os.close(handle)


def _parse(line: bytes) -> Sample | None:
    try:
        sample = json.loads(line)
        datetime.fromisoformat(sample["at"])
    except (ValueError, KeyError, TypeError):
        return None
    return sample if {"check", "slot"} <= sample.keys() else None


def _end(path: Path, most_bytes: int = 1 << 18) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - most_bytes))
        return file.read()


def _file(folder: Path, day: date) -> Path:
    return folder / f"{day.isoformat()}.jsonl"


def _files(folder: Path, window: Window) -> Sequence[Path]:
    first, last = window.start.date(), window.end.date()
    return [path for path, day in _days(folder) if first <= day <= last]


def _days(folder: Path) -> Iterator[tuple[Path, date]]:
    for path in sorted(folder.glob("*.jsonl")):
        with suppress(ValueError):  # a file of somebody else
            yield path, date.fromisoformat(path.stem)
