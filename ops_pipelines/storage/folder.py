"""A place for named contents: a local folder, or a prefix of an object store.

A content appears under its name whole or not at all, whatever happens in the middle of writing it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from typing_extensions import override

from ops_pipelines.errors import StorageError


class Folder(Protocol):
    """Named contents. Names are relative paths with `/`."""

    def read(self, name: str) -> bytes | None:
        """The content called `name`; None when there is none."""

    def write(self, name: str, content: bytes) -> None:
        """Put `content` under `name`, replacing what was there, in one step."""

    def names(self, parent: str) -> list[str]:
        """The names of the contents right under `parent`, sorted."""

    def remove(self, name: str) -> None:
        """Forget the content called `name`, if it is there."""

    def lock(self, parent: str) -> AbstractContextManager[None]:
        """A context in which nobody else writes under `parent`."""

    def where(self, name: str) -> str:
        """The path or address of `name`, for people."""


def open_folder(location: str) -> Folder:
    """The folder at `location`: a local path, or an address such as `s3://bucket/prefix`."""
    if "://" in location:
        from ops_pipelines.storage.object_store import ObjectStore  # noqa: PLC0415 - slow, rare

        return ObjectStore(location)
    return LocalFolder(Path(location))


class LocalFolder(Folder):
    """Contents as files. Each is written aside, flushed to the disk and renamed into its place."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @override
    def read(self, name: str) -> bytes | None:
        try:
            return (self.root / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _failed(self.where(name), error) from error

    @override
    def write(self, name: str, content: bytes) -> None:
        path = self.root / name
        aside = path.with_name(f".{path.name}.{os.getpid()}.aside")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_through(aside, content)
            aside.replace(path)
            _flush_folder(path.parent)
        except OSError as error:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
            raise _failed(self.where(name), error) from error

    @override
    def names(self, parent: str) -> list[str]:
        folder = self.root / parent
        if not folder.is_dir():
            return []
        return sorted(p.name for p in folder.iterdir() if p.is_file() and p.name[0] != ".")

    @override
    def remove(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    @override
    @contextmanager
    def lock(self, parent: str) -> Iterator[None]:
        folder = self.root / parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise _failed(str(folder), error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            # Under the lock nobody else writes here: what lies aside was left by a killed writer.
            for left in folder.rglob(".*.aside"):
                left.unlink(missing_ok=True)
            yield
        finally:
            os.close(handle)

    @override
    def where(self, name: str) -> str:
        return str(self.root / name)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _failed(where: str, error: OSError) -> StorageError:
    return StorageError("storage.failed", where=where, detail=error.strerror or str(error))
