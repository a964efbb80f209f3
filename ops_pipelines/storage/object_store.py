"""Contents as objects of a store that fsspec knows (`s3://…` with the extra `s3`)."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress

import fsspec
from typing_extensions import override

from ops_pipelines.errors import StorageError
from ops_pipelines.storage.folder import Folder, as_storage_error


class ObjectStore(Folder):
    """Contents under a prefix. A store's PUT is atomic by itself; it has no lock to offer."""

    def __init__(self, location: str) -> None:
        try:
            self.store, self.prefix = fsspec.url_to_fs(location, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise StorageError("storage.no_driver", where=location, detail=str(error)) from error

    @override
    def read(self, name: str) -> bytes | None:
        with self._speaking(name):
            try:
                content: bytes = self.store.cat_file(self._path(name))
            except FileNotFoundError:
                return None
            return content

    @override
    def write(self, name: str, content: bytes) -> None:
        with self._speaking(name):
            self.store.pipe_file(self._path(name), content)

    @override
    def names(self, parent: str) -> list[str]:
        return self._entries(parent, "file")

    @override
    def folders(self, parent: str) -> list[str]:
        return self._entries(parent, "directory")

    @override
    def remove(self, name: str) -> None:
        with self._speaking(name), suppress(FileNotFoundError):
            self.store.rm_file(self._path(name))

    @override
    @contextmanager
    def lock(self, parent: str) -> Iterator[None]:
        yield

    @override
    def where(self, name: str) -> str:
        return str(self.store.unstrip_protocol(self._path(name)))

    def _path(self, name: str) -> str:
        return f"{self.prefix}/{name}".rstrip("/")

    def _entries(self, parent: str, kind: str) -> list[str]:
        with self._speaking(parent):
            try:
                found = self.store.ls(self._path(parent), detail=True)
            except FileNotFoundError:
                return []
        paths = (item["name"].rstrip("/") for item in found if item["type"] == kind)
        names = (path.rsplit("/", 1)[-1] for path in paths if path != self._path(parent))
        return sorted(name for name in names if not name.startswith("."))

    def _speaking(self, name: str) -> AbstractContextManager[None]:
        """Each driver has errors of its own, beside OSError."""
        return as_storage_error(self.where(name), Exception, "storage.store_failed")
