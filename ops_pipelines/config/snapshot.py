"""Takes a snapshot: copies aside, tests that the copies restore, and only then publishes them."""

import platform
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from ops_pipelines.config.archive import Archive, Snapshot, Verification, remove
from ops_pipelines.config.gather import Wanted, gather
from ops_pipelines.config.manifest import Manifest
from ops_pipelines.config.verify import Judge, is_well, problems, verify_locked
from ops_pipelines.errors import SnapshotError
from ops_pipelines.storage.documents import encode
from ops_pipelines.storage.durable import flush_folder, write_through
from ops_pipelines.storage.folder import as_storage_error


@dataclass(frozen=True, slots=True)
class Taken:
    """The snapshot that holds what the service has now; `is_new` unless nothing had changed."""

    snapshot: Snapshot
    is_new: bool


def take(archive: Archive, wanted: Wanted, now: datetime, judge: Judge) -> Taken:
    """Take a snapshot; where nothing has changed, test the newest one again instead.

    Raises:
        SnapshotError: something that is wanted is missing, unreadable, locked or not whole, or
            the copies do not restore; nothing is published.
        StorageError: there is no room, no permission to write, or somebody else holds the lock.
    """
    with archive.lock("backup"):
        return take_locked(archive, wanted, now, judge)


def take_locked(archive: Archive, wanted: Wanted, now: datetime, judge: Judge) -> Taken:
    """The same under a lock that is held."""
    newest = next(reversed(archive.snapshots()), None)
    made = archive.beside("taking", "new")
    try:
        manifest = _describe(wanted, made / "files", _after(newest, now), judge)
        if newest and _still_holds(archive, newest, manifest, now, judge):
            return Taken(archive.find(newest.id), is_new=False)
        _complete(archive, made, manifest, judge)
        archive.publish(made, manifest.id)
        return Taken(archive.find(manifest.id), is_new=True)
    finally:
        with as_storage_error(str(made)):
            remove(made)


def _after(newest: Snapshot | None, now: datetime) -> datetime:
    """`now`, to the millisecond; later than `newest` where a clock stood still or went back."""
    moment = now.astimezone(UTC)
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return max(moment, newest.created + timedelta(milliseconds=1)) if newest else moment


def _describe(wanted: Wanted, folder: Path, created: datetime, judge: Judge) -> Manifest:
    """Copy everything into `folder`, and say what came in."""
    gathered = gather(wanted, folder)
    tools = {
        "ops_pipelines": version("ops-pipelines"),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    return Manifest(
        wanted.service,
        created,
        tuple(wanted.kinds),
        gathered.entries,
        judge(gathered.places),
        tools,
    )


def _still_holds(
    archive: Archive, newest: Snapshot, manifest: Manifest, now: datetime, judge: Judge
) -> bool:
    """Whether the newest snapshot holds the same, and still restores."""
    if newest.manifest is None or newest.manifest.content != manifest.content:
        return False
    return verify_locked(archive, newest, now, judge, is_current=True).verified


def _complete(archive: Archive, made: Path, manifest: Manifest, judge: Judge) -> None:
    """Bring the set in `made` to the disk, whole and tested."""
    with as_storage_error(str(made)):
        write_through(made / "manifest.json", encode(manifest.document()))
    found = problems(archive, made, manifest, judge)
    if not is_well(found):
        raise SnapshotError("backup.does_not_restore", found)
    at = manifest.created.isoformat(timespec="seconds")
    verification = Verification(True, at, at, found)
    with as_storage_error(str(made)):
        write_through(made / "verification.json", encode(verification.document()))
        for folder in (made, *(path for path in made.rglob("*") if path.is_dir())):
            flush_folder(folder)
