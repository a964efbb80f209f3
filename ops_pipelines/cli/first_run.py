"""The first run of each start: what is not reported yet, and today; and the report to look at."""

from datetime import date
from pathlib import Path

from ops_pipelines.cli import health, output, webserver
from ops_pipelines.cli.processes import Household
from ops_pipelines.cli.session import Session
from ops_pipelines.health import guide, reports
from ops_pipelines.language import _, speaking
from ops_pipelines.settings.load import load
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import documents
from ops_pipelines.storage.places import open_folder
from ops_pipelines.window import local_day

ENDS = ("SUCCESS", "FAILURE", "CANCELED")
RUN_SECONDS = 600.0


def make_reports(house: Household, address: str, services: Path, session: Session) -> None:
    """Run the main job of each service, for all days since the first without a report."""
    loaded = load(services, session.environment)
    for error in loaded.broken:
        output.tell(str(error))
    for service in loaded.services:
        _run_jobs(house, address, service, session)
        document = documents.current(open_folder(service.data_dir), reports.ASSET)
        if document:
            with speaking(session.language_of(service)):
                form, found = guide.of_document(document), reports.findings_of(document)
                health.print_form(form, found, service.zone)


def _run_jobs(house: Household, address: str, service: Service, session: Session) -> None:
    """The daily job since the first day with samples; of days before that the log alone."""
    today = local_day(session.now(), service.zone)
    first = min([*reports.missing_days(service), today])
    if older := [day for day in _unreported(service, session) if day < first]:
        _run(house, address, f"{service.key}_logs_job", (older[0], older[-1]), service)
    _run(house, address, f"{service.key}_daily_job", (first, today), service)


def _unreported(service: Service, session: Session) -> list[date]:
    if not service.logs:
        return []
    from ops_pipelines.logs import reports as log_reports  # noqa: PLC0415 - brings numpy

    return log_reports.missing_days(service, session.now())


def _run(
    house: Household, address: str, job: str, days: tuple[date, date], service: Service
) -> None:
    first, last = days
    text = _("{service}: making the reports of {first} to {last}")
    output.tell(text.format(service=service.name, first=first, last=last))
    tags = {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
    run_id = webserver.launch(address, job, tags)
    house.wait(
        lambda: webserver.run_status(address, run_id) in ENDS, _("the first run"), RUN_SECONDS
    )
    if webserver.run_status(address, run_id) != "SUCCESS":
        url = f"{address}/runs/{run_id}"
        output.tell(_("The run did not succeed; its log: {url}").format(url=url))
