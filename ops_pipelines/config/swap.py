"""Replaces files that a service has by those of a snapshot: all are staged, then all renamed."""

import os
import stat
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ops_pipelines.config import sqlite
from ops_pipelines.config.archive import Archive, remove
from ops_pipelines.config.manifest import Entry, Manifest
from ops_pipelines.errors import InputError
from ops_pipelines.storage.durable import copy_through, flush_folder, hash_file
from ops_pipelines.storage.folder import as_storage_error

_BUSY_SECONDS = 5.0
_STAGED = ".restoring"


class Staged(NamedTuple):
    """A file that is ready beside the one that it replaces."""

    entry: Entry
    aside: Path
    target: Path


def differing(archive: Archive, manifest: Manifest) -> list[Entry]:
    """The files of `manifest` that the service does not have, or has otherwise.

    The lock of `archive` must be held.

    Raises:
        StorageError: there is no room to look into a database.
    """
    scratch = archive.beside(manifest.id, "test")
    try:
        return [entry for entry in manifest.files if _differs(entry, scratch)]
    finally:
        with as_storage_error(str(scratch)):
            remove(scratch)


def _differs(entry: Entry, scratch: Path) -> bool:
    path = Path(entry.path)
    if not path.is_file():
        return True
    if entry.kind == "sqlite":
        copied = scratch / entry.sha256
        try:
            sqlite.copy(path, copied, _BUSY_SECONDS)
        except InputError:  # locked, or no database any more
            return True
        path = copied
    with as_storage_error(str(path)):
        return hash_file(path) != (entry.sha256, entry.bytes)


def stage(entries: Iterable[Entry], stored: Path) -> list[Staged]:
    """Copy `entries` from `stored` beside the files that they are to replace.

    Raises:
        StorageError: one could not be written, or not get the owner of the old one; nothing is
            left of any.
    """
    staged: list[Staged] = []
    try:
        for entry in entries:
            target = Path(entry.path).resolve()  # a link stays one
            staged.append(Staged(entry, target.with_name(f".{target.name}{_STAGED}"), target))
            with as_storage_error(str(target)):
                _stage(staged[-1], stored)
    except BaseException:  # Ctrl-C as well: none may be left beside the files
        for left in staged:
            with suppress(OSError):
                left.aside.unlink(missing_ok=True)
        raise
    return staged


def _stage(staged: Staged, stored: Path) -> None:
    entry, aside, target = staged
    target.parent.mkdir(parents=True, exist_ok=True)
    aside.unlink(missing_ok=True)
    copy_through(stored / entry.stored, aside)
    if target.exists():
        old = target.stat()
        _give(aside, old.st_uid, old.st_gid)
        aside.chmod(stat.S_IMODE(old.st_mode))
    else:
        if os.geteuid() == 0:
            _give(aside, entry.uid, entry.gid)
        aside.chmod(int(entry.mode, 8))
    with aside.open("rb") as copied:
        os.fsync(copied.fileno())


def _give(path: Path, uid: int, gid: int) -> None:
    has = path.stat()
    if (has.st_uid, has.st_gid) != (uid, gid):
        os.chown(path, uid, gid)


def swap(staged: Sequence[Staged]) -> None:
    """Rename every staged file into its place.

    Raises:
        StorageError: one could not be renamed; those before it are in their places.
    """
    for entry, aside, target in staged:
        with as_storage_error(str(target), code="restore.half_done"):
            if entry.kind == "sqlite":
                # What a log of the old database would do to the new one is to corrupt it.
                for suffix in sqlite.SIDECARS:
                    target.with_name(target.name + suffix).unlink(missing_ok=True)
            aside.rename(target)
            flush_folder(target.parent)
