"""What all sections of a service file share: strictness, and the kinds of value that recur."""

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A mapping in a service file: frozen, without unknown keys, and silent about its values.

    Its `repr` shows no value, so that no log line or traceback can carry a secret out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def __repr_args__(self) -> list[tuple[str | None, Any]]:
        return []


def wrong(code: str, at: tuple[str | int, ...] = (), **facts: Any) -> PydanticCustomError:
    """An error for a validator to raise; `at` leads from the validated value to the wrong one."""
    return PydanticCustomError("ops", "{code}", {"code": code, "at": at, "facts": facts})


def _check_path(text: str) -> str:
    try:
        jmespath.compile(text)
    except JMESPathError as error:
        position = getattr(error, "lex_position", 0) + 1
        raise wrong("settings.jmespath", expression=text, position=position) from None
    return text


def _resolve(text: str, info: ValidationInfo) -> str:
    if "://" in text:
        return text
    return str(Path((info.context or {})["folder"], Path(text).expanduser()).resolve())


def _time_of_day(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", value):
        hour, minute = value.split(":")
        return time(int(hour), int(minute))
    raise wrong("settings.time_of_day", found=str(value))


Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Words = Annotated[tuple[str, ...], Field(min_length=1)]
JmesPath = Annotated[str, AfterValidator(_check_path)]
ResolvedPath = Annotated[str, AfterValidator(_resolve)]
"""A local path (absolute once read; relative ones start from the service file) or a URL."""
TimeOfDay = Annotated[
    time,
    BeforeValidator(_time_of_day, json_schema_input_type=str),
]
