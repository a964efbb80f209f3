"""The stored tables of a day, with the account of its lines: what is kept of a log for good."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ops_pipelines.logs import tables
from ops_pipelines.logs.days import Day, minutes_of
from ops_pipelines.report import content_hash
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import tables as stored_tables
from ops_pipelines.storage import versions
from ops_pipelines.storage.folder import Folder
from ops_pipelines.storage.places import open_folder

if TYPE_CHECKING:
    from ops_pipelines.storage.arrow import pa

CODE_VERSION = "1"
"""Goes up when the same day gives other tables."""
_ACCOUNT = b"ops_pipelines"


@dataclass(frozen=True, slots=True)
class Account:
    """What a stored table says of the day it was made from.

    Attributes:
        version: as `Day.version`.
        lines: as `Day.lines`.
        ranges: which bytes of which contents it was made from.
    """

    version: str
    lines: Mapping[str, Any]
    ranges: list[dict[str, Any]]


def version_of(found: Day) -> str:
    """The data version of the tables of a day."""
    return content_hash([CODE_VERSION, found.version])


def write(folder: Folder, service: Service, day: date, found: Day, made_at: datetime) -> None:
    """Store the tables of a day; the one that people look at comes last.

    Raises:
        StorageError: one could not be written; readers find the earlier version, or this one.
    """
    made = tables.tables(found.rollup, *minutes_of(day, service.zone))
    for asset in tables.ASSETS:
        stored_tables.write(
            folder,
            stored_tables.of(asset, day.isoformat()),
            _signed(made[asset], found) if asset == tables.HOURS else made[asset],
            data_version=version_of(found),
            made_at=made_at,
            keep=service.keep.versions,
        )


def account(folder: Folder, day: date) -> Account | None:
    """What the stored tables of a day say of it; None where there are none."""
    table = stored_tables.read(folder, stored_tables.of(tables.HOURS, day.isoformat()))
    signed = table and (table.schema.metadata or {}).get(_ACCOUNT)
    return Account(**json.loads(signed)) if signed else None


def day_of(folder: Folder, day: date, account: Account) -> Day:
    """What is stored of a day that has `account`."""
    found = {
        asset: stored_tables.read(folder, stored_tables.of(asset, day.isoformat()))
        for asset in (tables.HOURS, tables.LATENCY)
    }
    rollup = tables.restored(found)
    return Day(rollup, account.lines, (), account.ranges, account.version)


def days(folder: Folder) -> list[date]:
    """The days that have stored tables, in their order."""
    found = versions.partitions(folder, tables.HOURS, "parquet")
    return [date.fromisoformat(day) for day in found]


def path(service: Service, day: date) -> str:
    """Where the table of a day lies, for people."""
    output = stored_tables.of(tables.HOURS, day.isoformat())
    return open_folder(service.data_dir).where(output.current)


def _signed(table: "pa.Table", found: Day) -> "pa.Table":
    """The table with the account of its day: file names apart, they change when logs rotate."""
    ranges = [{k: v for k, v in span.items() if k != "name"} for span in found.ranges]
    signed = {"version": found.version, "lines": dict(found.lines), "ranges": ranges}
    return table.replace_schema_metadata({_ACCOUNT: json.dumps(signed, sort_keys=True)})
