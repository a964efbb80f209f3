"""The demo's command line: `python -m ops_pipelines.demo serve|prepare|break|repair`."""

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from ops_pipelines import language
from ops_pipelines.demo import faults
from ops_pipelines.demo.failures import DemoError
from ops_pipelines.demo.faults import Fault
from ops_pipelines.demo.home import Home, occupied
from ops_pipelines.language import _


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; the exit code, 2 when it cannot be done."""
    language.use(language.from_environment(os.environ))
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace, Home], None] = options.command
    try:
        command(options, Home(options.home))
    except (DemoError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops_pipelines.demo",
        description=_(
            "A small real RAG service to try ops-pipelines on, with faults to switch on."
        ),
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, does: str, command: Callable[..., None]) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=does, description=does)
        added.set_defaults(command=command)
        added.add_argument(
            "--home", type=Path, default=Path(".demo"), help=_("the demo's folder (%(default)s)")
        )
        return added

    serve = add("serve", _("serve until Ctrl-C; what is missing in the folder is made"), _serve)
    prepare = add("prepare", _("make what is missing in the folder, and serve nothing"), _prepare)
    for command in (serve, prepare):
        command.add_argument(
            "--port", type=_port, default=0, help=_("where to answer (default: a free port)")
        )
    prepare.add_argument(
        "--now", type=_moment, help=_("when the past of the probes ends (ISO time; default: now)")
    )
    breaks = add("break", _("switch a fault on, also while the demo serves"), _break)
    breaks.add_argument("fault", choices=list(Fault), metavar="FAULT", help=", ".join(Fault))
    repair = add("repair", _("switch a fault off, or all of them"), _repair)
    repair.add_argument(
        "fault", choices=list(Fault), metavar="FAULT", nargs="?", help=", ".join(Fault)
    )
    return parser


def _serve(options: argparse.Namespace, home: Home) -> None:
    from ops_pipelines.demo import serving  # noqa: PLC0415 - slow; a switch is wanted at once

    serving.serve(home, options.port)


def _prepare(options: argparse.Namespace, home: Home) -> None:
    from ops_pipelines.demo import prepare, serving  # noqa: PLC0415 - likewise

    with occupied(home):
        configuration = prepare.application(home)
        prepare.past(home, configuration, options.now or datetime.now().astimezone())
        with closing(serving.bind(home, options.port)) as listener:
            prepare.description(home, listener.getsockname()[1])
    sys.stdout.write(_("{home} is ready; `serve` starts it.").format(home=home.root) + "\n")


def _break(options: argparse.Namespace, home: Home) -> None:
    _want_demo(home)
    faults.switch_on(home.faults_file, Fault(options.fault))
    _tell_faults(home)


def _repair(options: argparse.Namespace, home: Home) -> None:
    _want_demo(home)
    faults.switch_off(home.faults_file, Fault(options.fault) if options.fault else None)
    _tell_faults(home)


def _want_demo(home: Home) -> None:
    if not home.application.exists():
        text = _("there is no demo in {home}; start one there with `serve`, or give its --home")
        raise DemoError(text.format(home=home.root))


def _tell_faults(home: Home) -> None:
    switched_on = sorted(faults.active(home.faults_file))
    text = _("switched on: {faults}") if switched_on else _("no fault is switched on")
    sys.stdout.write(text.format(faults=", ".join(switched_on)) + "\n")


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.astimezone()


if __name__ == "__main__":
    sys.exit(main())
