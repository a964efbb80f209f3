"""`ops-pipelines show` of an output that is a table."""

import argparse
from datetime import datetime
from typing import Any

import pyarrow as pa

from ops_pipelines.cli import output
from ops_pipelines.cli.history import list_versions
from ops_pipelines.language import _
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import tables
from ops_pipelines.storage.folder import Folder

MOST_ROWS = 50


def find(
    folder: Folder, asset: str, partition: str | None, version_id: str | None
) -> pa.Table | None:
    """The table of a partition (without one the newest), as it is or in a version."""
    if version_id is None:
        return tables.read(folder, tables.of(asset, partition))
    for version in list_versions(folder, asset, partition):
        if version.id == version_id:
            return tables.version(folder, version)
    return None


def show(table: pa.Table, service: Service, options: argparse.Namespace) -> None:
    """Print it: all of it as JSON; for people the first rows, and columns that say something.

    Times are in the service's timezone.
    """
    if options.json:
        rows = [_spoken(row, service) for row in table.to_pylist()]
        output.emit({"service": service.name, "asset": options.asset, "rows": rows})
        return
    rows = [_spoken(row, service) for row in table.slice(0, MOST_ROWS).to_pylist()]
    told = [name for name in table.column_names if any(row[name] for row in rows)]
    output.table(told, ([output.cell(row[name]) for name in told] for row in rows))
    if table.num_rows > MOST_ROWS:
        more = _("… and {count} more").format(count=table.num_rows - MOST_ROWS)
        output.say(more)


def _spoken(row: dict[str, Any], service: Service) -> dict[str, Any]:
    return {
        name: value.astimezone(service.zone).isoformat() if isinstance(value, datetime) else value
        for name, value in row.items()
    }
