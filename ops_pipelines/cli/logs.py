"""`ops-pipelines logs`: its actions, one module each."""

import argparse

from ops_pipelines.cli import rotation
from ops_pipelines.cli.session import Session
from ops_pipelines.language import N_, _

ACTIONS = {
    "rotation": (rotation, N_("print a logrotate file for the service's logs, or judge one")),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, (module, text) in ACTIONS.items():
        module.add_arguments(actions.add_parser(name, help=_(text)))


def run(session: Session, options: argparse.Namespace) -> int:
    """The exit code of the action."""
    module, _text = ACTIONS[options.action]
    code: int = module.run(session, options)
    return code
