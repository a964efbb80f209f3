"""Brings together what a snapshot is to hold: copies of files and of databases in use."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from ops_pipelines.config import sqlite
from ops_pipelines.config.copies import copy_settled, places, private_parents
from ops_pipelines.config.manifest import Entry, Kind
from ops_pipelines.errors import InputError, SnapshotError
from ops_pipelines.report import Finding, Severity
from ops_pipelines.storage.durable import hash_file
from ops_pipelines.storage.folder import as_storage_error

BUSY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a snapshot of a service is to hold.

    Attributes:
        service: the service's name.
        files: paths of files.
        databases: paths of SQLite databases.
        busy_seconds: how long to wait for a database that is locked.
    """

    service: str
    files: tuple[str, ...]
    databases: tuple[str, ...] = ()
    busy_seconds: float = BUSY_SECONDS

    @property
    def kinds(self) -> dict[str, Kind]:
        """Every path once, with what it is."""
        files: dict[str, Kind] = dict.fromkeys(self.files, "file")
        databases: dict[str, Kind] = dict.fromkeys(self.databases, "sqlite")
        return files | databases


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was brought together, and where each of the service's paths lies now."""

    entries: tuple[Entry, ...]
    places: dict[str, Path]


def gather(wanted: Wanted, folder: Path) -> Gathered:
    """Copy all that is `wanted` into `folder`, flushed to the disk.

    Raises:
        SnapshotError: with every file and database that is missing, unreadable or not whole.
        StorageError: a copy could not be written.
    """
    _refuse([finding for path in wanted.kinds for finding in _absence(path)])
    stored = places(wanted.kinds)
    with as_storage_error(str(folder)):
        targets = {path: private_parents(folder, place) for path, place in stored.items()}
    entries = [
        *_databases(wanted, targets, stored),
        *_files(wanted, targets, stored),  # last: what they are is then true for all of them
    ]
    return Gathered(tuple(sorted(entries, key=lambda entry: entry.path)), targets)


def _refuse(found: list[Finding]) -> None:
    if found:
        raise SnapshotError("backup.not_taken", found)


def _absence(path: str) -> Iterator[Finding]:
    """Whether `path` cannot be read."""
    try:
        mode = Path(path).stat().st_mode
        if not stat.S_ISREG(mode):
            yield Finding("backup.no_file", Severity.CRITICAL, path)
        else:
            Path(path).open("rb").close()
    except FileNotFoundError:
        yield Finding("backup.missing", Severity.CRITICAL, path)
    except OSError as error:
        detail = error.strerror
        yield Finding("backup.unreadable", Severity.CRITICAL, path, {"detail": detail})


def _files(wanted: Wanted, targets: dict[str, Path], stored: dict[str, str]) -> list[Entry]:
    files = [path for path, kind in wanted.kinds.items() if kind == "file"]
    copied = copy_settled({Path(path): targets[path] for path in files})
    return [
        _entry(path, stored[path], "file", (found.sha256, found.bytes), found.stat)
        for path, found in zip(files, copied.values(), strict=True)
    ]


def _databases(wanted: Wanted, targets: dict[str, Path], stored: dict[str, str]) -> list[Entry]:
    entries, wrong = [], []
    for path in wanted.databases:
        try:
            entries.append(_database(path, targets[path], stored[path], wanted.busy_seconds))
        except InputError as error:
            facts = {"detail": error.facts.get("detail", "")}
            wrong.append(Finding(error.code, Severity.CRITICAL, path, facts))
    _refuse(wrong)
    return entries


def _database(path: str, target: Path, stored: str, busy_seconds: float) -> Entry:
    with as_storage_error(str(target)):
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        found = Path(path).stat()
        seconds = sqlite.copy(Path(path), target, busy_seconds)
        with target.open("rb+") as copied:
            os.fsync(copied.fileno())
        for detail in sqlite.problems(target):
            raise InputError("backup.database_corrupt", subject=path, detail=detail)
        entry = _entry(path, stored, "sqlite", hash_file(target), found)
    return replace(
        entry,
        rows_sha256=sqlite.rows_digest(target),
        writer_blocked_seconds=round(seconds, 3),
    )


def _entry(
    path: str, stored: str, kind: Kind, content: tuple[str, int], found: os.stat_result
) -> Entry:
    return Entry(
        path,
        stored,
        kind,
        *content,
        mode=f"{stat.S_IMODE(found.st_mode):o}",
        uid=found.st_uid,
        gid=found.st_gid,
        modified=datetime.fromtimestamp(found.st_mtime, UTC).isoformat(timespec="seconds"),
    )
