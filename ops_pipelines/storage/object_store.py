"""Contents as objects of a store that fsspec knows (`s3://…` with the extra `s3`)."""

from collections.abc import Iterator
from contextlib import contextmanager

import fsspec
from typing_extensions import override

from ops_pipelines.errors import StorageError
from ops_pipelines.storage.folder import Folder


class ObjectStore(Folder):
    """Contents under a prefix. A store's PUT is atomic by itself; it has no lock to offer."""

    def __init__(self, location: str) -> None:
        try:
            self.store, self.prefix = fsspec.url_to_fs(location, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise StorageError("storage.no_driver", where=location, detail=str(error)) from error

    @override
    def read(self, name: str) -> bytes | None:
        try:
            content: bytes = self.store.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(
                "storage.failed", where=self.where(name), detail=str(error)
            ) from error
        return content

    @override
    def write(self, name: str, content: bytes) -> None:
        try:
            self.store.pipe_file(self._path(name), content)
        except OSError as error:
            raise StorageError(
                "storage.failed", where=self.where(name), detail=str(error)
            ) from error

    @override
    def names(self, parent: str) -> list[str]:
        try:
            found = self.store.ls(self._path(parent), detail=True)
        except FileNotFoundError:
            return []
        return sorted(item["name"].rsplit("/", 1)[-1] for item in found if item["type"] == "file")

    @override
    def remove(self, name: str) -> None:
        if self.store.exists(self._path(name)):
            self.store.rm_file(self._path(name))

    @override
    @contextmanager
    def lock(self, parent: str) -> Iterator[None]:
        yield

    @override
    def where(self, name: str) -> str:
        return str(self.store.unstrip_protocol(self._path(name)))

    def _path(self, name: str) -> str:
        return f"{self.prefix}/{name}"
