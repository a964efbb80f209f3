"""`ops-pipelines config`: its actions, one module each or several that belong together.

A module has `add_arguments(parser, action)` and `run(session, options) -> exit code`;
`options.action` is the action's name.
"""

import argparse

from ops_pipelines.cli import config_backup, config_restore, config_validate, output
from ops_pipelines.cli.session import Session
from ops_pipelines.language import N_, _

ACTIONS = {
    "validate": (config_validate, N_("every problem of a configuration file, in one go")),
    "backup": (config_backup, N_("take a snapshot, tested by restoring it")),
    "snapshots": (config_backup, N_("list the snapshots")),
    "verify": (config_backup, N_("test again that a snapshot restores")),
    "diff": (config_restore, N_("what changed since a snapshot, or between two")),
    "restore": (config_restore, N_("bring a snapshot back, into another folder or in place")),
    "prune": (config_backup, N_("remove old snapshots, as config.keep says")),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, (module, text) in ACTIONS.items():
        action = actions.add_parser(name, help=_(text))
        module.add_arguments(action, name)
        output.add_json(action)


def run(session: Session, options: argparse.Namespace) -> int:
    """The exit code of the action."""
    module, _text = ACTIONS[options.action]
    code: int = module.run(session, options)
    return code
