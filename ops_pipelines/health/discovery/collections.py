"""Finds in a JSON body the collections of components that bear verdicts of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops_pipelines.health.discovery import entries as of_entries
from ops_pipelines.health.discovery import verdicts, words
from ops_pipelines.health.discovery.places import (
    Place,
    holds,
    is_below,
    mapping,
    path,
    quoted,
    walk,
)
from ops_pipelines.health.discovery.verdicts import Verdict

# Keys under which components stand, the best first: of two that hold the same, it is taken.
_NAMES = (
    *("details", "components", "checks", "services", "dependencies", "entries", "subsystems"),
    *("modules", "nodes", "workers", "containers", "endpoints", "backends", "models", "providers"),
    *("status", "health", "results", "组件", "服务", "模块", "检查", "依赖"),
)
_OF_EITHER_KIND = "conditions"
"""Kubernetes' conditions: of some true is good, of others bad."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Components that one expression reads.

    Attributes:
        place: where they stand.
        reads: the places whose values it reads, so that nobody else need read them.
        given: the JMESPath that a check reads them with.
        said: what each says now.
        names: what they are called.
        fields: where each keeps its fields, as a check has it; only what differs from the defaults.
        is_deep: whether they report parts of their own, which it does not read.
    """

    place: Place
    reads: tuple[Place, ...]
    given: str
    said: tuple[Verdict, ...]
    names: tuple[str, ...]
    fields: Mapping[str, str] = field(default_factory=dict)
    is_deep: bool = False


def find(document: Any) -> list[Collection]:
    """The collections of `document`, the outer ones first."""
    found: list[Collection] = []
    for place, value in walk(document):
        if not is_below(place, [read for one in found for read in one.reads]):
            collection = _at(place, value)
            found += [collection] if collection else []
    return found


def best(found: Sequence[Collection]) -> list[Collection]:
    """Those of `found` which together report all: of two with the same components only one."""
    return [one for one in found if not any(_is_in(one, other) for other in found)]


def _is_in(one: Collection, other: Collection) -> bool:
    """Whether `other` reports all that `one` does, and is the better one."""
    if one is other or len(one.place) != len(other.place) or not set(one.names) <= set(other.names):
        return False
    return set(one.names) < set(other.names) or _rank(other.place) < _rank(one.place)


def _rank(place: Place) -> int:
    last = (words.key_words(place[-1]) or [""])[-1] if place else ""
    return _NAMES.index(last) if last in _NAMES else len(_NAMES)


def _is_named(place: Place) -> bool:
    return _rank(place) < len(_NAMES)


def is_name(key: str) -> bool:
    """Whether a key is one under which components stand."""
    return _is_named((key,))


def _at(place: Place, value: Any) -> Collection | None:
    """The collection that stands at `place`, if one does."""
    if place and place[-1] == _OF_EITHER_KIND:
        return None
    match value:
        case list() if value and _are_mappings(value):
            return _listed(place, path(place), value)
        case dict() if sides := _sides(value):
            return _two_lists(place, value, sides)
        case dict() if len(value) > 1 or (value and _is_named(place)):
            return _mapped(place, value)
    return None


def _are_mappings(values: Sequence[Any]) -> bool:
    return all(isinstance(value, dict) for value in values)


def _listed(place: Place, given: str, entries: Sequence[dict[str, Any]]) -> Collection | None:
    said = _verdicts(place, entries)
    if not said:
        return None
    key, names = of_entries.name_key(entries), tuple(of_entries.names(entries))
    named = {"name": quoted(key)} if key not in (None, "name") else {}
    fields = named | of_entries.fields(entries, said[0].given)
    return Collection(place, (place,), given, tuple(said), names, fields, _is_deep(entries))


def _mapped(place: Place, found: Mapping[str, Any]) -> Collection | None:
    """Components whose names are keys."""
    values = list(found.values())
    if _are_mappings(values):
        said = _verdicts(place, values)
        if said:
            fields, is_deep = of_entries.fields(values, said[0].given), _is_deep(values)
            here, names = path(place), tuple(found)
            return Collection(place, (place,), here, tuple(said), names, fields, is_deep)
    are_lists = all(isinstance(value, list) and value and _are_mappings(value) for value in values)
    if are_lists and _OF_EITHER_KIND not in found:
        entries = [entry for value in values for entry in value]
        return _listed(place, f"{path(place)}.*[]", entries)
    return _plain(place, found) if place else None


def _is_deep(entries: Sequence[dict[str, Any]]) -> bool:
    return any(find(entry) for entry in entries)


def _plain(place: Place, found: Mapping[str, Any]) -> Collection | None:
    """Components each of which is a plain word, or a truth value where the key promises one."""
    said = []
    for key, value in found.items():
        status = words.meaning(value) if isinstance(value, str | bool) else None
        if status is None or _is_no_name(key):
            return None
        said.append(Verdict((*place, key), "@", value, status))
    are_words = not any(words.flag(verdict.word) is not None for verdict in said)
    if not (_is_named(place) or (are_words and len(said) > 1)):
        return None
    return Collection(place, (place,), path(place), tuple(said), tuple(found))


def _is_no_name(key: str) -> bool:
    """Whether a key speaks of health or of something else, instead of naming a component."""
    is_about_health = words.is_trouble(key) or words.rank(key) is not None
    return is_about_health or words.is_of_something_else(key)


def _verdicts(place: Place, entries: Sequence[dict[str, Any]]) -> list[Verdict]:
    """The verdict of each entry, all at the same place in it; empty where there is none."""
    by_entry = [
        {v.given: v for v in verdicts.find(entry, ()) if v.given == path(v.place)}
        for entry in entries
    ]
    options = {given: v for found in reversed(by_entry) for given, v in found.items()}

    def told(option: Verdict) -> int:
        return sum(option.given in found and found[option.given].is_clear for found in by_entry)

    def is_good(option: Verdict) -> bool:
        there = sum(holds(entry, option.place) for entry in entries)
        is_told = told(option) > 0 or (option.rank is not None and _is_named(place))
        return is_told and (
            there == len(entries) or (_is_named(place) and 2 * there >= len(entries))
        )

    good = [option for option in options.values() if is_good(option)]
    if not good:
        return []
    best = min(good, key=lambda v: (-told(v), v.rank is None, len(v.place), v.rank or 0))
    return [found[best.given] for found in by_entry if best.given in found]


def _sides(found: Mapping[str, Any]) -> tuple[str, str] | None:
    """The keys of two lists: of what is well, and of what is not."""
    for well, ill in verdicts.pairs(found):
        if isinstance(found[well], list) and isinstance(found[ill], list):
            return well, ill
    return None


def _two_lists(place: Place, found: Mapping[str, Any], sides: tuple[str, str]) -> Collection:
    entries = [entry for side in sides for entry in found[side]]
    mappings = [entry for entry in entries if isinstance(entry, dict)]
    key = of_entries.name_key(mappings)
    name = quoted(key) if key else "@"
    if not entries:  # what they are called can only be guessed
        name = "model || name || id"
    well = {"name": name, "status": "'healthy'"}
    ill = {"name": name, "status": "'unhealthy'"} | ({} if name == "@" else {"error": "error"})
    halves = [
        f"{path((*place, side))}[].{mapping(entry)}"
        for side, entry in zip(sides, (well, ill), strict=True)
    ]
    said = [
        Verdict(place, "status", status, words.meaning(status))
        for side, status in zip(sides, ("healthy", "unhealthy"), strict=True)
        for _ in found[side]
    ]
    names = of_entries.names(mappings) if mappings else map(str, entries)
    reads = [(*place, side) for pair in verdicts.pairs(found) for side in pair]
    given = f"[{', '.join(halves)}][]"
    return Collection(place, tuple(reads), given, tuple(said), tuple(names))
