"""Brings the files of a snapshot back: into another folder, or to where the service has them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ops_pipelines.config import swap
from ops_pipelines.config.archive import Archive, Snapshot
from ops_pipelines.config.copies import places, private_parents
from ops_pipelines.config.gather import Wanted
from ops_pipelines.config.manifest import Entry, Manifest
from ops_pipelines.config.open_files import holders
from ops_pipelines.config.snapshot import take_locked
from ops_pipelines.config.sqlite import SIDECARS
from ops_pipelines.config.verify import Judge, restore_to, verify_locked
from ops_pipelines.errors import InputError, SnapshotError
from ops_pipelines.report import Finding, Severity
from ops_pipelines.storage.durable import copy_through
from ops_pipelines.storage.folder import as_storage_error

_BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back.

    Attributes:
        paths: the files that were written.
        unchanged: files that were already what the snapshot holds, and were left alone.
        saved: the snapshot, or else the folder, that holds what was there before.
        findings: what an operator has to do now.
    """

    paths: tuple[str, ...]
    unchanged: tuple[str, ...] = ()
    saved: str | None = None
    findings: tuple[Finding, ...] = ()


def to_folder(
    archive: Archive, snapshot: Snapshot, folder: Path, now: datetime, judge: Judge
) -> Restored:
    """Restore `snapshot` below `folder`, readable to its owner alone.

    Raises:
        SnapshotError: the snapshot does not restore; nothing was written.
        InputError: a file of it is in `folder` already.
        StorageError: it could not be written.
    """
    with archive.lock("restore"):
        manifest = _tested(archive, snapshot, now, judge)
        for entry in manifest.files:
            if (folder / entry.stored).exists():
                raise InputError("restore.exists", file=str(folder / entry.stored))
        with as_storage_error(str(folder)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        restored = restore_to(manifest, snapshot.folder / "files", folder)
    return Restored(tuple(map(str, restored.values())))


def in_place(archive: Archive, snapshot: Snapshot, now: datetime, judge: Judge) -> Restored:
    """Put the files of `snapshot` where the service has them, after saving what is there.

    A file that is already what the snapshot holds is left alone. The others keep the mode and
    the owner that they have now.

    Raises:
        SnapshotError: the snapshot does not restore; nothing was replaced.
        StorageError: what is there could not be saved, or a file not be written.
    """
    with archive.lock("restore"):
        manifest = _tested(archive, snapshot, now, judge)
        saved = _save(archive, manifest, now, judge)
        changed = swap.differing(archive, manifest)
        staged = swap.stage(changed, snapshot.folder / "files")
        findings = tuple(finding for entry in changed for finding in _still_open(entry))
        swap.swap(staged)
    unchanged = tuple(entry.path for entry in manifest.files if entry not in changed)
    return Restored(tuple(entry.path for entry in changed), unchanged, saved, findings)


def planned(archive: Archive, snapshot: Snapshot, folder: Path | None) -> Restored:
    """What restoring to `folder`, or in place without one, would write; nothing is written.

    Raises:
        StorageError: there is no room to look into a database, or somebody holds the lock.
    """
    entries = snapshot.manifest.files if snapshot.manifest else ()
    if folder is not None:
        return Restored(tuple(str(folder / entry.stored) for entry in entries))
    if snapshot.manifest is None:
        return Restored(())
    with archive.lock("compare"):
        changed = swap.differing(archive, snapshot.manifest)
    unchanged = tuple(entry.path for entry in entries if entry not in changed)
    return Restored(tuple(entry.path for entry in changed), unchanged)


def _tested(archive: Archive, snapshot: Snapshot, now: datetime, judge: Judge) -> Manifest:
    """The manifest of `snapshot`, which restores: that was just tried."""
    verification = verify_locked(archive, snapshot, now, judge)
    if snapshot.manifest is None or not verification.verified:
        raise SnapshotError(
            "restore.not_restored", verification.problems, where=str(snapshot.folder / "files")
        )
    return snapshot.manifest


def _save(archive: Archive, manifest: Manifest, now: datetime, judge: Judge) -> str:
    """Keep what the service has now; the name of the snapshot that holds it.

    Where something is missing or broken, which may be why a snapshot is restored, no snapshot can
    be taken: then the bare files are kept in a folder, of which the path is returned.
    """
    paths = {entry.path: entry.kind for entry in manifest.files}
    files = tuple(path for path, kind in paths.items() if kind == "file")
    databases = tuple(path for path, kind in paths.items() if kind == "sqlite")
    try:
        wanted = Wanted(manifest.service, files, databases, _BUSY_SECONDS)
        return take_locked(archive, wanted, now, judge).snapshot.id
    except SnapshotError:
        return _save_bare(archive, paths, now)


def _save_bare(archive: Archive, paths: Iterable[str], now: datetime) -> str:
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    folder = archive.root / "before_restore" / stamp
    present = [
        p + suffix for p in paths for suffix in ("", *SIDECARS) if Path(p + suffix).is_file()
    ]
    with as_storage_error(str(folder)):
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        for path, place in places(present).items():
            copy_through(Path(path), private_parents(folder, place))
    return str(folder)


def _still_open(entry: Entry) -> Iterable[Finding]:
    for holder in holders(Path(entry.path)) if entry.kind == "sqlite" else ():
        facts = {"pid": holder.pid, "process": holder.name}
        yield Finding("restore.still_open", Severity.WARNING, entry.path, facts)
