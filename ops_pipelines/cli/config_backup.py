"""`ops-pipelines config backup`, `snapshots`, `verify`, `prune`: taking and keeping snapshots."""

import argparse
from typing import Any

from ops_pipelines.cli import output
from ops_pipelines.cli.session import Session
from ops_pipelines.config.archive import NEWEST, Snapshot, archive_of
from ops_pipelines.config.backup import back_up, configured, judge_of
from ops_pipelines.config.retention import prune
from ops_pipelines.config.verify import verify
from ops_pipelines.errors import SnapshotError
from ops_pipelines.language import _

OK, PROBLEM_FOUND = 0, 1


def add_arguments(parser: argparse.ArgumentParser, action: str) -> None:
    """The options of `action`."""
    if action == "verify":
        parser.add_argument(
            "snapshot", nargs="?", default=NEWEST, metavar="SNAPSHOT", help=_("default: the newest")
        )
    if action == "prune":
        parser.add_argument("--dry-run", action="store_true", help=_("only list what would go"))


def run(session: Session, options: argparse.Namespace) -> int:
    """0 when all is well, 1 when there is something to do about a snapshot."""
    return _ACTIONS[options.action](session, options)


def _backup(session: Session, options: argparse.Namespace) -> int:
    service = session.service()
    try:
        made = back_up(service, session.now(), session.environment)
    except SnapshotError as error:
        return refused(error, options, {"snapshot": None, "path": None, "files": []})
    if options.json:
        findings = [finding.rendered() for finding in made.findings]
        output.emit({**made.form(), "findings": findings})
    else:
        text = (
            _("{snapshot}: {count} file(s), tested by restoring them")
            if made.is_new
            else _("{snapshot}: nothing has changed since; tested again ({count} file(s))")
        )
        output.say(text.format(snapshot=made.snapshot.id, count=len(made.manifest.files)))
        output.findings(made.findings)
    return PROBLEM_FOUND if made.snapshot.valid is False else OK


def refused(error: SnapshotError, options: argparse.Namespace, document: dict[str, Any]) -> int:
    """Say why nothing was done: as a document, or as sentences on standard error."""
    if options.json:
        problems = [finding.rendered() for finding in error.findings]
        output.emit({**document, "verified": False, "problems": problems})
    output.tell(f"ops-pipelines: {error}")
    return PROBLEM_FOUND


def _snapshots(session: Session, options: argparse.Namespace) -> int:
    service = session.service()
    archive = archive_of(service)
    rows = [_row(snapshot) for snapshot in archive.snapshots()]
    if options.json:
        output.emit({"service": service.name, "snapshots": rows, "foreign": archive.foreign()})
        return OK
    names = {True: _("valid"), False: _("invalid"), None: _("not validated")}
    restores = {True: _("yes"), False: _("no")}
    output.table(
        [_("snapshot"), _("configuration"), _("restores"), _("bytes")],
        (
            [
                output.cell(row["snapshot"]),
                output.cell(names[row["valid"]]),
                output.cell(restores[row["verified"]]),
                output.cell(row["bytes"]),
            ]
            for row in rows
        ),
    )
    return OK


def _row(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "snapshot": snapshot.id,
        "created": snapshot.created.isoformat(timespec="milliseconds"),
        "valid": snapshot.valid,
        "verified": snapshot.verified,
        "bytes": snapshot.manifest.bytes if snapshot.manifest else None,
    }


def _verify(session: Session, options: argparse.Namespace) -> int:
    service = session.service()
    archive = archive_of(service)
    judge = judge_of(configured(service), session.environment)
    snapshot = archive.find(options.snapshot)
    verification = verify(archive, snapshot, session.now(), judge)
    if options.json:
        problems = [finding.rendered() for finding in verification.problems]
        form = {"snapshot": snapshot.id, "verified": verification.verified, "problems": problems}
        output.emit(form)
    else:
        output.findings(verification.problems)
        if verification.verified:
            output.say(_("{snapshot}: restores").format(snapshot=snapshot.id))
    return OK if verification.verified else PROBLEM_FOUND


def _prune(session: Session, options: argparse.Namespace) -> int:
    service = session.service()
    keep = configured(service).keep
    archive = archive_of(service)
    choice = prune(archive, session.now(), keep.days, keep.minimum, dry_run=options.dry_run)
    if options.json:
        lists = {"removed": list(choice.removed), "kept": list(choice.kept)}
        output.emit({"dry_run": options.dry_run, **lists, "reasons": choice.kept})
        return OK
    text = _("would be removed") if options.dry_run else _("removed")
    for name in choice.removed:
        output.say(f"{name}  {text}")
    output.say(_("{count} snapshot(s) stay").format(count=len(choice.kept)))
    return OK


_ACTIONS = {"backup": _backup, "snapshots": _snapshots, "verify": _verify, "prune": _prune}
