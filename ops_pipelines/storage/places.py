"""Where contents are kept: a location becomes a folder of this machine, or of an object store."""

from pathlib import Path

from ops_pipelines.storage.folder import Folder, LocalFolder


def open_folder(location: str) -> Folder:
    """The folder at `location`: a local path, or an address such as `s3://bucket/prefix`."""
    if "://" in location and not location.startswith("file://"):
        from ops_pipelines.storage.object_store import ObjectStore  # noqa: PLC0415 - slow, rare

        return ObjectStore(location)
    return LocalFolder(Path(location.removeprefix("file://")))
