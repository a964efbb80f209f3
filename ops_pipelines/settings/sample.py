"""A commented service file with every key there is, made from the models.

What is required stands in it; all else is commented out, with its default or an example.
"""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from datetime import time
from enum import StrEnum
from typing import Any, Literal, NamedTuple, get_args, get_origin
from unicodedata import east_asian_width

import yaml
from pydantic.fields import FieldInfo

from ops_pipelines.language import _
from ops_pipelines.messages import say
from ops_pipelines.settings.schema import schema
from ops_pipelines.settings.section import Section, kinds_of, section_of
from ops_pipelines.settings.service import Service

__all__ = ["sample", "schema"]

COLUMN = 40
WIDTH = 100


class _Line(NamedTuple):
    text: str
    comment: str


def sample() -> str:
    """The file's text, in the reader's language."""
    text = [f"# {line}" for line in _header()]
    for name, field in Service.keys().items():
        text += ["", *_rendered(_entry(name, field), "" if field.is_required() else "# ")]
    return "\n".join([*text, ""])


def _header() -> list[str]:
    later = _(", ").join(Service.NOT_READ)
    return [
        _("Every setting of a service. Made by `ops-pipelines settings sample`."),
        _("Copy it to services/NAME.yaml. What is commented out shows its default or an example;"),
        _("to set it, remove the “# ” before it, before its section, and before all it needs."),
        _("${NAME} and ${NAME:-default} come from the environment: secrets belong there."),
        _("Not read in this version: {keys}.").format(keys=later),
    ]


def _entry(name: str, field: FieldInfo, given: Any = None) -> Iterator[_Line]:
    """The lines of one key: itself, and what stands below it."""
    if inner := list(_inner(field)):
        yield _Line(f"{name}:", _(str(field.description)))
        yield from inner
    else:
        value = _example(field) if given is None else given
        yield _Line(f"{name}: {_flow(value)}", _comment(field, value))


def _inner(field: FieldInfo) -> Iterator[_Line]:
    """What stands below a key: a section, or a list with an item of each kind."""
    section, items = section_of(field), list(kinds_of(field).values())
    if section and section.IS_BRIEF:
        return
    if section and get_origin(field.annotation) is tuple:
        items = [section]
    elif section:
        yield from _indented(_lines(section), "  ")
    for item in items:
        first, *others = _lines(item, item.SAMPLE)
        yield _Line(f"  - {first.text}", first.comment)
        yield from _indented(others, "    ")


def _lines(section: type[Section], given: Mapping[str, Any] | None = None) -> Iterator[_Line]:
    for name, field in section.keys().items():
        yield from _entry(name, field, (given or {}).get(name))


def _indented(lines: Iterable[_Line], by: str) -> Iterator[_Line]:
    return (_Line(by + line.text, line.comment) for line in lines)


def _example(field: FieldInfo) -> Any:
    if field.examples:
        return field.examples[0]
    return get_args(field.annotation)[0] if field.is_required() else _default(field)


def _default(field: FieldInfo) -> Any:
    if field.is_required():
        return None
    return _as_written(field.get_default(call_default_factory=True))


def _as_written(value: Any) -> Any:
    """A value as a service file has it."""
    if isinstance(value, Section):
        return value.model_dump(exclude_unset=True, by_alias=True)
    return [_as_written(item) for item in value] if isinstance(value, tuple) else value


def _comment(field: FieldInfo, value: Any) -> str:
    parts = [_(str(field.description))]
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    if len(choices) > 1:
        parts.append(say("settings.wanted_one_of", {"expected": choices}))
    default = _default(field)
    if default not in (None, "", {}, value):
        parts.append(_("default: {default}").format(default=_flow(default)))
    return _("; ").join(parts)


def _flow(value: Any) -> str:
    """`value` as YAML in one line."""
    if isinstance(value, time):
        return f'"{value:%H:%M}"'
    if isinstance(value, StrEnum):
        return str(value)
    text = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False
    )
    return text.removesuffix("...\n").strip()


def _rendered(lines: Iterator[_Line], before: str) -> Iterator[str]:
    """Lines with their comments beside them, or above them where there is no room."""
    for line in lines:
        text, comment = before + line.text, f"# {line.comment}"
        beside = text + " " * (COLUMN - _width(text)) + comment
        if _width(text) < COLUMN and _width(beside) <= WIDTH:
            yield beside
            continue
        indent = before + " " * (len(line.text) - len(line.text.lstrip()))
        yield indent + comment if indent != before else comment
        yield from textwrap.wrap(text, WIDTH, subsequent_indent=f"{indent}  ")


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
