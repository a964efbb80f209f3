"""`ops-pipelines logs`: its actions, one module each.

A module has `add_arguments(parser)` and `run(session, options) -> exit code`.
"""

import argparse

from ops_pipelines.cli import log_analysis, log_detection, log_presets, output, rotation
from ops_pipelines.cli.session import Session
from ops_pipelines.language import N_, _

ACTIONS = {
    "analyze": (log_analysis, N_("sum up files, or the service's log")),
    "detect": (log_detection, N_("propose how a file is read, with the evidence")),
    "presets": (log_presets, N_("the named mappings, and what they need")),
    "rotation": (rotation, N_("print a logrotate file for the service's logs, or judge one")),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, (module, text) in ACTIONS.items():
        action = actions.add_parser(name, help=_(text))
        module.add_arguments(action)
        output.add_json(action)


def run(session: Session, options: argparse.Namespace) -> int:
    """The exit code of the action."""
    module, _text = ACTIONS[options.action]
    code: int = module.run(session, options)
    return code
