"""Checks of kind `http`: a request, and how its answer is read."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, model_validator
from pydantic_core import PydanticCustomError

from ops_pipelines.language import N_
from ops_pipelines.report import Status
from ops_pipelines.settings.check import Check, CheckUrl, Headers
from ops_pipelines.settings.section import JmesPath, NoFlag, Seconds, Section, together, wrong
from ops_pipelines.settings.words import (
    DEGRADED_WORDS,
    HEALTHY_WORDS,
    UNHEALTHY_WORDS,
    Words,
    spellings,
)

HttpStatus = Annotated[int, Field(ge=100, le=599), NoFlag]


class ComponentFields(Section):
    """Where each component that a body reports keeps what we want to know of it."""

    name: JmesPath = Field("name", description=N_("its name (in a list; in a mapping the key)"))
    status: JmesPath = Field("status", description=N_("its verdict"))
    response_time: JmesPath = Field("response_time", description=N_("its response time"))
    response_time_unit: Literal["s", "ms", "us", "ns"] = Field(
        "s", description=N_("the unit of that response time")
    )
    error: JmesPath = Field("error", description=N_("what it says of its trouble"))


class HttpCheck(Check):
    """An HTTP request whose answer carries a verdict, or the verdicts of several components."""

    SAMPLE: ClassVar = {"name": "api", "method": "POST", "depends_on": []}

    kind: Literal["http"] = Field("http", description=N_("an HTTP request"))
    url: CheckUrl = Field(
        description=N_("relative to base_url, or absolute"), examples=["/api/health"]
    )
    method: Literal["GET", "HEAD", "POST"] = Field("GET", description=N_("the request's method"))
    headers: Headers = Field(
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
