"""`ops-pipelines logs analyze`: sum up files, or the service's log."""

import argparse
from collections.abc import Iterable

from ops_pipelines.cli import log_reading, log_summary, output
from ops_pipelines.cli.log_reading import plan_of, window_of, zone_of
from ops_pipelines.cli.session import Session
from ops_pipelines.errors import InputError
from ops_pipelines.language import _
from ops_pipelines.logs import answer, times
from ops_pipelines.logs.analysis import analyze
from ops_pipelines.logs.ledger import Reading
from ops_pipelines.logs.sources import Found, find
from ops_pipelines.report import Severity
from ops_pipelines.settings.logs import Logs
from ops_pipelines.settings.service import Service
from ops_pipelines.window import Window


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, the window, and how lines are read."""
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help=_("files, folders, globs, - for standard input")
    )
    parser.add_argument("--follow", action="store_true", help=_("go on with what is written"))
    log_reading.add_arguments(parser)


def run(session: Session, options: argparse.Namespace) -> int:
    """1 when no line, or too few, or not every file could be read."""
    service = session.named_service() if options.files else session.service()
    logs = _logs(service, options)
    zone = zone_of(options, service)
    window = window_of(options, service, zone, session.now())
    wanted_us = _microseconds(window) if window else None
    reading = Reading(plan_of(options, logs, zone), zone, wanted_us)
    found = _found(options.files or (logs.files if logs else ()))
    size = sum(source.size or 0 for source in found.sources)
    with output.progress(size, _("reading the log")) as progress:
        analysis = analyze(found, reading, progress=progress)
    limit = logs.max_rejected_ratio if logs else Logs.model_fields["max_rejected_ratio"].default
    findings = answer.findings(analysis, limit, zone)
    document = answer.document(analysis, window, zone)
    if options.json:
        output.emit({**document, "findings": [finding.rendered() for finding in findings]})
    else:
        log_summary.show(document, findings, reading.plan.slow_seconds)
    return int(any(finding.severity is not Severity.INFO for finding in findings))


def _logs(service: Service | None, options: argparse.Namespace) -> Logs | None:
    if service and service.logs is None and not options.files:
        raise InputError("logs.not_configured", name=service.name)
    return service.logs if service else None


def _microseconds(window: Window) -> tuple[int, int]:
    return times.microseconds(window.start), times.microseconds(window.end)


def _found(names: Iterable[str]) -> Found:
    """The files; that there is none at all ends it."""
    found = find(names)
    if not found.sources:
        reasons = [f"{name}: {reason}" for name, reason in found.failed.items()]
        raise InputError("logs.no_input", files=reasons)
    return found
