"""What all sections of a service file share: strictness, and the kinds of value that recur."""

import os
import re
from collections.abc import Iterable, Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, ClassVar, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    Tag,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError

from ops_pipelines.language import N_

At = tuple[str | int, ...]


class Section(BaseModel):
    """A mapping in a service file: frozen, without unknown keys, and silent about its values.

    Its `repr` shows no value, so that no log line or traceback can carry a secret out.

    Attributes:
        NOT_READ: keys of tasks that are not part of this version. They are accepted, so that one
            file serves this version and the next, and not read.
        SAMPLE: values that show the section in the commented sample, over those of its fields.
        IS_BRIEF: whether an example in one line shows it there, instead of a line for each key.
    """

    NOT_READ: ClassVar[tuple[str, ...]] = ()
    SAMPLE: ClassVar[Mapping[str, Any]] = {}
    IS_BRIEF: ClassVar[bool] = False

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _leave_out(cls, data: Any) -> Any:
        if not cls.NOT_READ or not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if key not in cls.NOT_READ}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        made = handler.resolve_ref_schema(handler(core_schema))
        later = {"description": N_("of a later version: accepted and not read")}
        made["properties"] = made.get("properties", {}) | dict.fromkeys(cls.NOT_READ, later)
        return made

    @classmethod
    def keys(cls) -> dict[str, FieldInfo]:
        """Its fields, by the keys that a file has for them."""
        return {field.alias or name: field for name, field in cls.model_fields.items()}

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return []


def section_of(annotation: Any) -> type[Section] | None:
    """The only section inside a field or an annotation, if there is one."""
    if isinstance(annotation, FieldInfo):
        annotation = annotation.annotation
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    sections = [section for section in map(section_of, get_args(annotation)) if section]
    return sections[0] if len(sections) == 1 else None


def kinds_of(annotation: Any) -> dict[str, type[Section]]:
    """The sections between which `kind` decides, anywhere inside a field or an annotation."""
    if isinstance(annotation, FieldInfo):
        annotation = annotation.annotation
    arguments = get_args(annotation)
    kinds = {part.tag: arguments[0] for part in arguments if isinstance(part, Tag)}
    for argument in () if kinds else arguments:
        kinds |= kinds_of(argument)
    return kinds


def wrong(code: str, at: At = (), **facts: Any) -> PydanticCustomError:
    """An error for a validator to raise; `at` leads from the validated value to the wrong one.

    The wrong value itself is always the fact `found`: it may be a secret, and it is shown as the
    file has it.
    """
    return PydanticCustomError("ops", "{code}", {"code": code, "at": at, "facts": facts})


def words(code: str, **facts: Any) -> dict[str, Any]:
    """A fact that is put into words when it is read."""
    return {"code": code, "facts": facts}


def together(
    data: Any, read: ValidatorFunctionWrapHandler, broken_rules: Iterable[PydanticCustomError]
) -> Any:
    """What `read` makes of `data`; its problems and those of a rule are raised in one go."""
    found = [InitErrorDetails(type=error, input=data) for error in broken_rules]
    try:
        result = read(data)
    except ValidationError as error:
        found = [*map(_again, error.errors(include_url=False)), *found]
    if found:
        raise ValidationError.from_exception_data("", found)
    return result


def _again(details: ErrorDetails) -> InitErrorDetails:
    kind: str | PydanticCustomError = details["type"]
    context = details.get("ctx", {})
    if kind == "ops":
        kind = PydanticCustomError("ops", "{code}", context)
    return InitErrorDetails(type=kind, loc=details["loc"], input=details["input"], ctx=context)


def is_absolute(url: str) -> bool:
    """Whether `url` begins with a scheme."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", url) is not None


def _is_path(text: str) -> str:
    try:
        jmespath.compile(text)
    except (JMESPathError, RecursionError) as error:
        position = getattr(error, "lex_position", 0) + 1
        raise wrong("settings.jmespath", found=text, position=position) from None
    return text


def http_url(url: str) -> str:
    """`url`, when it is one that HTTP can use; raise what says that it is none."""
    try:
        parts = urlsplit(url)
        is_http = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_http = False
    if not is_http:
        raise wrong("settings.http_url", found=url)
    return url


def _local(text: str, info: ValidationInfo) -> str:
    if is_absolute(text):
        raise wrong("settings.not_local", found=text)
    try:
        path = Path((info.context or {})["folder"], Path(text).expanduser())
    except RuntimeError:  # ~nobody
        raise wrong("settings.no_path", found=text) from None
    if "\0" in text:
        raise wrong("settings.no_path", found=text)
    return os.path.normpath(path)  # a link stays: where it leads to changes with each deployment


def _zone_exists(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong("settings.timezone", found=name) from None
    return name


def _is_no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise wrong("settings.wrong", found=value, wanted=words("settings.wanted_number"))
    return value


def _time_of_day(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(_CLOCK, value):
        hour, minute = value.split(":")
        return time(int(hour), int(minute))
    raise wrong("settings.time_of_day", found=value)


_CLOCK = r"([01]?\d|2[0-3]):[0-5]\d"

NoFlag = BeforeValidator(_is_no_flag)
"""Stands last in the type of a number: YAML 1.1 reads `on` as true, which Python takes for 1."""
Whole = Annotated[int, NoFlag]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False), NoFlag]
JmesPath = Annotated[str, AfterValidator(_is_path)]
Zone = Annotated[str, AfterValidator(_zone_exists)]
HttpUrl = Annotated[
    str, AfterValidator(http_url), Field(json_schema_extra={"pattern": "^https?://"})
]
LocalPath = Annotated[str, Field(min_length=1), AfterValidator(_local)]
"""Absolute once read; a relative one starts from the service file."""
TimeOfDay = Annotated[
    time,
    BeforeValidator(
        _time_of_day, json_schema_input_type=Annotated[str, Field(pattern=f"^{_CLOCK}$")]
    ),
]
