"""Tests that a snapshot restores: restores it into a scratch place and looks at what came out."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from ops_pipelines.config import sqlite
from ops_pipelines.config.archive import Archive, Snapshot, Verification, remove
from ops_pipelines.config.copies import private_parents
from ops_pipelines.config.manifest import Entry, Manifest, Validity
from ops_pipelines.errors import InputError
from ops_pipelines.report import Finding, Severity
from ops_pipelines.storage.durable import copy_through, hash_file
from ops_pipelines.storage.folder import as_storage_error

Judge = Callable[[Mapping[str, Path]], Validity | None]
"""Validates the configuration of a set of files: the paths that the service has for them, each
with the place where it lies now. None where nothing of the set is validated."""


def verify(archive: Archive, snapshot: Snapshot, now: datetime, judge: Judge) -> Verification:
    """Test `snapshot`, and keep how that went.

    Raises:
        StorageError: it could not be tested, for want of room, permission, or the lock.
    """
    with archive.lock("verify"):
        return verify_locked(archive, snapshot, now, judge)


def verify_locked(
    archive: Archive,
    snapshot: Snapshot,
    now: datetime,
    judge: Judge,
    *,
    is_current: bool = False,
) -> Verification:
    """The same under a lock that is held; `is_current`: the service's files are what it holds."""
    at = now.isoformat(timespec="seconds")
    if snapshot.manifest is None:
        damaged = Finding("backup.manifest_damaged", Severity.CRITICAL, snapshot.id)
        return Verification(False, at, at, (damaged,))
    found = problems(archive, snapshot.folder, snapshot.manifest, judge)
    earlier = snapshot.verification
    current_at = at if is_current or earlier is None else earlier.current_at
    verification = Verification(is_well(found), at, current_at, found)
    archive.record(snapshot.id, verification)
    return verification


def is_well(found: tuple[Finding, ...]) -> bool:
    """Whether none of `found` keeps a snapshot from being restored."""
    return all(finding.severity is not Severity.CRITICAL for finding in found)


def problems(
    archive: Archive, folder: Path, manifest: Manifest, judge: Judge
) -> tuple[Finding, ...]:
    """What is wrong with the set of files in `folder`, published or not; the lock must be held.

    Raises:
        StorageError: it could not be tested.
    """
    stored = folder / "files"
    damaged = [found for entry in manifest.files for found in _damage(entry, stored)]
    if damaged:
        return tuple(damaged)
    scratch = archive.beside(manifest.id, "test")
    try:
        restored = restore_to(manifest, stored, scratch)
        found = [wrong for entry in manifest.files for wrong in _wrong(entry, restored[entry.path])]
        return (*found, *_judged_otherwise(manifest, judge(restored)))
    finally:
        with as_storage_error(str(scratch)):
            remove(scratch)


def restore_to(manifest: Manifest, stored: Path, folder: Path) -> dict[str, Path]:
    """Copy the set from `stored` into `folder`; where each of the service's paths lies now.

    Raises:
        StorageError: a file could not be written, or is there already.
    """
    restored = {}
    for entry in manifest.files:
        with as_storage_error(str(folder / entry.stored)):
            target = private_parents(folder, entry.stored)
            copy_through(stored / entry.stored, target)
        restored[entry.path] = target
    return restored


def _damage(entry: Entry, stored: Path) -> Iterator[Finding]:
    """Whether a stored file is what the manifest says."""
    try:
        found = hash_file(stored / entry.stored)
    except OSError as error:
        detail = error.strerror
        yield Finding("backup.file_unreadable", Severity.CRITICAL, entry.path, {"detail": detail})
        return
    if found != (entry.sha256, entry.bytes):
        yield Finding("backup.file_damaged", Severity.CRITICAL, entry.path)


def _wrong(entry: Entry, restored: Path) -> Iterator[Finding]:
    """What is wrong with one restored file."""
    with as_storage_error(str(restored)):
        if hash_file(restored) != (entry.sha256, entry.bytes):
            yield Finding("backup.file_damaged", Severity.CRITICAL, entry.path)
    if entry.kind == "sqlite":
        yield from _wrong_rows(entry, restored)


def _wrong_rows(entry: Entry, restored: Path) -> Iterator[Finding]:
    for detail in sqlite.problems(restored):
        yield Finding("backup.database_corrupt", Severity.CRITICAL, entry.path, {"detail": detail})
    try:
        if sqlite.rows_digest(restored) != entry.rows_sha256:
            yield Finding("backup.rows_differ", Severity.CRITICAL, entry.path)
    except InputError as error:
        yield Finding(error.code, Severity.CRITICAL, entry.path, {"detail": error.facts["detail"]})


def _judged_otherwise(manifest: Manifest, validity: Validity | None) -> Iterator[Finding]:
    """Rules may have changed since: that is worth knowing, and no fault of the snapshot."""
    if validity and manifest.validity and validity.valid != manifest.validity.valid:
        code = "backup.now_valid" if validity.valid else "backup.now_invalid"
        yield Finding(code, Severity.INFO, manifest.id)
