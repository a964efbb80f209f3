"""The `monitoring` section: the objectives of the service."""

from typing import Annotated

from pydantic import Field

from ops_pipelines.language import N_
from ops_pipelines.settings.section import NoFlag, Seconds, Section

Ratio = Annotated[float, Field(gt=0, lt=1), NoFlag]


class Slo(Section):
    """The objectives (SLO)."""

    NOT_READ = ("latency_ratio",)

    availability: Ratio = Field(
        0.99, description=N_("share of the time in which the service is not unhealthy")
    )
    latency_seconds: Seconds = Field(
        5, description=N_("19 of 20 requests are answered within this time")
    )


class Monitoring(Section):
    """The `monitoring` section."""

    NOT_READ = ("job", "port", "memory_limit_bytes")

    slo: Slo = Field(default_factory=Slo, description=N_("objectives"))
