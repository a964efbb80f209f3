"""Starts Dagster's three processes: code server, webserver and daemon."""

import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ops_pipelines.cli import output, webserver
from ops_pipelines.cli.processes import Household
from ops_pipelines.errors import OpsError
from ops_pipelines.language import _

HOME = Path(".dagster")
BIN = Path(sys.executable).parent
DAGSTER = [str(BIN / "dagster")]
QUIET = ["--log-level", "warning"]


def environment(given: Mapping[str, str], services: Path) -> dict[str, str]:
    """What Dagster's processes find in their environment."""
    return {
        **given,
        "DAGSTER_HOME": str(HOME.resolve()),
        "OPS_SERVICES": str(services),
        "PYTHONUNBUFFERED": "1",
        "DAGSTER_GRPC_SHUTDOWN_GRACE_PERIOD": "2",  # else a code server may outlive us by 20 s
    }


@dataclass(frozen=True, slots=True)
class Instance:
    """A running Dagster: where its UI is, and the port of its code server."""

    address: str
    code_server_port: int


def start(house: Household, port: int) -> Instance:
    """Start all three and wait until the UI knows our assets."""
    output.tell(_("starting Dagster (the first time takes a little longer)"))
    started = Instance(f"http://127.0.0.1:{port}", _free_port())
    grpc_port = started.code_server_port
    workspace = _prepare_home(grpc_port)
    _migrate(house)
    module = ["-m", "ops_pipelines.definitions", "--location-name", webserver.LOCATION]
    listen = ["-h", "127.0.0.1", "-p"]
    house.start("code_server", [*DAGSTER, "api", "grpc", *module, *listen, str(grpc_port), *QUIET])
    _wait_for_code_server(house, started)  # without it the others warn in their logs
    served = [str(BIN / "dagster-webserver"), *listen, str(port)]
    house.start("webserver", [*served, "-w", workspace, *QUIET])
    house.start("daemon", [str(BIN / "dagster-daemon"), "run", "-w", workspace, *QUIET])
    house.wait(lambda: webserver.is_loaded(started.address), _("the Dagster webserver"))
    return started


def reload(house: Household, running: Instance) -> None:
    """Load our definitions again: the code server reads them only when it starts."""
    house.restart("code_server")
    _wait_for_code_server(house, running)
    house.wait(lambda: webserver.reload(running.address), _("the Dagster webserver"))


def _prepare_home(grpc_port: int) -> str:
    """Dagster's home: this deployment's dagster.yaml, and a workspace that names our server."""
    HOME.mkdir(exist_ok=True)
    ours, deployed = Path(__file__).parents[2] / "dagster.yaml", Path("dagster.yaml")
    shutil.copyfile(deployed if deployed.exists() else ours, HOME / "dagster.yaml")
    workspace = HOME / "workspace.yaml"
    workspace.write_text(
        "load_from:\n- grpc_server:\n"
        f"    host: 127.0.0.1\n    port: {grpc_port}\n    location_name: {webserver.LOCATION}\n"
    )
    return str(workspace.resolve())


def _migrate(house: Household) -> None:
    """Bring Dagster's database up once, before anything opens it: they would race to do it."""
    done = HOME / f".migrated-{version('dagster')}"
    if done.exists():
        return
    house.start("migrate", [*DAGSTER, "instance", "migrate"])
    exit_code = house.children.pop("migrate").wait()
    if exit_code:
        log = str(house.log("migrate"))
        raise OpsError("up.child_died", name="migrate", exit_code=exit_code, log=log)
    done.touch()


def _wait_for_code_server(house: Household, running: Instance) -> None:
    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", running.code_server_port)) == 0

    house.wait(listens, _("the code server"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
