"""Where the snapshots of a service lie, in a local folder that only its owner can enter.

    snapshots/<id>/manifest.json       what it holds; never changed
    snapshots/<id>/verification.json   how the last test of restoring it went
    snapshots/<id>/files/…             the files, with their places below their common folder
    snapshots/.<id>.<word>             being made, tested or removed; cleared by who locks next
    removed.jsonl                      one line for each snapshot that was removed

A snapshot appears, and goes, by one rename of its folder.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ops_pipelines.config import manifest
from ops_pipelines.config.lock import WAIT_SECONDS, held
from ops_pipelines.config.manifest import Manifest
from ops_pipelines.errors import InputError
from ops_pipelines.report import Finding
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.documents import encode
from ops_pipelines.storage.durable import flush_folder
from ops_pipelines.storage.folder import LocalFolder, as_storage_error

ASSET = "config_backup"
NEWEST = "latest"
_WORDS = (".new", ".test", ".gone", ".aside")


@dataclass(frozen=True, slots=True)
class Verification:
    """How the last test of restoring a snapshot went.

    Attributes:
        verified: whether it restored, whole.
        at: when that was tested (ISO time).
        current_at: when a backup last found the service's files to be what it holds (ISO time).
        problems: what was wrong.
    """

    verified: bool
    at: str
    current_at: str
    problems: tuple[Finding, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """As it is kept."""
        problems = [problem.stored() for problem in self.problems]
        return {**asdict(self), "problems": problems}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published snapshot; without a manifest where somebody damaged that."""

    id: str
    folder: Path
    created: datetime
    manifest: Manifest | None
    verification: Verification | None

    @property
    def verified(self) -> bool:
        """Whether the last test of restoring it went well."""
        return bool(self.manifest and self.verification and self.verification.verified)

    @property
    def valid(self) -> bool | None:
        """What validation said of its configuration; None where nobody asked it."""
        validity = self.manifest and self.manifest.validity
        return validity.valid if validity else None


@dataclass(frozen=True, slots=True)
class Archive:
    """The snapshots of one service. `root` is the folder of the output `config_backup`."""

    root: Path

    @property
    def folder(self) -> Path:
        """The folder of the snapshots."""
        return self.root / "snapshots"

    def snapshots(self) -> list[Snapshot]:
        """Every snapshot, the oldest first.

        Raises:
            StorageError: the folder cannot be read.
        """
        with as_storage_error(str(self.folder)):
            found = [_read(self.folder / name) for name in self._names()]
        return sorted(filter(None, found), key=lambda snapshot: snapshot.id)

    def foreign(self) -> list[str]:
        """What lies among the snapshots and is none; it is never touched."""
        with as_storage_error(str(self.folder)):
            names = [name for name in self._names() if _read(self.folder / name) is None]
        return sorted(names)

    def find(self, name: str) -> Snapshot:
        """The snapshot called `name`; `latest` is the newest one.

        Raises:
            InputError: there is none of that name.
        """
        found = self.snapshots()
        for snapshot in reversed(found):
            if name in (snapshot.id, NEWEST):
                return snapshot
        raise InputError("backup.no_snapshot", name=name, where=str(self.folder))

    @contextmanager
    def lock(self, deed: str, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
        """Keep everybody else's hands off inside the block; clears what killed ones left.

        Raises:
            StorageError: somebody else holds it for too long, or the folder cannot be written.
        """
        with as_storage_error(str(self.folder)):
            self.root.mkdir(parents=True, exist_ok=True)
            self.folder.mkdir(mode=0o700, exist_ok=True)
        with held(self.folder / ".lock", deed, wait_seconds):
            self.clear()
            yield

    def clear(self) -> None:
        """Remove what was being made, tested or removed; the lock must be held."""
        with as_storage_error(str(self.folder)):
            for path in self.folder.iterdir():
                if path.name.startswith(".") and path.suffix in _WORDS:
                    remove(path)

    def beside(self, name: str, word: str) -> Path:
        """A new empty folder, which is no snapshot yet."""
        path = self.folder / f".{name}.{word}"
        with as_storage_error(str(path)):
            path.mkdir(mode=0o700)
        return path

    def publish(self, made: Path, name: str) -> Path:
        """Let the folder `made` appear as the snapshot `name`."""
        with as_storage_error(str(self.folder)):
            path = made.rename(self.folder / name)
            flush_folder(self.folder)
        return path

    def record(self, name: str, verification: Verification) -> None:
        """Keep how the test of restoring the snapshot `name` went."""
        where = f"{self.folder.name}/{name}/verification.json"
        LocalFolder(self.root).write(where, encode(verification.document()))

    def remove(self, snapshot: Snapshot, at: datetime) -> None:
        """Remove `snapshot`, and note that it was; the lock must be held."""
        gone = {"snapshot": snapshot.id, "removed_at": at.isoformat(timespec="seconds")}
        with as_storage_error(str(snapshot.folder)):
            append_line(self.root / "removed.jsonl", json.dumps(gone))
            path = snapshot.folder.rename(self.folder / f".{snapshot.id}.gone")
            flush_folder(self.folder)
            remove(path)

    def _names(self) -> list[str]:
        with suppress(FileNotFoundError):
            names = [path.name for path in self.folder.iterdir()]
            return [name for name in names if not name.startswith(".")]
        return []


def archive_of(service: Service) -> Archive:
    """The archive of `service`: below its `data_dir`.

    Renames and locks are what makes a snapshot safe, and an object store has neither: where
    `data_dir` is one, snapshots lie below the local `state_dir`.
    """
    folder = service.state_dir if is_in_store(service) else service.data_dir
    return Archive(Path(folder.removeprefix("file://")) / ASSET)


def is_in_store(service: Service) -> bool:
    """Whether the `data_dir` of `service` is an object store."""
    return "://" in service.data_dir.removeprefix("file://")


def _read(folder: Path) -> Snapshot | None:
    """The snapshot in `folder`; None for what is none."""
    created = manifest.created_at(folder.name)
    if created is None:
        return None
    try:
        content = (folder / "manifest.json").read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    with suppress(ValueError):
        found = manifest.parse(content)
        if found.id == folder.name:
            return Snapshot(folder.name, folder, created, found, _verification(folder))
    return Snapshot(folder.name, folder, created, None, None)


def _verification(folder: Path) -> Verification | None:
    """How the last test went; None where that is not known, which counts as not verified."""
    with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
        found = json.loads((folder / "verification.json").read_bytes())
        problems = tuple(map(Finding.restored, found["problems"]))
        return Verification(found["verified"] is True, found["at"], found["current_at"], problems)
    return None


def append_line(file: Path, line: str) -> None:
    """Append `line` to `file` and flush it to the disk."""
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(handle, f"{line}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> None:
    """Remove a file or a whole folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
