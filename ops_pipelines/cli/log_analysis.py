"""`ops-pipelines logs analyze`: sum up files, or the service's log."""

import argparse

from ops_pipelines.cli import log_following, log_question, log_reading, log_summary, output
from ops_pipelines.cli.session import Session
from ops_pipelines.errors import InputError
from ops_pipelines.language import _
from ops_pipelines.logs.analysis import analyze
from ops_pipelines.logs.follow import Follow
from ops_pipelines.logs.sources import find
from ops_pipelines.report import Severity


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The files, the window, and how lines are read."""
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help=_("files, folders, globs, - for standard input")
    )
    parser.add_argument("--follow", action="store_true", help=_("go on with what is written"))
    log_reading.add_arguments(parser)


def run(session: Session, options: argparse.Namespace) -> int:
    """1 when no line, or too few, or not every file could be read."""
    question = log_question.asked(session, options)
    found = find(question.names)
    if not found.sources:
        reasons = [f"{name}: {reason}" for name, reason in found.failed.items()]
        raise InputError("logs.no_input", files=reasons)
    size, how = sum(source.size or 0 for source in found.sources), question.reading
    if options.follow:
        with output.progress(size, _("reading the log")) as progress:
            follow = Follow(question.names, found, how, progress)
        findings = log_following.show(follow, question, session, as_json=options.json)
    else:
        with output.progress(size, _("reading the log")) as progress:
            analysis = analyze(found, how, progress=progress)
        document, findings = question.answered(analysis)
        if options.json:
            log_summary.emit(document, findings, stream=False)
        else:
            log_summary.show(document, findings, question.slow_seconds)
    return int(any(finding.severity is not Severity.INFO for finding in findings))
