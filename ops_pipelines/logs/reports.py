"""The stored days of a log: tables and a report of each, made from its history."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ops_pipelines.errors import InputError, StorageError
from ops_pipelines.logs import day_report, day_tables, observed
from ops_pipelines.logs.comparison import LOOK_BACK_DAYS
from ops_pipelines.logs.day_report import ASSET
from ops_pipelines.logs.days import Day
from ops_pipelines.logs.history import History
from ops_pipelines.report import Finding, Reason, Severity
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import documents
from ops_pipelines.storage.folder import Folder
from ops_pipelines.storage.places import open_folder
from ops_pipelines.storage.versions import Output
from ops_pipelines.window import day_window, local_day

GUIDE_FOLDER = "log_reports"
GRACE = timedelta(minutes=30)
"""So long may the run take that closes a day."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredDay:
    """What is stored of a day.

    Attributes:
        day: what its tables hold.
        kept: why an earlier version stays, if it does.
    """

    document: dict[str, Any]
    day: Day
    kept: Reason | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those of its report."""
        return tuple(map(Finding.restored, self.document["findings"]))


def make(service: Service, day: date, history: History, now: datetime) -> StoredDay:
    """Store the tables and the report of `day`; where it has better ones already, they stay.

    Raises:
        InputError: no line of it was read, and nothing is stored.
        StorageError: something could not be written.
    """
    folder = open_folder(service.data_dir)
    found = history.day(day)
    account = _account(folder, day)
    kept = _why_kept(history, found, account) if account else None
    if account and kept:
        found = day_tables.day_of(folder, day, account)
    else:
        if not found.lines["read"]:
            _check_covered(history, day)
        day_tables.write(folder, service, day, found, now)
    document = (kept and _report(folder, day)) or _write_report(folder, service, day, found, now)
    return StoredDay(document, found, kept)


def _why_kept(history: History, found: Day, stored: day_tables.Account) -> Reason | None:
    """Why what is stored is better than what was found: that would lose lines for good."""
    told = {"read": found.lines["read"], "stored": stored.lines["read"]}
    if told["read"] < told["stored"] and history.lost(stored.ranges):
        return Reason("logs.kept_more_lines", told)
    if stored.lines["accepted"] and not found.lines["accepted"]:
        return Reason("logs.kept_readable", told)
    return None


def _check_covered(history: History, day: date) -> None:
    """A day without lines is a quiet one only where the log had begun."""
    if history.days and history.days[0] < day:
        return
    if history.days:
        raise InputError("logs.day_not_covered", first=history.days[0].isoformat())
    if rejected := history.undated:
        reason = Reason(f"logs.reason_{max(rejected, key=rejected.__getitem__)}")
        raise InputError("logs.nothing_readable", lines=rejected.total(), reason=reason.stored())
    reasons = [f"{name}: {reason}" for name, reason in history.failed.items()]
    raise InputError("logs.no_lines_at_all", files=reasons)


def _write_report(
    folder: Folder, service: Service, day: date, found: Day, now: datetime
) -> dict[str, Any]:
    report = day_report.summarize(found, service, day, now, _facts_before(folder, day))
    version = documents.write(folder, report, day.isoformat(), keep=service.keep.versions)
    guide_name = f"{GUIDE_FOLDER}/log_{day:%Y%m%d}.json"
    content = folder.read(version.name)
    if content and folder.read(guide_name) != content:
        with folder.lock(GUIDE_FOLDER):
            folder.write(guide_name, content)
    return _report(folder, day) or report.document()


def _facts_before(folder: Folder, day: date) -> Mapping[date, Mapping[str, Any]]:
    days = (day - timedelta(days=back) for back in range(1, LOOK_BACK_DAYS + 1))
    found = {past: _report(folder, past) for past in days}
    return {past: document["facts"] for past, document in found.items() if document}


def _report(folder: Folder, day: date) -> dict[str, Any] | None:
    """The stored report of a day; none where somebody damaged it: then it is made again."""
    try:
        return documents.current(folder, ASSET, day.isoformat())
    except StorageError as error:
        if error.code != "storage.damaged":
            raise
        _log.warning("%s", error)
        return None


def _account(folder: Folder, day: date) -> day_tables.Account | None:
    """That of a stored day; none where somebody damaged it: then it is made again."""
    try:
        return day_tables.account(folder, day)
    except StorageError as error:
        if error.code != "storage.damaged_table":
            raise
        _log.warning("%s", error)
        return None


def path(service: Service, day: date) -> str:
    """Where the report of a day lies, for people."""
    return open_folder(service.data_dir).where(Output(ASSET, day.isoformat()).current)


def late_report(service: Service, now: datetime) -> Finding | None:
    """That the last day which must be closed by now has no complete report; None if all is well."""
    folder = open_folder(service.data_dir)
    day = local_day(now - GRACE, service.zone) - timedelta(days=1)
    if not day_report.is_closed(service, day, now - GRACE):
        day -= timedelta(days=1)
    made = day_tables.days(folder)
    document = _report(folder, day) if made and made[0] <= day else None
    if not made or made[0] > day or (document and document["complete"]):
        return None
    hours = (now - day_window(day, service.zone).end) / timedelta(hours=1)
    facts = {"day": day.isoformat(), "hours": round(hours, 1)}
    return Finding("logs.late_report", Severity.WARNING, "log", facts)


def missing_days(service: Service, now: datetime) -> list[date]:
    """The days since the log began that nothing is stored of, in their order; not today."""
    logs = day_report.settings_of(service)
    first, today = observed.first_day(service, logs, now), local_day(now, service.zone)
    made = set(day_tables.days(open_folder(service.data_dir)))
    days = (today - first).days if first else 0
    wanted = (today - timedelta(days=back) for back in range(days, 0, -1))
    return [day for day in wanted if day not in made]
