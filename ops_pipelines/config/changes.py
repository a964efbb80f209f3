"""What differs between two snapshots, or between a snapshot and what the service has now."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ops_pipelines.config import sqlite
from ops_pipelines.config.archive import Archive, Snapshot, remove
from ops_pipelines.config.difference import Change, differences
from ops_pipelines.config.manifest import Kind
from ops_pipelines.errors import InputError
from ops_pipelines.storage.folder import as_storage_error
from ops_pipelines.yaml_loaders import Dialect

State = Mapping[str, bytes | str]
"""What each path holds: the content of a file, or for a database the digest of its rows."""

_BUSY_SECONDS = 5.0


def kept(snapshot: Snapshot) -> State:
    """What `snapshot` holds.

    Raises:
        StorageError: a file of it cannot be read.
    """
    found: dict[str, bytes | str] = {}
    for entry in snapshot.manifest.files if snapshot.manifest else ():
        path = snapshot.folder / "files" / entry.stored
        with as_storage_error(str(path)):
            found[entry.path] = entry.rows_sha256 or path.read_bytes()
    return found


def present(archive: Archive, snapshot: Snapshot) -> State:
    """What the service has now of all that `snapshot` holds; what cannot be read is not there.

    Raises:
        StorageError: there is no room to look into a database, or somebody holds the lock.
    """
    kinds = (
        {entry.path: entry.kind for entry in snapshot.manifest.files} if snapshot.manifest else {}
    )
    with archive.lock("compare"):
        scratch = archive.beside(snapshot.id, "test")
        try:
            found = {path: _present(Path(path), kind, scratch) for path, kind in kinds.items()}
        finally:
            with as_storage_error(str(scratch)):
                remove(scratch)
    return {path: content for path, content in found.items() if content is not None}


def compare(before: State, after: State, dialect: Dialect = "1.1") -> list[Change]:
    """What changed from one state to another, by file and path, with secrets masked."""
    found: list[Change] = []
    for path in dict.fromkeys([*before, *after]):
        old, new = before.get(path), after.get(path)
        if isinstance(old, str) or isinstance(new, str):
            if old != new:
                found.append(Change(path, "", _rows(old), _rows(new)))
        else:
            found += differences(path, old, new, dialect)
    return found


def _rows(state: bytes | str | None) -> str | None:
    return f"rows:{state[:12]}" if isinstance(state, str) else None


def _present(path: Path, kind: Kind, scratch: Path) -> bytes | str | None:
    with suppress(OSError, InputError):
        if kind == "file":
            return path.read_bytes()
        copied = scratch / "copy"
        sqlite.copy(path, copied, _BUSY_SECONDS)
        digest = sqlite.rows_digest(copied)
        copied.unlink()
        return digest
    return None
