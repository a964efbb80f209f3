"""Log rotation in Dagster: the logrotate file of a service, as an asset."""

import os
from collections.abc import Sequence

import dagster as dg

from ops_pipelines.config.rotation import log_files_of
from ops_pipelines.config.rotation_report import ASSET, CODE_VERSION, rotation_file, store
from ops_pipelines.defs.clock import Clock
from ops_pipelines.defs.events import OWNERS, findings_table
from ops_pipelines.errors import OpsError
from ops_pipelines.language import _, speaking
from ops_pipelines.settings.service import Service


def definitions(services: Sequence[Service]) -> dg.Definitions:
    """The logrotate file of each service whose logs are known."""
    logs = {service.key: log_files_of(service) for service in services}
    return dg.Definitions(
        assets=[logrotate_config(s, logs[s.key]) for s in services if logs[s.key]]
    )


def logrotate_config(service: Service, logs: tuple[str, ...]) -> dg.AssetsDefinition:
    """The logrotate file for `logs`, the globs by which the logs of `service` are read."""
    with speaking(service.language or "en"):
        description = _("A logrotate file for the logs; its place is /etc/logrotate.d.")

    @dg.asset(
        key=[service.key, ASSET],
        group_name="config",
        description=description,
        owners=OWNERS,
        kinds={"file"},
        code_version=CODE_VERSION,
    )
    def _asset(clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult:
        with speaking(service.language or "en"):
            try:
                made = rotation_file(service, logs, os.environ)
                document = store(service, made, clock.now())
            except OpsError as error:
                raise dg.Failure(str(error), allow_retries=False) from None
            return dg.MaterializeResult(
                data_version=dg.DataVersion(document["data_version"]),
                metadata={
                    _("file"): dg.MetadataValue.md(f"```\n{made.content}```"),
                    _("place"): dg.MetadataValue.path(made.path),
                    _("findings"): findings_table(made.findings),
                },
            )

    return _asset
