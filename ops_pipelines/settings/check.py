"""What checks of every kind share: a name, what depends on what, and how a request is made."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from ops_pipelines.language import N_
from ops_pipelines.settings.section import NoFlag, Section, http_url, is_absolute


def _relative_or_http(url: str) -> str:
    return http_url(url) if is_absolute(url) else url


CheckUrl = Annotated[str, Field(min_length=1), AfterValidator(_relative_or_http)]


HeaderValue = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[\t -~]*$")]
"""What HTTP can send. A secret often comes with the newline at the end of its file."""
Headers = dict[str, HeaderValue]
Port = Annotated[int, Field(ge=1, le=65535), NoFlag]


class Check(Section):
    """What checks of every kind have."""

    name: str = Field(
        min_length=1, max_length=100, description=N_("unique; how the check is called in reports")
    )
    optional: bool = Field(
        default=False, description=N_("its trouble counts as degraded for the whole service")
    )
    depends_on: tuple[str, ...] = Field(
        (),
        description=N_("checks whose trouble is the cause of its own: one incident, not several"),
        examples=[["api"]],
    )
