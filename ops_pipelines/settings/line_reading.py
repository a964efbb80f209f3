"""What a line of a log means: which field is what, which line is a request, which an error."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ops_pipelines.language import N_
from ops_pipelines.settings.section import NoFlag, Section, together, wrong

Key = Annotated[str, StringConstraints(min_length=1)]
Level = Literal["trace", "debug", "info", "warning", "error", "critical"]


class Place(Section):
    """Where a log line keeps one of our fields."""

    IS_BRIEF: ClassVar[bool] = True

    path: Key = Field(description=N_("a dotted path; a literal key with dots wins"))


class Measured(Place):
    """The place of a time or a duration, which has a unit."""

    unit: Literal["s", "ms", "us", "ns"] | None = Field(
        None, description=N_("the unit of numbers; of timestamps their size tells it")
    )


def _as_place(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


PlainField = Annotated[Place, BeforeValidator(_as_place, json_schema_input_type=str | Place)]
TimedField = Annotated[Measured, BeforeValidator(_as_place, json_schema_input_type=str | Measured)]


class Fields(Section):
    """Ours: theirs. What is left out has our name in the log as well."""

    timestamp: TimedField | None = Field(
        None, description=N_("when it was"), examples=["@timestamp"]
    )
    level: PlainField | None = Field(None, description=N_("how bad it is"), examples=["log.level"])
    message: PlainField | None = Field(None, description=N_("what is said"), examples=["msg"])
    response_time: TimedField | None = Field(
        None,
        description=N_("how long a request took (s)"),
        examples=[{"path": "duration", "unit": "ms"}],
    )
    endpoint: PlainField | None = Field(None, description=N_("what was asked"), examples=["path"])
    method: PlainField | None = Field(None, description=N_("its HTTP method"), examples=["method"])
    status: PlainField | None = Field(None, description=N_("its HTTP status"), examples=["status"])
    provider: PlainField | None = Field(
        None, description=N_("who runs the model"), examples=["provider"]
    )
    model: PlainField | None = Field(None, description=N_("which model"), examples=["model"])
    error_type: PlainField | None = Field(
        None, description=N_("what kind of error"), examples=["error.type"]
    )
    tokens_input: PlainField | None = Field(
        None, description=N_("tokens read"), examples=["usage.prompt_tokens"]
    )
    tokens_output: PlainField | None = Field(
        None, description=N_("tokens written"), examples=["usage.completion_tokens"]
    )
    first_token_seconds: TimedField | None = Field(
        None, description=N_("time to the first token"), examples=["first_token_seconds"]
    )
    request_hash: PlainField | None = Field(
        None, description=N_("the same for the same question"), examples=["request_hash"]
    )
    cache_hit: PlainField | None = Field(
        None, description=N_("whether a cache answered"), examples=["cache_hit"]
    )
    batch_size: PlainField | None = Field(
        None, description=N_("items of a batch"), examples=["batch_size"]
    )
    batch_limit: PlainField | None = Field(
        None, description=N_("how many a batch may have"), examples=["batch_limit"]
    )
    in_flight: PlainField | None = Field(
        None, description=N_("requests at the same time"), examples=["in_flight"]
    )

    @property
    def places(self) -> dict[str, Place]:
        """The fields that are mapped."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: place for name, place in found.items() if place}


Number = Annotated[float, Field(allow_inf_nan=False), NoFlag]
_TESTS = ("contains", "present", "at_least", "in")


class Condition(Section):
    """One test of one field: exactly one of `contains`, `present`, `at_least` and `in`."""

    IS_BRIEF: ClassVar[bool] = True

    field: Key = Field(description=N_("our name, else a path"))
    contains: Key | None = Field(None, description=N_("the text holds this, in any case"))
    present: bool | None = Field(None, description=N_("whether the line has it"))
    at_least: Number | Level | None = Field(
        None, description=N_("a number, or a level: this one and worse")
    )
    one_of: tuple[str | int | float | bool, ...] | None = Field(
        None, alias="in", min_length=1, description=N_("one of these, in any case")
    )

    @model_validator(mode="wrap")
    @classmethod
    def _has_one_test(cls, data: Any, read: ValidatorFunctionWrapHandler) -> Any:
        return together(data, read, _not_one_test(data) if isinstance(data, dict) else ())


def _not_one_test(data: Mapping[str, Any]) -> Iterator[PydanticCustomError]:
    given = [test for test in _TESTS if data.get(test) is not None]
    if len(given) != 1:
        yield wrong("settings.one_test", tests=_TESTS)


Conditions = Annotated[tuple[Condition, ...], Field(min_length=1)]


def _is_pattern(text: str) -> str:
    try:
        groups = re.compile(text).groupindex
    except re.error as error:
        raise wrong("settings.pattern", found=text, detail=str(error)) from None
    if not groups:
        raise wrong("settings.pattern_without_groups", found=text)
    return text


def _is_format(text: str) -> str:
    try:
        datetime.strptime("", text)  # noqa: DTZ007 - no time comes of it
    except ValueError as error:
        if "does not match" not in str(error):  # that nothing fits nothing is no fault of it
            raise wrong("settings.time_format", found=text, detail=str(error)) from None
    return text


class LineReading(Section):
    """What a line means: what a preset may hold, and a service file over it."""

    fields: Fields = Field(default_factory=Fields, description=N_("ours: theirs"))
    request_when: Conditions = Field(
        (Condition(field="message", contains="request"),),
        description=N_("a line is a request when any of these holds"),
        examples=[
            [{"field": "message", "contains": "request"}, {"field": "status", "present": True}]
        ],
    )
    error_when: Conditions = Field(
        (Condition(field="level", at_least="error"),),
        description=N_("and an error when any of these holds"),
        examples=[[{"field": "level", "at_least": "error"}, {"field": "status", "at_least": 500}]],
    )
    pattern: Annotated[str, AfterValidator(_is_pattern)] | None = Field(
        None,
        description=N_("for text logs: a regular expression with named groups"),
        examples=[r"(?P<timestamp>\S+ \S+) (?P<level>\w+) (?P<message>.*)"],
    )
    timestamp_format: Annotated[Key, AfterValidator(_is_format)] | None = Field(
        None,
        description=N_("for odd times: a format of strptime"),
        examples=["%d/%b/%Y:%H:%M:%S %z"],
    )


def combined(preset: LineReading | None, own: LineReading) -> LineReading:
    """What `own` sets, over what `preset` sets, over the defaults."""
    chosen: dict[str, Any] = {}
    for layer in filter(None, (preset, own)):
        given = layer.model_fields_set & LineReading.model_fields.keys()
        chosen |= {name: getattr(layer, name) for name in given - {"fields"}}
    places = {**(preset.fields.places if preset else {}), **own.fields.places}
    fields = Fields.model_construct(set(places), **places)  # type: ignore[arg-type] # they fit
    return LineReading.model_construct(**chosen, fields=fields)
