"""The `health` section: what is probed, how often, and how an answer is read."""

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ops_pipelines.language import N_
from ops_pipelines.report import Status
from ops_pipelines.settings.section import (
    HttpUrl,
    JmesPath,
    LocalPath,
    NoFlag,
    Seconds,
    Section,
    TimeOfDay,
    Whole,
    http_url,
    is_absolute,
    together,
    wrong,
)
from ops_pipelines.settings.words import (
    DEGRADED_WORDS,
    HEALTHY_WORDS,
    UNHEALTHY_WORDS,
    Words,
    spellings,
)

HttpStatus = Annotated[int, Field(ge=100, le=599), NoFlag]


def _relative_or_http(url: str) -> str:
    return http_url(url) if is_absolute(url) else url


CheckUrl = Annotated[str, Field(min_length=1), AfterValidator(_relative_or_http)]


HeaderValue = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[\t -~]*$")]
"""What HTTP can send. A secret often comes with the newline at the end of its file."""


class ComponentFields(Section):
    """Where each component that a body reports keeps what we want to know of it."""

    name: JmesPath = Field("name", description=N_("its name (in a list; in a mapping the key)"))
    status: JmesPath = Field("status", description=N_("its verdict"))
    response_time: JmesPath = Field("response_time", description=N_("its response time"))
    response_time_unit: Literal["s", "ms", "us", "ns"] = Field(
        "s", description=N_("the unit of that response time")
    )
    error: JmesPath = Field("error", description=N_("what it says of its trouble"))


class Check(Section):
    """What checks of every kind have."""

    name: str = Field(
        min_length=1, max_length=100, description=N_("unique; how the check is called in reports")
    )
    optional: bool = Field(
        default=False, description=N_("its trouble counts as degraded for the whole service")
    )


class HttpCheck(Check):
    """An HTTP request whose answer carries a verdict, or the verdicts of several components."""

    SAMPLE: ClassVar = {"name": "api", "method": "POST"}

    kind: Literal["http"] = Field("http", description=N_("an HTTP request"))
    url: CheckUrl = Field(
        description=N_("relative to base_url, or absolute"), examples=["/api/health"]
    )
    method: Literal["GET", "HEAD", "POST"] = Field("GET", description=N_("the request's method"))
    headers: dict[str, HeaderValue] = Field(
        default_factory=dict,
        description=N_("request headers"),
        examples=[{"Authorization": "Bearer ${RAG_API_KEY}"}],
    )
    body: dict[str, Any] | None = Field(
        None, description=N_("a JSON body for POST"), examples=[{"question": "ping"}]
    )
    expect_status: tuple[HttpStatus, ...] | None = Field(
        None,
        min_length=1,
        description=N_("HTTP statuses that are well; default 200-299; another one is unhealthy"),
        examples=[[200]],
    )
    status: JmesPath | None = Field(
        None,
        description=N_("JMESPath to the verdict in the body; without it the HTTP status decides"),
        examples=["status"],
    )
    healthy: Words = Field(
        HEALTHY_WORDS,
        description=N_("words for healthy, in any case; a word in none of the lists is unknown"),
    )
    degraded: Words = Field(
        DEGRADED_WORDS,
        description=N_("words for degraded"),
    )
    unhealthy: Words = Field(
        UNHEALTHY_WORDS,
        description=N_("words for unhealthy"),
    )
    timestamp: JmesPath | None = Field(
        None, description=N_("JMESPath to the time of the verdict"), examples=["timestamp"]
    )
    max_age_seconds: Seconds = Field(
        300, description=N_("a verdict with an older timestamp is unknown")
    )
    components: JmesPath | None = Field(
        None,
        description=N_("JMESPath to components: a mapping whose keys are names, or a list"),
        examples=["components"],
    )
    component: ComponentFields = Field(
        default_factory=ComponentFields,
        description=N_("where each component keeps its fields (JMESPath)"),
    )

    @model_validator(mode="wrap")
    @classmethod
    def _is_consistent(cls, data: Any, read: ValidatorFunctionWrapHandler) -> Any:
        return together(data, read, _broken_rules(data) if isinstance(data, dict) else ())

    @property
    def words(self) -> dict[str, Status]:
        """Each known word's status; where a given list and a default meet, the given one wins."""
        lists = {
            "healthy": (self.healthy, Status.HEALTHY),
            "degraded": (self.degraded, Status.DEGRADED),
            "unhealthy": (self.unhealthy, Status.UNHEALTHY),
        }
        ordered = sorted(lists, key=lambda name: name in self.model_fields_set)
        return {word: lists[name][1] for name in ordered for word in lists[name][0]}


class TcpCheck(Check):
    """A port that must accept a connection."""

    SAMPLE: ClassVar = {"name": "qdrant"}

    kind: Literal["tcp"] = Field(description=N_("a TCP connection"))
    host: str = Field(min_length=1, description=N_("name or address"), examples=["localhost"])
    port: Whole = Field(ge=1, le=65535, description=N_("port"), examples=[6333])


def _kind(check: Any) -> Any:
    return check.get("kind", "http") if isinstance(check, dict) else getattr(check, "kind", "http")


AnyCheck = Annotated[
    Annotated[HttpCheck, Tag("http")] | Annotated[TcpCheck, Tag("tcp")],
    Discriminator(_kind),
]


def _broken_rules(check: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
    """What is wrong between the fields of an HTTP check."""
    method = check.get("method", "GET")
    if check.get("body") is not None and method in ("GET", "HEAD"):
        yield wrong("settings.body_without_post", ("body",), method=method)
    seen: dict[str, str] = {}
    for name in ("healthy", "degraded", "unhealthy"):
        given = check.get(name)
        for index, item in enumerate(given if isinstance(given, list) else []):
            other = {seen.setdefault(word, name) for word in spellings(item)}
            for word_list in sorted(other - {name}):
                at = (name, index)
                yield wrong("settings.word_twice", at, found=item, other=word_list)


def _names_are_unique(checks: Any, read: ValidatorFunctionWrapHandler) -> Any:
    return together(checks, read, _doubled(checks) if isinstance(checks, list) else ())


def _doubled(checks: list[Any]) -> Iterator[PydanticCustomError]:
    seen: set[str] = set()
    for index, check in enumerate(checks):
        name = check.get("name") if isinstance(check, dict) else None
        if isinstance(name, str) and name in seen:
            yield wrong("settings.name_twice", (index, "name"), found=name)
        if isinstance(name, str):
            seen.add(name)


GUIDE_CHECKS = (
    HttpCheck(name="api", url="/api/health", status="status"),
    HttpCheck(name="detailed", url="/api/health/detailed", components="components"),
    HttpCheck(name="llm", url="/api/health/llm", status="status"),
    HttpCheck(name="embeddings", url="/api/health/embeddings", status="status"),
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
    proxy: HttpUrl | None = Field(
        None,
        description=N_("a proxy for HTTP checks; the environment's is never used"),
        examples=["http://proxy:3128"],
    )
    ca_file: LocalPath | None = Field(
        None, description=N_("certificates of a private CA (PEM)"), examples=["ca.pem"]
    )
    checks: Annotated[tuple[AnyCheck, ...], WrapValidator(_names_are_unique)] = Field(
        GUIDE_CHECKS,
        min_length=1,
        description=N_("what a round probes; without it /api/health and its usual neighbours"),
    )
