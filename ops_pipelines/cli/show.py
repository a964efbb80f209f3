"""`ops-pipelines show`: a stored output, rendered in the reader's language."""

import argparse
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from ops_pipelines.cli import health, output
from ops_pipelines.cli.history import list_versions
from ops_pipelines.cli.session import Session
from ops_pipelines.errors import InputError
from ops_pipelines.health import guide, reports
from ops_pipelines.language import _
from ops_pipelines.report import Finding
from ops_pipelines.storage import documents
from ops_pipelines.storage.folder import Folder, open_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("asset", metavar="ASSET", help=_("an output, such as health_report"))
    parser.add_argument("--partition", metavar="P", help=_("its partition; the newest without"))
    parser.add_argument("--version", metavar="V", help=_("a version; the current one without"))
    output.add_json(parser)


def run(session: Session, options: argparse.Namespace) -> int:
    """0; 2 when there is no such output."""
    service = session.service()
    document = _find(open_folder(service.data_dir), options)
    if document is None:
        raise InputError("storage.nothing", asset=options.asset, where=service.data_dir)
    found = tuple(map(Finding.restored, document["findings"]))
    if options.json:
        output.emit({**document, "findings": [finding.rendered() for finding in found]})
    else:
        _print(document, found, service.zone)
    return 0


def _find(folder: Folder, options: argparse.Namespace) -> dict[str, Any] | None:
    if options.version is None:
        return documents.current(folder, options.asset, options.partition)
    for version in list_versions(folder, options.asset, options.partition):
        if version.id == options.version:
            return documents.version(folder, version.output, version.id)
    raise InputError("storage.no_version", asset=options.asset, version=options.version)


def _print(document: dict[str, Any], found: tuple[Finding, ...], zone: ZoneInfo) -> None:
    start, end = (_local(document["window"][edge], zone) for edge in ("start", "end"))
    whole = _("complete") if document["complete"] else _("not complete yet")
    output.say(f"{document['service']}  {document['asset']}  {start} – {end}")
    made_at = _local(document["made_at"], zone)
    output.say(_("made at {time}, {whole}").format(time=made_at, whole=whole) + "\n")
    if document["asset"] == reports.ASSET:
        health.print_form(guide.of_document(document), found, zone)
    else:
        output.say(yaml.safe_dump(document["facts"], allow_unicode=True, sort_keys=False))
        output.findings(found)


def _local(time: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(time).astimezone(zone).isoformat(timespec="seconds")
