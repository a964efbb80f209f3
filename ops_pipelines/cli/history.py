"""`ops-pipelines history`: the stored versions of an output."""

import argparse

from ops_pipelines.cli import output
from ops_pipelines.cli.session import Session
from ops_pipelines.errors import InputError
from ops_pipelines.language import _
from ops_pipelines.storage import versions
from ops_pipelines.storage.folder import Folder
from ops_pipelines.storage.places import open_folder
from ops_pipelines.storage.versions import Output, Version

SUFFIXES = ("json", "parquet")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("asset", metavar="ASSET", help=_("an output, such as health_report"))
    parser.add_argument("--partition", metavar="P", help=_("only of this partition (YYYY-MM-DD)"))
    output.add_json(parser)


def run(session: Session, options: argparse.Namespace) -> int:
    """0; 2 when nothing is stored."""
    service = session.service()
    folder = open_folder(service.data_dir)
    found = list_versions(folder, options.asset, options.partition)
    if not found:
        raise InputError("storage.nothing", asset=options.asset, where=service.data_dir)
    rows = [
        {
            "version": version.id,
            "partition": version.output.partition,
            "made_at": version.made_at.astimezone(service.zone).isoformat(),
            "file": folder.where(version.name),
        }
        for version in found
    ]
    if options.json:
        output.emit({"service": service.name, "asset": options.asset, "versions": rows})
    else:
        output.table(
            [_("partition"), _("made at"), _("version")],
            ([output.cell(r[k]) for k in ("partition", "made_at", "version")] for r in rows),
        )
    return 0


def list_versions(folder: Folder, asset: str, partition: str | None) -> list[Version]:
    """Every version of `asset`, a document or a table, of one partition or of all; oldest first."""
    return [
        version
        for suffix in SUFFIXES
        for name in ([partition] if partition else _partitions(folder, asset, suffix))
        for version in versions.versions(folder, Output(asset, name, suffix))
    ]


def _partitions(folder: Folder, asset: str, suffix: str) -> list[str | None]:
    return [None, *versions.partitions(folder, asset, suffix)]
