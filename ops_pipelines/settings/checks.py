"""All kinds of check, and how the checks of one service belong together."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from ops_pipelines.language import N_
from ops_pipelines.settings.check import Check, Port
from ops_pipelines.settings.http_check import HttpCheck
from ops_pipelines.settings.paid_checks import OpenAiCheck, RagCheck
from ops_pipelines.settings.section import Whole, together, wrong


class TcpCheck(Check):
    """A port that must accept a connection."""

    SAMPLE: ClassVar = {"name": "qdrant"}

    kind: Literal["tcp"] = Field(description=N_("a TCP connection"))
    host: str = Field(min_length=1, description=N_("name or address"), examples=["localhost"])
    port: Port = Field(description=N_("port"), examples=[6333])


class TlsCheck(Check):
    """A certificate that must be trusted, and not about to expire."""

    SAMPLE: ClassVar = {"name": "certificate"}

    kind: Literal["tls"] = Field(description=N_("the certificate of a TLS server"))
    host: str = Field(min_length=1, description=N_("name or address"), examples=["rag.example.com"])
    port: Port = Field(443, description=N_("port"))
    warn_days: Whole = Field(21, ge=0, description=N_("degraded when fewer days are left"))


def _kind(check: Any) -> Any:
    return check.get("kind", "http") if isinstance(check, dict) else getattr(check, "kind", "http")


AnyCheck = Annotated[
    Annotated[HttpCheck, Tag("http")]
    | Annotated[TcpCheck, Tag("tcp")]
    | Annotated[TlsCheck, Tag("tls")]
    | Annotated[OpenAiCheck, Tag("openai")]
    | Annotated[RagCheck, Tag("rag")],
    Discriminator(_kind),
]


def _names_agree(checks: Any, read: ValidatorFunctionWrapHandler) -> Any:
    return together(checks, read, _wrong_names(checks) if isinstance(checks, list) else ())


def _wrong_names(checks: list[Any]) -> Iterator[PydanticCustomError]:
    """Names that stand twice, and dependencies on checks that are not above."""
    named = [check if isinstance(check, dict) else {} for check in checks]
    seen: list[str] = []
    for index, check in enumerate(named):
        name = check.get("name")
        if isinstance(name, str) and name in seen:
            yield wrong("settings.name_twice", (index, "name"), found=name)
        given = check.get("depends_on")
        for position, cause in enumerate(given if isinstance(given, list) else []):
            if cause not in seen:
                at = (index, "depends_on", position)
                yield wrong("settings.no_check_above", at, found=cause)
        if isinstance(name, str):
            seen.append(name)


Checks = Annotated[tuple[AnyCheck, ...], WrapValidator(_names_agree)]

# What is asked without `health.checks`: the endpoints of the operations guide.
GUIDE_CHECKS = (
    HttpCheck(name="api", url="/api/health", status="status"),
    HttpCheck(
        name="detailed", url="/api/health/detailed", components="components", depends_on=("api",)
    ),
    HttpCheck(name="llm", url="/api/health/llm", status="status", depends_on=("api",)),
    HttpCheck(
        name="embeddings", url="/api/health/embeddings", status="status", depends_on=("api",)
    ),
)
