"""Texts about starting Dagster and what belongs to it."""

from ops_pipelines.language import N_
from ops_pipelines.messages.text import Text

TEXTS = {
    "up.port_taken": Text(
        N_("port {port} cannot be used ({detail}); choose another one: make run PORT=3001")
    ),
    "up.disk_full": Text(
        N_("only {free_mib} MiB are free here and {needed_mib} MiB are needed; make room first")
    ),
    "up.child_died": Text(
        N_("{name} ended by itself (exit code {exit_code}); the end of {log} says why")
    ),
    "up.too_slow": Text(
        N_("{what} was not ready within {seconds:g} s; the logs in {logs} say why")
    ),
    "up.location_broken": Text(N_("Dagster cannot load our definitions: {detail}")),
    "up.not_launched": Text(N_("Dagster did not launch {job}: {detail}")),
}
