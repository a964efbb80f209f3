"""`ops-pipelines health check`: probe the service now."""

import argparse
import time
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ops_pipelines.cli import output
from ops_pipelines.cli.session import Session
from ops_pipelines.health import network
from ops_pipelines.health.guide import of_round
from ops_pipelines.health.probe import Round, findings, run_round
from ops_pipelines.language import _
from ops_pipelines.report import Finding, Status
from ops_pipelines.settings.service import Service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help=_("one round of all checks, judged at once"))
    check.add_argument(
        "--watch", action="store_true", help=_("go on, a round every interval, until Ctrl-C")
    )
    output.add_json(check)


def run(session: Session, options: argparse.Namespace) -> int:
    """0 when all is healthy, else 1."""
    service, is_first = session.service(), True
    while True:
        # What costs money is asked once by hand; who goes on watching gets the usual probes.
        found = network.run(run_round(service, session.now(), by_hand=is_first))
        form = of_round(found, service)
        if options.json:
            output.emit(form, stream=options.watch)
        else:
            print_form(form, findings(found.readings, service), service.zone)
        if not options.watch:
            return int(form["overall_status"] != Status.HEALTHY)
        is_first = False
        _wait(service, found, session)


def print_form(form: dict[str, Any], found: tuple[Finding, ...], zone: ZoneInfo) -> None:
    """A health report for people, its times in `zone`, whose offset stands at the top."""
    at = datetime.fromisoformat(form["timestamp"]).astimezone(zone).isoformat(timespec="seconds")
    output.say(f"{form['service']}  {at}  {_(form['overall_status'])}")
    output.table(
        [_("component"), _("status"), _("response time"), _("last check"), _("error")],
        (
            [
                output.cell(name),
                output.status_cell(component["status"]),
                output.cell(_seconds(component["response_time"])),
                output.cell(_clock(component["last_check"], zone)),
                output.cell(component["error"]),
            ]
            for name, component in form["components"].items()
        ),
    )
    output.findings(found)


def _clock(time: str | None, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(time).astimezone(zone):%Y-%m-%d %H:%M:%S}" if time else ""


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def _wait(service: Service, found: Round, session: Session) -> None:
    passed = (session.now() - found.at).total_seconds()
    time.sleep(max(0.0, service.health.interval_seconds - passed))
