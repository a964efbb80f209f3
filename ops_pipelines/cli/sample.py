"""`ops-pipelines sample`: what the sensors do, for a systemd unit instead of a Dagster daemon."""

import argparse
import time

from ops_pipelines.cli import output
from ops_pipelines.cli.session import Session
from ops_pipelines.health import network, sampler
from ops_pipelines.health.guide import of_round
from ops_pipelines.language import _

PAUSE_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("--loop", action="store_true", help=_("go on until stopped"))
    output.add_json(parser)


def run(session: Session, options: argparse.Namespace) -> int:
    """Make what is due; 0 unless it could not be kept, or a service file is broken.

    Raises:
        SettingsError: no service is left: the only file is broken, or that of the one asked for.
        ServiceChoiceError: there is no service at all, or none of the name that is asked for.
    """
    loaded = session.loaded()
    services, broken = loaded.services, loaded.broken
    if session.service_name is not None or not services:
        services, broken = (loaded.choose(session.service_name),), ()
    for unusable in broken:
        output.tell(str(unusable))
    while True:
        made, failed = network.run(sampler.sample_due(services, session.now()))
        for sampled in made:
            form = of_round(sampled.round, sampled.service)
            if options.json:
                output.emit(form, stream=True)
            else:
                output.say(f"{form['timestamp']}  {form['service']}  {_(form['overall_status'])}")
        for error in failed:
            output.tell(str(error))
        if not options.loop:
            return 2 if failed or broken else 0
        time.sleep(PAUSE_SECONDS)
