"""What is asked of a log: of which files and which time, and how lines are read."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ops_pipelines.cli.log_reading import plan_of, window_of, zone_of
from ops_pipelines.cli.session import Session
from ops_pipelines.errors import InputError
from ops_pipelines.logs import answer, times
from ops_pipelines.logs.analysis import Analysis
from ops_pipelines.logs.ledger import Reading
from ops_pipelines.report import Finding
from ops_pipelines.settings.logs import Logs
from ops_pipelines.window import Window


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        names: files, folders and globs.
        window: None for all of the time.
        max_rejected_ratio: the share of lines that may be unreadable.
    """

    names: Sequence[str]
    reading: Reading
    window: Window | None
    zone: ZoneInfo
    max_rejected_ratio: float

    @property
    def slow_seconds(self) -> float:
        """A request that takes longer is slow."""
        return self.reading.plan.slow_seconds

    def answered(
        self, analysis: Analysis, until: datetime | None = None
    ) -> tuple[Mapping[str, Any], Sequence[Finding]]:
        """What is said, with the window up to `until` where its end is open."""
        window = self.window
        if window and until:
            window = Window(window.start, max(until, window.end))
        findings = answer.findings(analysis, self.max_rejected_ratio, self.zone)
        return answer.document(analysis, window, self.zone), findings


def asked(session: Session, options: argparse.Namespace) -> Question:
    """What the options ask, over the settings of a service.

    Raises:
        OpsError: they ask for something that is not there.
    """
    # After --map, which takes several, argparse counts a FILE among them.
    files = [*options.files, *(text for text in options.map if "=" not in text)]
    service = session.named_service() if files else session.service()
    logs = service.logs if service else None
    if service and logs is None and not files:
        raise InputError("logs.not_configured", name=service.name)
    zone = zone_of(options, service)
    window = window_of(options, service, zone, session.now())
    reading = Reading(plan_of(options, logs, zone), zone, _wanted(window, options))
    limit = logs.max_rejected_ratio if logs else Logs.model_fields["max_rejected_ratio"].default
    return Question(files or (logs.files if logs else ()), reading, window, zone, limit)


def _wanted(window: Window | None, options: argparse.Namespace) -> tuple[int, int] | None:
    """In microseconds since 1970; who follows a log wants what is to come as well."""
    if window is None:
        return None
    is_open = options.follow and options.until is None
    end = sys.maxsize if is_open else times.microseconds(window.end)
    return times.microseconds(window.start), end
