"""Turns what pydantic found into problems that an operator can act on."""

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, Tag, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from ops_pipelines.language import N_, _
from ops_pipelines.located_yaml import Located, Path, dotted
from ops_pipelines.report import Problem

# pydantic's error types (their common beginning) and what we say was wanted instead.
_WANTED = {
    "string": N_("text"),
    "int": N_("a whole number"),
    "float": N_("a number"),
    "finite_number": N_("a number"),
    "bool": N_("true or false"),
    "dict": N_("a mapping"),
    "model": N_("a mapping"),
    "list": N_("a list"),
    "tuple": N_("a list"),
    "literal_error": N_("one of {expected}"),
    "greater_than_equal": N_("at least {ge}"),
    "greater_than": N_("more than {gt}"),
    "less_than_equal": N_("at most {le}"),
    "less_than": N_("less than {lt}"),
    "string_too_short": N_("text that is not empty"),
    "string_too_long": N_("at most {max_length} characters"),
    "string_pattern_mismatch": N_("text that matches {pattern}"),
    "too_short": N_("at least one item"),
}


def from_validation(
    error: ValidationError, model: type[BaseModel], located: Located
) -> list[Problem]:
    """Every problem of `error`, at its place in the file, in the order of the file."""
    found = error.errors(include_url=False)
    problems = [
        _problem(details, model, located)
        for details in found
        # pydantic calls a list whose items are all wrong too short as well
        if not (details["type"] == "too_short" and details["input"])
    ]
    return sorted(problems, key=lambda problem: (problem.line, problem.column))


def _problem(details: ErrorDetails, model: type[BaseModel], located: Located) -> Problem:
    path = _data_path(details["loc"], located.data)
    kind, context = details["type"], details.get("ctx", {})
    place = located.place_of_value(path)
    if kind == "ops":
        path += tuple(context["at"])
        place = located.place_of_value(path)
        code, facts = context["code"], context["facts"]
    elif kind == "missing":
        place = located.place_of_value(path[:-1])
        code, facts = "settings.missing", {}
    elif kind == "extra_forbidden":
        place = located.place_of_key(path)
        code, facts = _unknown_key(str(path[-1]), _known_keys(model, details["loc"][:-1]))
    elif kind == "union_tag_invalid":
        path += ("kind",)
        place = located.place_of_value(path)
        wanted = _("one of {expected}").format(expected=context["expected_tags"])
        code, facts = "settings.wrong", {"found": context["tag"], "wanted": wanted}
    else:
        code, facts = (
            "settings.wrong",
            {
                "found": _found(details["input"]),
                "wanted": _wanted(kind, context),
            },
        )
    return Problem(code, located.file, place.line, place.column, dotted(path), facts={**facts})


def _data_path(location: Sequence[str | int], data: Any) -> Path:
    """`location` without the parts that are pydantic's own (the tags of unions)."""
    path: list[str | int] = []
    for index, part in enumerate(location):
        is_last = index == len(location) - 1
        if isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        elif isinstance(data, dict) and (part in data or is_last):
            data = data.get(part)
        else:
            continue
        path.append(part)
    return tuple(path)


def _unknown_key(key: str, known: list[str]) -> tuple[str, dict[str, Any]]:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
    if near:
        return "settings.unknown_key_near", {"key": key, "near": near[0]}
    return "settings.unknown_key", {"key": key, "known": known}


def _known_keys(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """The keys of the section at `location`, a path of pydantic's with its tags."""
    section: Any = model
    for part in location:
        if isinstance(section, type) and issubclass(section, BaseModel):
            section = section.model_fields.get(str(part))
        elif tagged := [found for tag, found in _tagged(section) if tag == part]:
            section = tagged[0]
        section = _section(section) or section
    return list(section.model_fields) if hasattr(section, "model_fields") else []


def _section(annotation: Any) -> type[BaseModel] | None:
    """The only model inside an annotation, if there is one."""
    if isinstance(annotation, FieldInfo):
        annotation = annotation.annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    models = [model for model in map(_section, get_args(annotation)) if model]
    return models[0] if len(models) == 1 else None


def _tagged(annotation: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """The members of a tagged union anywhere inside an annotation."""
    if isinstance(annotation, FieldInfo):
        annotation = annotation.annotation
    arguments = get_args(annotation)
    tags = [argument.tag for argument in arguments if isinstance(argument, Tag)]
    if tags:
        yield tags[0], arguments[0]
        return
    for argument in arguments:
        yield from _tagged(argument)


def _found(value: Any) -> str:
    match value:
        case None:
            return _("nothing")
        case dict():
            return _("a mapping")
        case list():
            return _("a list")
        case bool():
            return str(value).lower()
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _wanted(kind: str, context: dict[str, Any]) -> str:
    """The longest beginning of `kind` that we have words for, filled with pydantic's bounds."""
    names = sorted((name for name in _WANTED if kind.startswith(name)), key=len)
    if not names:
        return kind
    numbers = {
        name: f"{value:g}" if isinstance(value, float) else str(value).replace(" or ", ", ")
        for name, value in context.items()
    }
    return _(_WANTED[names[-1]]).format(**numbers)
