"""`ops-pipelines logs analyze --follow`: shows a log live, until Ctrl-C."""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ops_pipelines.cli import log_summary, output
from ops_pipelines.cli.log_question import Question
from ops_pipelines.cli.session import Session
from ops_pipelines.language import _
from ops_pipelines.logs.follow import Follow
from ops_pipelines.report import Finding

PAUSE_SECONDS = 1.0
_CLEAR = "\x1b[2J\x1b[H"


def show(
    follow: Follow, question: Question, session: Session, *, as_json: bool
) -> Sequence[Finding]:
    """Show what everything came to, and again whenever there is more; what is to know at last."""
    findings: Sequence[Finding] = ()
    try:
        while True:
            document, findings = question.answered(follow.analysis(), session.now())
            if as_json:
                log_summary.emit(document, findings, stream=True)
            elif sys.stdout.isatty():
                print(_CLEAR, end="")
                log_summary.show(document, findings, question.slow_seconds)
                output.say("\n" + _("This goes on as the log does; Ctrl-C ends it."))
            else:
                output.say(_line(document))
            if not _has_more(follow):
                return findings
    except KeyboardInterrupt:
        return findings
    finally:
        follow.close()


def _has_more(follow: Follow) -> bool:
    """Wait for more; whether there is any."""
    while not follow.is_over:
        time.sleep(PAUSE_SECONDS)
        if follow.poll():
            return True
    return False


def _line(document: Mapping[str, Any]) -> str:
    """All of it in a line, for a pipe."""
    figures = ", ".join(log_summary.figures(document))
    return f"{document['window']['end'] or '-'}  {figures}"
