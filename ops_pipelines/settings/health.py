"""The `health` section: what is probed, how often, and when trouble is an incident."""

from datetime import time

from pydantic import Field

from ops_pipelines.language import N_
from ops_pipelines.settings.checks import GUIDE_CHECKS, Checks
from ops_pipelines.settings.section import (
    HttpUrl,
    LocalPath,
    Seconds,
    Section,
    TimeOfDay,
    Whole,
)


class Health(Section):
    """The `health` section."""

    schedule: TimeOfDay = Field(
        time(0, 15),
        description=N_("when yesterday's report is made, in the service's timezone"),
    )
    interval_seconds: Seconds = Field(60, ge=5, description=N_("from one round to the next"))
    timeout_seconds: Seconds = Field(10, description=N_("for one check, all in all"))
    deadline_seconds: Seconds = Field(15, le=50, description=N_("for a whole round"))
    failure_threshold: Whole = Field(
        3, ge=1, description=N_("probes in a row that are not healthy open an incident")
    )
    recovery_threshold: Whole = Field(
        2, ge=1, description=N_("probes in a row that are healthy close it")
    )
    reference_url: HttpUrl | None = Field(
        None,
        description=N_("when all fails and this cannot be reached either, the checker is offline"),
        examples=["https://example.com"],
    )
    proxy: HttpUrl | None = Field(
        None,
        description=N_("a proxy for HTTP checks; the environment's is never used"),
        examples=["http://proxy:3128"],
    )
    ca_file: LocalPath | None = Field(
        None, description=N_("certificates of a private CA (PEM)"), examples=["ca.pem"]
    )
    checks: Checks = Field(
        GUIDE_CHECKS,
        min_length=1,
        description=N_("what a round probes; without it /api/health and its usual neighbours"),
    )
