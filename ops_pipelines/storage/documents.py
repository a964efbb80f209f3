"""Reports as versioned JSON documents."""

import json
from typing import Any

from ops_pipelines.errors import InputError, StorageError
from ops_pipelines.report import Report
from ops_pipelines.storage import versions
from ops_pipelines.storage.folder import Folder
from ops_pipelines.storage.versions import Output, Version


def encode(document: Any) -> bytes:
    """A document as it is stored: JSON that people can read."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return text.encode(errors="backslashreplace")  # a lone surrogate becomes its JSON escape


def write(folder: Folder, report: Report, partition: str | None, *, keep: int) -> Version:
    """Store `report`.

    Raises:
        StorageError: it could not be written; readers find the earlier version, or this one
            whole, and the same write again puts everything right.
    """
    document = report.document()
    return versions.write(
        folder,
        Output(report.asset, partition),
        encode(document),
        data_version=document["data_version"],
        made_at=report.made_at,
        keep=keep,
    )


def current(folder: Folder, asset: str, partition: str | None = None) -> dict[str, Any] | None:
    """The current document of a partition; without one, that of the newest partition.

    Raises:
        StorageError: it could not be read, or somebody else damaged it.
    """
    return _decode(folder, Output(asset, partition).current)


def version(folder: Folder, output: Output, version_id: str) -> dict[str, Any]:
    """One stored version, by its id.

    Raises:
        InputError: there is no such version.
    """
    for found in versions.versions(folder, output):
        if found.id == version_id and (document := _decode(folder, found.name)):
            return document
    raise InputError("storage.no_version", version=version_id, asset=output.asset)


def _decode(folder: Folder, name: str) -> dict[str, Any] | None:
    content = folder.read(name)
    if content is None:
        return None
    try:
        document: dict[str, Any] = json.loads(content)
    except ValueError as error:
        where = folder.where(name)
        raise StorageError("storage.damaged", where=where, detail=str(error)) from error
    return document
