"""The stored health report of each day: made from samples, kept as a document."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ops_pipelines.errors import StorageError
from ops_pipelines.health import guide, memory, paid
from ops_pipelines.health.incidents import Memory
from ops_pipelines.health.past import Past, evidence_window, look_back
from ops_pipelines.health.plot import MONTH_DAYS
from ops_pipelines.health.summary import summarize
from ops_pipelines.report import Finding
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import documents, samples, versions
from ops_pipelines.storage.folder import Folder
from ops_pipelines.storage.places import open_folder
from ops_pipelines.storage.versions import Output
from ops_pipelines.window import day_window, local_day

ASSET = "health_report"
GUIDE_FOLDER = "health_reports"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DayReport:
    """A day's stored report, and the past behind it."""

    document: dict[str, Any]
    past: Past
    where: str

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Its findings."""
        return findings_of(self.document)


def make(service: Service, day: date, now: datetime) -> DayReport:
    """Make and store the report of `day`; where samples are gone, the report that it has stays.

    Raises:
        StorageError: the report could not be written.
    """
    folder = open_folder(service.data_dir)
    window = day_window(day, service.zone)
    earlier = _before(month_of(service, day), day)
    remembered = _remembered(earlier)
    found = samples.read(service.samples_folder, evidence_window(window, service, remembered))
    past = look_back(found, service, window, now, remembered)
    output = Output(ASSET, day.isoformat())
    document = _stored(folder, day)
    if document is None or not _stays(document, past):
        report = summarize(past, now, earlier, paid.calls_on(service, day.isoformat()))
        documents.write(folder, report, output.partition, keep=service.keep.versions)
        document = _stored(folder, day) or report.document()
    with folder.lock(GUIDE_FOLDER):
        guide_name = f"{GUIDE_FOLDER}/health_{day:%Y%m%d}.json"
        folder.write(guide_name, documents.encode(guide.of_document(document)))
    return DayReport(document, past, folder.where(output.current))


def _before(found: Mapping[date, Any], day: date) -> dict[date, Any]:
    return {earlier: document for earlier, document in found.items() if earlier < day}


def _stays(document: Mapping[str, Any], past: Past) -> bool:
    """Whether a stored report stays as it is: samples that it was made from are gone."""
    left = samples.days(past.service.samples_folder)
    is_pruned = not left or left[0] > past.window.start.date()
    return not past.components or (document["complete"] and is_pruned)


def _remembered(earlier: Mapping[date, Mapping[str, Any]]) -> Memory | None:
    """What the newest of the `earlier` reports remembers: as a rule that of the day before."""
    kept = earlier[max(earlier)]["facts"].get("memory") if earlier else None
    return memory.restored(kept) if kept else None


def _stored(folder: Folder, day: date) -> dict[str, Any] | None:
    """The report of `day`; none where somebody damaged it: then it is made again."""
    try:
        return documents.current(folder, ASSET, day.isoformat())
    except StorageError as error:
        if error.code != "storage.damaged":
            raise
        _log.warning("%s", error)
        return None


def month_of(service: Service, last: date) -> Mapping[date, Mapping[str, Any]]:
    """The stored reports of the thirty days that end with `last`."""
    folder = open_folder(service.data_dir)
    days = (last - timedelta(days=back) for back in range(MONTH_DAYS))
    found = {day: _stored(folder, day) for day in days}
    return {day: document for day, document in found.items() if document}


def findings_of(document: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings of a stored report."""
    return tuple(map(Finding.restored, document["findings"]))


def missing_days(service: Service) -> list[date]:
    """The days (of UTC) that have samples and no report."""
    stored = set(versions.partitions(open_folder(service.data_dir), ASSET))
    return [day for day in samples.days(service.samples_folder) if day.isoformat() not in stored]


def first_day(service: Service, now: datetime) -> date:
    """The first day that has samples or a report, and at the latest thirty days ago."""
    folder = open_folder(service.data_dir)
    stored = map(date.fromisoformat, versions.partitions(folder, ASSET))
    month_ago = local_day(now, service.zone) - timedelta(days=MONTH_DAYS)
    return min([month_ago, *stored, *samples.days(service.samples_folder)])
