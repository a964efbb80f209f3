"""`ops-pipelines show`: a stored output, rendered in the reader's language."""

import argparse
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from ops_pipelines.cli import health, log_summary, output
from ops_pipelines.cli.history import list_versions
from ops_pipelines.cli.session import Session
from ops_pipelines.errors import InputError
from ops_pipelines.health import guide, reports
from ops_pipelines.language import _
from ops_pipelines.report import Finding
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import documents
from ops_pipelines.storage.folder import Folder
from ops_pipelines.storage.places import open_folder

LOG_REPORT = "log_report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("asset", metavar="ASSET", help=_("an output, such as health_report"))
    parser.add_argument("--partition", metavar="P", help=_("its partition; the newest without"))
    parser.add_argument("--version", metavar="V", help=_("a version; the current one without"))
    output.add_json(parser)


def run(session: Session, options: argparse.Namespace) -> int:
    """0; 2 when there is no such output."""
    service = session.service()
    folder = open_folder(service.data_dir)
    document = _find(folder, options)
    if document is None:
        return _show_table(folder, service, options)
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
        if version.id == options.version and version.output.suffix == "json":
            return documents.version(folder, version.output, version.id)
    return None


def _show_table(folder: Folder, service: Service, options: argparse.Namespace) -> int:
    from ops_pipelines.cli import show_table  # noqa: PLC0415 - a document needs no pyarrow

    found = show_table.find(folder, options.asset, options.partition, options.version)
    if found is not None:
        show_table.show(found, service, options)
        return 0
    if options.version:
        raise InputError("storage.no_version", asset=options.asset, version=options.version)
    raise InputError("storage.nothing", asset=options.asset, where=service.data_dir)


def _print(document: dict[str, Any], found: tuple[Finding, ...], zone: ZoneInfo) -> None:
    start, end = (_local(document["window"][edge], zone) for edge in ("start", "end"))
    whole = _("complete") if document["complete"] else _("not complete yet")
    output.say(f"{document['service']}  {document['asset']}  {start} – {end}")
    made_at = _local(document["made_at"], zone)
    output.say(_("made at {time}, {whole}").format(time=made_at, whole=whole) + "\n")
    if document["asset"] == reports.ASSET:
        health.print_form(guide.of_document(document), found, zone)
    elif document["asset"] == LOG_REPORT:
        facts = document["facts"]
        log_summary.show({**facts, **_around(document)}, found, facts["slow_seconds"])
    else:
        output.say(yaml.safe_dump(document["facts"], allow_unicode=True, sort_keys=False))
        output.findings(found)


def _around(document: dict[str, Any]) -> dict[str, Any]:
    """What a log analysis has beside the facts of a report."""
    names = {span.get("name", span["content"]) for span in document["inputs"]["ranges"]}
    files = {"read": sorted(names), "failed": [], "skipped": []}
    samples = document["inputs"]["rejected_samples"]
    return {"window": document["window"], "files": files, "rejected_samples": samples}


def _local(time: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(time).astimezone(zone).isoformat(timespec="seconds")
