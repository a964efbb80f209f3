"""Tables as versioned Parquet files."""

from datetime import datetime

from ops_pipelines.errors import StorageError
from ops_pipelines.storage import versions
from ops_pipelines.storage.arrow import pa
from ops_pipelines.storage.folder import Folder
from ops_pipelines.storage.versions import Output, Version


def of(asset: str, partition: str | None) -> Output:
    """Names the table of an asset's partition; without one, that of the newest."""
    return Output(asset, partition, "parquet")


def write(
    folder: Folder,
    output: Output,
    table: "pa.Table",
    *,
    data_version: str,
    made_at: datetime,
    keep: int,
) -> Version:
    """Store `table` as `output`, which is `of` some asset; the same table gives the same bytes.

    Raises:
        StorageError: it could not be written; readers find the earlier version, or this one whole.
    """
    return versions.write(
        folder,
        output,
        encode(table),
        data_version=data_version,
        made_at=made_at,
        keep=keep,
    )


def encode(table: "pa.Table") -> bytes:
    """A table as it is stored."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - as pyarrow itself

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", write_statistics=False)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def read(folder: Folder, output: Output) -> "pa.Table | None":
    """The current table of a partition; None when there is none.

    Raises:
        StorageError: it could not be read, or somebody else damaged it.
    """
    return _decode(folder, output.current)


def version(folder: Folder, found: Version) -> "pa.Table | None":
    """One stored version; None when it has gone meanwhile.

    Raises:
        StorageError: it could not be read, or somebody else damaged it.
    """
    return _decode(folder, found.name)


def _decode(folder: Folder, name: str) -> "pa.Table | None":
    content = folder.read(name)
    if content is None:
        return None
    try:
        import pyarrow.parquet as pq  # noqa: PLC0415 - as pyarrow itself

        return pq.read_table(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as error:
        where = folder.where(name)
        raise StorageError("storage.damaged_table", where=where, detail=str(error)) from error
