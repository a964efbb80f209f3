"""`ops-pipelines up`: Dagster, and the demo where it is asked for, until Ctrl-C."""

import argparse
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import httpx

from ops_pipelines.cli import instance, output
from ops_pipelines.cli.first_run import make_reports
from ops_pipelines.cli.processes import Household
from ops_pipelines.cli.session import Session
from ops_pipelines.errors import OpsError
from ops_pipelines.language import _
from ops_pipelines.settings.load import load, services_path

DEMO_HOME = Path(".demo")
LEAST_FREE_BYTES = 200 << 20
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("--demo", action="store_true", help=_("look after the demo service"))
    parser.add_argument("--port", type=int, default=3000, help=_("of the Dagster UI (3000)"))
    output.add_json(parser)


def run(session: Session, options: argparse.Namespace) -> int:
    """0 after Ctrl-C; 2 when something cannot be started or ends by itself."""
    _check_machine(options.port)
    services = services_path(session.services_option, session.environment).resolve()
    if options.demo:
        services = (DEMO_HOME / "services").resolve()
    else:
        load(services, session.environment)  # that there are none is said before anything starts
    with _household(instance.environment(session.environment, services)) as house:
        if options.demo:
            _start_demo(house)
        dagster = instance.start(house, options.port)
        make_reports(house, dagster.address, services, session)
        output.tell(_("Dagster: {address} (Ctrl-C ends it)").format(address=dagster.address))
        if options.json:
            output.emit({"address": dagster.address, "services": str(services)}, stream=True)
        _stay(house, dagster, services)
    return 0


class _Stopped(Exception):  # noqa: N818 - being told to stop is no error
    """Ctrl-C, `kill`, or a closed terminal."""


@contextmanager
def _household(environment: dict[str, str]) -> Iterator[Household]:
    """The processes of this `up`; none is left when the block is left, in whatever way."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave things behind
        raise _Stopped

    for number in SIGNALS:
        signal.signal(number, stop)
    house = Household(instance.HOME / "console", environment)
    house.watch()
    try:
        yield house
    except _Stopped:
        with suppress(OSError):  # the terminal may be gone
            output.tell(_("stopping"))
    finally:
        house.end()


def _check_machine(port: int) -> None:
    """Raise what would go wrong later, while nothing has been started."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise OpsError("up.port_taken", port=port, detail=str(error)) from None
    free = shutil.disk_usage(Path.cwd()).free
    if free < LEAST_FREE_BYTES:
        raise OpsError("up.disk_full", free_mib=free >> 20, needed_mib=LEAST_FREE_BYTES >> 20)


def _start_demo(house: Household) -> None:
    output.tell(_("starting the demo service"))
    command = [sys.executable, "-m", "ops_pipelines.demo", "serve", "--home", str(DEMO_HOME)]
    house.start("demo", command)
    house.wait(_demo_answers, _("the demo service"))


def _demo_answers() -> bool:
    port = DEMO_HOME / "port"
    try:
        address = f"http://127.0.0.1:{port.read_text().strip()}/api/health"
        return httpx.get(address, trust_env=False).status_code > 0
    except (OSError, httpx.HTTPError):
        return False


def _stay(house: Household, dagster: instance.Instance, services: Path) -> None:
    """Wait for Ctrl-C; a changed service file is taken up by starting the code server anew."""
    seen, had_terminal = _fingerprint(services), _has_terminal()
    while True:
        time.sleep(1)
        house.check()
        # Of a closed terminal only its first process is told, and `make` keeps that to itself.
        if had_terminal and not _has_terminal():
            raise _Stopped
        if (now := _fingerprint(services)) != seen:
            seen = now
            output.tell(_("the service files have changed; loading them"))
            instance.reload(house, dagster)


def _has_terminal() -> bool:
    """Whether messages go to a terminal that is still there."""
    return os.isatty(sys.stderr.fileno())


def _fingerprint(services: Path) -> list[tuple[str, int, int]]:
    files = sorted(services.glob("*.y*ml")) if services.is_dir() else [services]
    return [(f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in files if f.exists()]
