"""`ops-pipelines logs detect`: how a file may be read, with what speaks for it."""

import argparse
from typing import Any

import yaml

from ops_pipelines.cli import log_reading, output
from ops_pipelines.cli.log_reading import zone_of
from ops_pipelines.cli.session import Session
from ops_pipelines.errors import InputError
from ops_pipelines.language import _
from ops_pipelines.logs import detect
from ops_pipelines.logs.proposal import Proposal
from ops_pipelines.logs.sources import find


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, and the zone of times that name none."""
    parser.add_argument("file", metavar="FILE")
    log_reading.add_zone(parser)


def run(session: Session, options: argparse.Namespace) -> int:
    """1 when no line could be read."""
    found = find([options.file])
    if not found.sources:
        reasons = [f"{name}: {reason}" for name, reason in found.failed.items()]
        raise InputError("logs.no_input", files=reasons)
    zone = zone_of(options, session.named_service())
    proposal = detect.propose(detect.first_lines(found.sources[0]), zone)
    if options.json:
        output.emit(_document(proposal))
    else:
        _show(proposal)
    return int(not proposal.read)


def _document(proposal: Proposal) -> dict[str, Any]:
    return {
        "format": proposal.format,
        "preset": proposal.preset,
        "fields": proposal.fields,
        "settings": proposal.settings,
        "evidence": [
            {
                "field": found.field, "path": found.path, "unit": found.unit,
                "seen": found.seen, "of": found.of, "example": found.example,
            }
            for found in proposal.evidence
        ],
        "lines": {
            "read": proposal.of, "accepted": proposal.read, "requests": proposal.requests,
        },
    }  # fmt: skip


def _show(proposal: Proposal) -> None:
    text = _(
        "Format: {format}; {read} of the first {of} lines can be read so, {requests} are requests."
    )
    output.say(
        text.format(
            format=proposal.format, read=proposal.read, of=proposal.of, requests=proposal.requests
        )
    )
    if not proposal.settings and not proposal.read:
        output.say(
            _("No preset reads it. Write a pattern: into the service file, with (?P<name>…).")
        )
        return
    output.table(
        [_("field"), _("path"), _("unit"), _("in lines"), _("example")],
        (
            [
                output.cell(found.field),
                output.cell(found.path),
                output.cell(found.unit),
                output.cell(f"{found.seen}/{found.of}"),
                output.cell(str(found.example)[:60]),
            ]
            for found in proposal.evidence
        ),
    )
    if not proposal.settings:
        output.say("\n" + _("Nothing has to be set: the defaults read it."))
        return
    output.say("\n" + _("In the service file:"))
    settings = {"logs": proposal.settings}
    output.say(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False))
