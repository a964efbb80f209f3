"""A place for named contents: a local folder, or a prefix of an object store.

A content appears under its name whole or not at all, whatever happens in the middle of writing it.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from typing_extensions import override

from ops_pipelines.errors import StorageError
from ops_pipelines.storage.durable import flush_folder, write_through


class Folder(Protocol):
    """Named contents. Names are relative paths with `/`."""

    def read(self, name: str) -> bytes | None:
        """The content called `name`; None when there is none."""

    def write(self, name: str, content: bytes) -> None:
        """Put `content` under `name`, replacing what was there, in one step."""

    def names(self, parent: str) -> list[str]:
        """The names of the contents right under `parent`, sorted."""

    def folders(self, parent: str) -> list[str]:
        """The names of the folders right under `parent`, sorted."""

    def remove(self, name: str) -> None:
        """Forget the content called `name`, if it is there."""

    def lock(self, parent: str) -> AbstractContextManager[None]:
        """A context in which nobody else writes under `parent`."""

    def where(self, name: str) -> str:
        """The path or address of `name`, for people."""


@contextmanager
def as_storage_error(
    where: str, kind: type[Exception] = OSError, code: str = "storage.failed"
) -> Iterator[None]:
    """Turns what the system or a driver raises into a sentence for the operator."""
    try:
        yield
    except kind as error:
        detail = getattr(error, "strerror", None) or str(error)
        raise StorageError(code, where=where, detail=detail) from error


class LocalFolder(Folder):
    """Contents as files. Each is written aside, flushed to the disk and renamed into its place.

    Aside is the topmost folder of its name, so that one look finds what killed writers left there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @override
    def read(self, name: str) -> bytes | None:
        with as_storage_error(self.where(name)):
            try:
                return (self.root / name).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None

    @override
    def write(self, name: str, content: bytes) -> None:
        path = self.root / name
        top = self.root.joinpath(*Path(name).parts[:-1][:1])
        aside = top / f".{path.name}.{uuid4().hex[:8]}.aside"
        with as_storage_error(self.where(name)):
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                write_through(aside, content)
                aside.replace(path)
            finally:
                aside.unlink(missing_ok=True)
            flush_folder(path.parent)

    @override
    def names(self, parent: str) -> list[str]:
        return self._entries(parent, os.DirEntry.is_file)

    @override
    def folders(self, parent: str) -> list[str]:
        return self._entries(parent, os.DirEntry.is_dir)

    @override
    def remove(self, name: str) -> None:
        with as_storage_error(self.where(name)):
            (self.root / name).unlink(missing_ok=True)

    @override
    @contextmanager
    def lock(self, parent: str) -> Iterator[None]:
        folder = self.root / parent
        with as_storage_error(str(folder)):
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            with as_storage_error(str(folder)):
                fcntl.flock(handle, fcntl.LOCK_EX)
                # Nobody else writes here now: what lies aside was left by a killed writer.
                for left in folder.glob(".*.aside"):
                    left.unlink(missing_ok=True)
            yield
        finally:
            os.close(handle)

    @override
    def where(self, name: str) -> str:
        return str(self.root / name)

    def _entries(self, parent: str, is_wanted: Callable[[os.DirEntry[str]], bool]) -> list[str]:
        with as_storage_error(self.where(parent)):
            try:
                with os.scandir(self.root / parent) as found:  # kinds come along, without a stat
                    return sorted(e.name for e in found if e.name[0] != "." and is_wanted(e))
            except (FileNotFoundError, NotADirectoryError):
                return []
