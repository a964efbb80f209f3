"""What Dagster loads: every task for every service that the service files describe."""

import os
import warnings
from collections.abc import Sequence

import dagster as dg

from ops_pipelines import language, redaction
from ops_pipelines.defs import backup, broken, config, daily, health, rotation
from ops_pipelines.defs.clock import Clock
from ops_pipelines.errors import InputError
from ops_pipelines.settings.load import Loaded, load, services_path
from ops_pipelines.settings.service import Service

# Beta since 1.5 and used by everyone who backfills; the contract test of `defs.days` holds it.
warnings.filterwarnings("ignore", message=".*backfill_policy.*", category=dg.BetaWarning)
# Beta: the only kind of observed asset that takes owners and kinds.
warnings.filterwarnings("ignore", message=".*multi_observable.*", category=dg.BetaWarning)


def build(loaded: Loaded) -> dg.Definitions:
    """The definitions for what was loaded; a broken service file shows as such."""
    return dg.Definitions.merge(
        health.definitions(loaded.services),
        _logs(loaded.services),
        config.definitions(loaded.services),
        backup.definitions(loaded.services),
        rotation.definitions(loaded.services),
        *map(daily.definitions, loaded.services),
        broken.definitions(loaded.broken),
        dg.Definitions(resources={"clock": Clock()}, executor=dg.in_process_executor),
    )


def _logs(services: Sequence[Service]) -> dg.Definitions:
    """The shell of the logs; numpy, which it needs, is loaded only where there are any."""
    if not any(service.logs for service in services):
        return dg.Definitions()
    from ops_pipelines.defs import logs  # noqa: PLC0415 - it makes a fifth of the time to load

    return logs.definitions(services)


def load_all() -> dg.Definitions:
    """The definitions for the service files of this deployment."""
    redaction.guard_logs()
    language.use(language.from_environment(os.environ))
    try:
        return build(load(services_path(None)))
    except InputError:  # no folder yet: nothing to look after
        return build(Loaded((), ()))


defs = load_all()
