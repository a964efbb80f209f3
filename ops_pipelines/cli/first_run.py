"""The first run of each start: what is not reported yet, and today; and the report to look at."""

from pathlib import Path

from ops_pipelines.cli import health, output, webserver
from ops_pipelines.cli.processes import Household
from ops_pipelines.cli.session import Session
from ops_pipelines.health import guide, reports
from ops_pipelines.language import _, speaking
from ops_pipelines.settings.load import load
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import documents
from ops_pipelines.storage.folder import open_folder
from ops_pipelines.window import local_day

ENDS = ("SUCCESS", "FAILURE", "CANCELED")
RUN_SECONDS = 600.0


def make_reports(house: Household, address: str, services: Path, session: Session) -> None:
    """Run the main job of each service, for all days since the first without a report."""
    loaded = load(services, session.environment)
    for error in loaded.broken:
        output.tell(str(error))
    for service in loaded.services:
        _run_daily_job(house, address, service, session)
        document = documents.current(open_folder(service.data_dir), reports.ASSET)
        if document:
            with speaking(session.language_of(service)):
                form, found = guide.of_document(document), reports.findings_of(document)
                health.print_form(form, found, service.zone)


def _run_daily_job(house: Household, address: str, service: Service, session: Session) -> None:
    today = local_day(session.now(), service.zone)
    first = min([*reports.missing_days(service), today])
    text = _("{service}: making the reports of {first} to {last}")
    output.tell(text.format(service=service.name, first=first, last=today))
    tags = {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": today.isoformat(),
    }
    run_id = webserver.launch(address, f"{service.key}_daily_job", tags)
    house.wait(
        lambda: webserver.run_status(address, run_id) in ENDS, _("the first run"), RUN_SECONDS
    )
    if webserver.run_status(address, run_id) != "SUCCESS":
        url = f"{address}/runs/{run_id}"
        output.tell(_("The run did not succeed; its log: {url}").format(url=url))
