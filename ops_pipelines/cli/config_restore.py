"""`ops-pipelines config restore` and `diff`: bringing a snapshot back, and what would change."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ops_pipelines.cli import output
from ops_pipelines.cli.config_backup import refused
from ops_pipelines.cli.session import Session
from ops_pipelines.config import changes
from ops_pipelines.config.archive import Archive, Snapshot, archive_of
from ops_pipelines.config.backup import configured, judge_of
from ops_pipelines.config.difference import Change
from ops_pipelines.config.restore import Restored, in_place, planned, to_folder
from ops_pipelines.errors import InputError, SnapshotError
from ops_pipelines.language import _
from ops_pipelines.settings.service import Service

OK = 0


def add_arguments(parser: argparse.ArgumentParser, action: str) -> None:
    """The options of `action`."""
    parser.add_argument("snapshot", metavar="SNAPSHOT", help=_("its name, or latest"))
    if action == "diff":
        parser.add_argument(
            "other",
            nargs="?",
            metavar="SNAPSHOT",
            help=_("a later one; default: what the service has now"),
        )
        return
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--to", type=Path, metavar="DIR", help=_("a folder; default: ./restored-SNAPSHOT")
    )
    where.add_argument(
        "--in-place",
        action="store_true",
        help=_("where the service has its files, after taking a snapshot of what is there"),
    )
    parser.add_argument("--dry-run", action="store_true", help=_("only show what would change"))


def run(session: Session, options: argparse.Namespace) -> int:
    """0; 1 when the snapshot does not restore."""
    service = session.service()
    archive = archive_of(service)
    snapshot = archive.find(options.snapshot)
    if options.action == "diff":
        return _diff(service, archive, snapshot, options)
    folder = None if options.in_place else options.to or Path(f"restored-{snapshot.id}")
    if options.dry_run:
        return _plan(service, archive, _readable(snapshot), folder, options)
    judge = judge_of(configured(service), session.environment)
    try:
        if folder is None:
            restored = in_place(archive, snapshot, session.now(), judge)
        else:
            restored = to_folder(archive, snapshot, folder, session.now(), judge)
    except SnapshotError as error:
        return refused(error, options, {"restored": []})
    _say(restored, options)
    return OK


def _diff(
    service: Service, archive: Archive, snapshot: Snapshot, options: argparse.Namespace
) -> int:
    _readable(snapshot)
    if options.other:
        after = changes.kept(_readable(archive.find(options.other)))
    else:
        after = changes.present(archive, snapshot)
    found = changes.compare(changes.kept(snapshot), after, configured(service).yaml_version)
    if options.json:
        output.emit({"changes": [change.rendered() for change in found]})
    else:
        _print_changes(found)
    return OK


def _readable(snapshot: Snapshot) -> Snapshot:
    if snapshot.manifest is None:
        raise InputError("backup.manifest_damaged", subject=snapshot.id)
    return snapshot


def _plan(
    service: Service,
    archive: Archive,
    snapshot: Snapshot,
    folder: Path | None,
    options: argparse.Namespace,
) -> int:
    before = {} if folder else changes.present(archive, snapshot)
    dialect = configured(service).yaml_version
    found = changes.compare(before, changes.kept(snapshot), dialect)
    _say(planned(archive, snapshot, folder), options, found)
    return OK


def _say(
    restored: Restored, options: argparse.Namespace, found: Sequence[Change] | None = None
) -> None:
    if options.json:
        output.emit(_form(restored, found))
        return
    if found is not None:
        _print_changes(found)
    text = _("restored") if found is None else _("would be restored")
    for path in restored.paths:
        output.say(f"{path}  {text}")
    for path in restored.unchanged:
        output.say(f"{path}  {_('is what the snapshot holds, and was left alone')}")
    if restored.saved:
        output.say(_("what was there before: {saved}").format(saved=restored.saved))
    output.findings(restored.findings)


def _form(restored: Restored, found: Sequence[Change] | None) -> dict[str, Any]:
    form: dict[str, Any] = {
        "restored": list(restored.paths),
        "unchanged": list(restored.unchanged),
        "saved": restored.saved,
        "dry_run": found is not None,
        "findings": [finding.rendered() for finding in restored.findings],
    }
    return form | (
        {"changes": [change.rendered() for change in found]} if found is not None else {}
    )


def _print_changes(found: Sequence[Change]) -> None:
    output.table(
        [_("file"), _("path"), _("old"), _("new")],
        (
            [output.cell(c.file), output.cell(c.path), output.cell(c.before), output.cell(c.after)]
            for c in found
        ),
    )
