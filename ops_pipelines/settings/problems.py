"""Turns what pydantic found into problems that an operator can act on."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ops_pipelines.located_yaml import Located, Path
from ops_pipelines.redaction import redact
from ops_pipelines.report import Problem
from ops_pipelines.settings.section import Section, kinds_of, section_of, words

LONGEST = 60
# pydantic's error types (their beginning; the longest counts) and what we say was wanted instead.
_WANTED = {
    "string": "settings.wanted_text",
    "int": "settings.wanted_whole",
    "float": "settings.wanted_number",
    "finite_number": "settings.wanted_number",
    "bool": "settings.wanted_flag",
    "dict": "settings.wanted_mapping",
    "model": "settings.wanted_mapping",
    "list": "settings.wanted_list",
    "tuple": "settings.wanted_list",
    "literal_error": "settings.wanted_one_of",
    "enum": "settings.wanted_one_of",
    "greater_than_equal": "settings.wanted_at_least",
    "greater_than": "settings.wanted_more_than",
    "less_than_equal": "settings.wanted_at_most",
    "less_than": "settings.wanted_less_than",
    "string_too_short": "settings.wanted_not_empty",
    "string_too_long": "settings.wanted_shorter",
    "string_pattern_mismatch": "settings.wanted_pattern",
    "too_short": "settings.wanted_an_item",
}
_ABOUT_KEYS = {"settings.unknown_key", "settings.unknown_key_near", "settings.key_not_text"}


def from_validation(
    error: ValidationError, model: type[Section], located: Located, written: Mapping[Path, str]
) -> list[Problem]:
    """Every problem of `error`, at its place in the file.

    A value that came from the environment is shown as it is `written`.
    """
    return [
        _problem(details, model, located, written)
        for details in error.errors(include_url=False)
        # pydantic calls a list whose items are all wrong too short as well
        if not (details["type"] == "too_short" and details["input"])
    ]


def _problem(
    details: ErrorDetails, model: type[Section], located: Located, written: Mapping[Path, str]
) -> Problem:
    location = [part for part in details["loc"] if part != "[key]"]
    path, section = _walk(location, model, located.data)
    if details["type"] == "extra_forbidden":
        _, section = _walk(location[:-1], model, located.data)
    on, code, facts = _said(details, section)
    path = (*path[:-1], *on) if code in _ABOUT_KEYS else (*path, *on)
    if "found" in facts:
        facts["found"] = shown(written.get(path, facts["found"]))
    return located.problem(code, path, at_key=code in _ABOUT_KEYS, **facts)


def _said(details: ErrorDetails, section: Any) -> tuple[Path, str, dict[str, Any]]:
    """What leads on to the wrong value (or the wrong key itself), the code, and the facts."""
    kind, location, value = details["type"], details["loc"], details["input"]
    context = details.get("ctx", {})
    match kind:
        case "ops":
            return tuple(context["at"]), context["code"], dict(context["facts"])
        case "missing":
            return (), "settings.missing", {}
        case "extra_forbidden":
            return (str(location[-1]),), *_unknown_key(str(location[-1]), section)
        case "union_tag_invalid" | "union_tag_not_found":
            one_of = words("settings.wanted_one_of", expected=list(kinds_of(section)))
            return ("kind",), "settings.wrong", {"found": value["kind"], "wanted": one_of}
    if kind == "invalid_key" or location[-1] == "[key]":
        return (str(value),), "settings.key_not_text", {"key": _key(value)}
    return (), "settings.wrong", {"found": value, "wanted": _wanted(kind, context)}


def _walk(location: Sequence[str | int], model: type[Section], data: Any) -> tuple[Path, Any]:
    """The path in the file and the part of the model to which pydantic's `location` leads.

    It holds parts that are not of the file: the tags of unions, and which member was tried.
    """
    path: list[str | int] = []
    section: Any = model
    for index, part in enumerate(location):
        is_last = index == len(location) - 1
        if member := kinds_of(section).get(str(part)):
            section = member
            continue
        if isinstance(data, list) and isinstance(part, int) and part < len(data):
            path.append(part)
            data = data[part]
            continue
        if isinstance(data, dict) and (part in data or is_last):
            path.append(str(part))
            data = data.get(part)
            section = _field(section, str(part))
    return tuple(path), section


def _field(section: Any, name: str) -> Any:
    """What stands at `name` in a section: the model of another section, or a field."""
    field = section.keys().get(name) if _is_section(section) else None
    return section_of(field) or field


def _is_section(section: Any) -> bool:
    return isinstance(section, type) and issubclass(section, Section)


def _unknown_key(key: str, section: Any) -> tuple[str, dict[str, Any]]:
    known = [*section.keys(), *section.NOT_READ]
    near = difflib.get_close_matches(key.lower(), known, n=1, cutoff=0.6)
    if near:
        return "settings.unknown_key_near", {"key": _key(key), "near": near[0]}
    return "settings.unknown_key", {"key": _key(key), "known": known}


def shown(value: Any) -> Any:
    """A value as a message shows it: short, with secrets masked, or what it is."""
    match value:
        case None:
            return words("settings.found_nothing")
        case dict():
            return words("settings.found_mapping")
        case []:
            return words("settings.found_empty_list")
        case list():
            return words("settings.found_list")
        case bool():
            return str(value).lower()
    text = _printable(redact(str(value)))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _key(value: Any) -> Any:
    """A key as a message shows it, whatever YAML made of it."""
    return "null" if value is None else shown(value)


def _wanted(kind: str, context: dict[str, Any]) -> dict[str, Any] | str:
    """What we have for the longest beginning of `kind`, with pydantic's bounds as facts."""
    names = sorted((name for name in _WANTED if kind.startswith(name)), key=len)
    if not names:
        return kind
    facts = {
        name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()
    }
    if "expected" in facts:
        facts["expected"] = facts["expected"].replace("'", "").replace(" or ", ", ").split(", ")
    return words(_WANTED[names[-1]], **facts)
