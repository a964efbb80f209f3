"""Copies of files that others go on changing: of each a state in which nobody was writing it."""

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath

from ops_pipelines.errors import SnapshotError
from ops_pipelines.report import Finding, Severity
from ops_pipelines.storage.durable import copy_through
from ops_pipelines.storage.folder import as_storage_error

SETTLED_SECONDS = 1.0
PATIENCE_SECONDS = 15.0
_PAUSE_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied of one file, and the state in which it was."""

    sha256: str
    bytes: int
    stat: os.stat_result


def places(paths: Iterable[str]) -> dict[str, str]:
    """Where each of `paths` lies below the folder that is common to all of them."""
    known = list(paths)
    top = os.path.commonpath([PurePath(path).parent for path in known]) if known else ""
    return {path: str(PurePath(path).relative_to(top)) for path in known}


def private_parents(root: Path, relative: str) -> Path:
    """`root / relative`, with the folders above it made; only their owner can enter them."""
    folder = root
    for part in ("", *PurePath(relative).parts[:-1]):
        folder = folder / part
        folder.mkdir(mode=0o700, exist_ok=True)
    return root / relative


def copy_settled(wanted: Mapping[Path, Path]) -> dict[Path, Copied]:
    """Copy each file of `wanted` to its target, all of them as they are at one moment.

    What was changed meanwhile, or in the second before, is looked at again.

    Raises:
        SnapshotError: they were being changed all the time.
        StorageError: a file could not be read or written.
    """
    copied: dict[Path, Copied] = {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while changed := [path for path in wanted if _has_changed(path, copied.get(path))]:
        if time.monotonic() > deadline:
            raise SnapshotError("backup.not_taken", [_restless(path) for path in changed])
        for path in changed:
            # Whoever replaces a file may take it away for a moment: then it is a matter of waiting.
            with as_storage_error(str(path)), suppress(FileNotFoundError):
                copied[path] = _copy(path, wanted[path])
        time.sleep(_until_settled(copied.values()))
    return {path: copied[path] for path in wanted}


def _copy(source: Path, target: Path) -> Copied:
    target.unlink(missing_ok=True)
    before = source.stat()
    return Copied(*copy_through(source, target), before)


def _has_changed(path: Path, copied: Copied | None) -> bool:
    with as_storage_error(str(path)), suppress(FileNotFoundError):
        return copied is None or _state(path.stat()) != _state(copied.stat)
    return True


def _state(stat: os.stat_result) -> tuple[int, ...]:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _until_settled(copied: Iterable[Copied]) -> float:
    """How long to wait until the youngest is old enough; a time that lies ahead tells nothing."""
    age = time.time() - max((file.stat.st_mtime for file in copied), default=0.0)
    return SETTLED_SECONDS - age if 0 <= age < SETTLED_SECONDS else _PAUSE_SECONDS


def _restless(path: Path) -> Finding:
    facts = {"seconds": round(PATIENCE_SECONDS)}
    return Finding("backup.keeps_changing", Severity.CRITICAL, str(path), facts)
