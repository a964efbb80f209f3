"""A configuration as sense is judged: each mapping, with its keys under their first names."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops_pipelines.config.vocabulary import Kind, canonical, kind_of
from ops_pipelines.located_yaml import Path

_SECONDS = {"ms": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|sec|min|[smhd])(?:onds?|s|ours?|ays?|utes?)?")
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping: as it is written, its kind, and its value."""

    path: Path
    key: str
    kind: Kind | None
    value: Any


@dataclass(frozen=True, slots=True)
class Section:
    """One mapping of the document.

    Attributes:
        path: where it stands.
        entries: its keys, as they are written.
        data: its values by the first names of their keys; numbers that are text are numbers here.
        origin: where in the document the values of `data`, and those within them, stand.
    """

    path: Path
    entries: tuple[Entry, ...]
    data: Mapping[str, Any]
    origin: Mapping[Path, Path] = field(repr=False)


def sections(data: Any, path: Path = ()) -> Iterator[Section]:
    """Every mapping in `data`, the outer ones first."""
    if isinstance(data, dict):
        entries = tuple(
            Entry((*path, str(key)), str(key), kind_of(key), value) for key, value in data.items()
        )
        origin: dict[Path, Path] = {}
        yield Section(path, entries, _named(data, path, (), origin), origin)
    items = data.items() if isinstance(data, dict) else enumerate(data) if _is_list(data) else ()
    for key, value in items:
        inner = key if isinstance(key, int) and _is_list(data) else str(key)
        yield from sections(value, (*path, inner))


def last_name(path: Path) -> str:
    """The key that a value stands at; that of its list, for an item."""
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _named(value: Any, path: Path, at: Path, origin: dict[Path, Path]) -> Any:
    origin[at] = path
    match value:
        case dict():
            named: dict[str, Any] = {}
            for key, inner in sorted(value.items(), key=_first_names_last):
                name = canonical(key)
                named[name] = _named(inner, (*path, str(key)), (*at, name), origin)
            return named
        case list():
            return [_named(item, (*path, i), (*at, i), origin) for i, item in enumerate(value)]
    return plain(value, kind_of(at[-1]) if at else None)


def _first_names_last(item: tuple[Any, Any]) -> bool:
    """Where a key stands beside another name of the same, the first name has the last word."""
    return canonical(item[0]) == str(item[0])


def plain(value: Any, kind: Kind | None) -> Any:
    """`value`, or the number or flag that it is the text of, where `kind` is one of these."""
    if not isinstance(value, str) or kind is None:
        return value
    text = value.strip()
    if kind.name == "flag" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    is_duration = kind.name == "duration"
    if (kind.is_number or is_duration or kind.name == "size") and _NUMBER.fullmatch(text):
        return float(text) if re.search("[.eE]", text) else int(text)
    if is_duration and (found := _DURATION.fullmatch(text)):
        return float(found[1]) * _SECONDS[found[2]]
    return value


def _is_list(data: Any) -> bool:
    return isinstance(data, list)
