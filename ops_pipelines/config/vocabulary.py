"""The words of RAG/LLM configurations: what a key is called, what it may hold, what was meant.

The knowledge stands in `rules/structure.yaml`; teams cannot add to it, they write a JSON Schema.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import yaml

SHORTEST, SHORTEST_TAIL, SHORTEST_WORD = 3, 4, 6
# A key that begins so says whether, and not what: maximize_top_k.
_VERBS = ("use_", "is_", "has_", "allow_", "maximize_", "auto_", "no_", "show_", "with_", "skip_")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: its name and the JSON Schema that judges it."""

    name: str
    schema: Mapping[str, Any]

    @property
    def is_number(self) -> bool:
        """Whether it holds a number and no text."""
        kinds = set(self.schema["type"])
        return bool(kinds & {"number", "integer"}) and "string" not in kinds


@dataclass(frozen=True, slots=True)
class Legacy:
    """What replaced a key of earlier versions."""

    now: str
    source: str


def load(name: str) -> Any:
    """A data file of `rules/`."""
    return yaml.safe_load((files("ops_pipelines.config") / "rules" / name).read_text("utf-8"))


def normal(key: Any) -> str:
    """`key` in small letters with `_` between words: `maxTokens` and `MAX-TOKENS` are one."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(key))
    return re.sub(r"[-.\s_]+", "_", text).strip("_$").lower()


def canonical(key: Any) -> str:
    """The first of all names of the thing that `key` stands for."""
    name = normal(key)
    word = _by_letters().get(name.replace("_", ""), name)
    return _names().get(word, word)


def kind_of(key: Any) -> Kind | None:
    """What the value of `key` is, where that is known."""
    keys, ends = _kinds()
    name = canonical(key)
    if name in keys:
        return keys[name]
    if name in _words():
        return None
    if name.startswith(_VERBS):
        return None
    return next((kind for end, kind in ends.items() if name.endswith(end)), None)


def legacy(key: Any) -> Legacy | None:
    """What replaced `key`, if it is of an earlier version."""
    found = _structure()["legacy"].get(normal(key))
    return Legacy(**found) if found else None


def is_known(key: Any) -> bool:
    """Whether `key` is a word of such configurations."""
    return kind_of(key) is not None or normal(key).replace("_", "") in _by_letters()


@cache
def meant(key: str) -> str | None:
    """The known key that `key` looks like a misspelling of; of a longer key its end may be."""
    name = normal(key)
    if is_known(name) or len(name) < SHORTEST:
        return None
    for start in _starts(name):
        tail = name[start:]
        if tail.replace("_", "") in _by_letters():
            return None
        if start and len(tail) < SHORTEST_TAIL:
            continue
        near = [word for word in _keys() if is_misspelled(tail, word)]
        near = near or [word for word in _long_words() if is_mistyped(tail, word)]
        if near:
            return name[:start] + min(near, key=lambda word: (abs(len(word) - len(tail)), word))
    return None


@cache
def _long_words() -> frozenset[str]:
    return frozenset(word for word in _words() if len(word) >= SHORTEST_WORD)


def is_misspelled(written: str, word: str) -> bool:
    """Whether one slip makes `written` of `word`: a letter lost, added, swapped or another."""
    if abs(len(written) - len(word)) > 1 or _singular(written) == _singular(word):
        return False
    if not set(written.split("_")).isdisjoint(_words() - set(word.split("_"))):
        return False  # another word of ours, such as content_size beside context_size
    pairs = enumerate(zip(written, word, strict=False))
    start = next((at for at, (a, b) in pairs if a != b), min(len(written), len(word)))
    a, b = written[start:], word[start:]
    is_swapped = a[:2] == b[1::-1] and a[2:] == b[2:]
    is_other = len(a) == len(b) and a[1:] == b[1:]
    return is_swapped or a[1:] == b or a == b[1:] or is_other


def is_mistyped(written: str, word: str) -> bool:
    """Whether fingers made `written` of `word`: a letter inside it lost, doubled or swapped.

    Other slips make words of words (stored, stores; states, stages), and are none where a word is
    only one of many.
    """
    if written[:1] != word[:1] or written[-1:] != word[-1:] or not is_misspelled(written, word):
        return False
    if len(written) > len(word):
        return any(a == b for a, b in pairwise(written)) and _once(written) == _once(word)
    return len(written) < len(word) or sorted(written) == sorted(word)


def _once(word: str) -> str:
    """`word` with no letter twice in a row."""
    return re.sub(r"(.)\1", r"\1", word)


def _singular(word: str) -> str:
    return re.sub("s(?=_|$)", "", word)


def _starts(name: str) -> list[int]:
    return [0, *(found.end() for found in re.finditer("_", name))]


@cache
def _structure() -> Any:
    return load("structure.yaml")


@cache
def _kinds() -> tuple[dict[str, Kind], dict[str, Kind]]:
    keys: dict[str, Kind] = {}
    ends: dict[str, Kind] = {}
    for name, found in _structure()["kinds"].items():
        kind = Kind(name, found["schema"])
        keys |= dict.fromkeys(found["keys"], kind)
        ends |= dict.fromkeys(found.get("ends", ()), kind)
    return keys, dict(sorted(ends.items(), key=lambda end: -len(end[0])))


@cache
def _names() -> dict[str, str]:
    """Every other name, and the first one."""
    return {name: first for first, names in _structure()["names"].items() for name in names}


@cache
def _keys() -> frozenset[str]:
    """The keys that may be meant: those whose values or roles are known."""
    return frozenset({*_kinds()[0], *_names(), *_structure()["names"]})


@cache
def _by_letters() -> dict[str, str]:
    """Every known word, by its letters alone: `chunksize` is chunk_size."""
    return {word.replace("_", ""): word for word in sorted(_words(), reverse=True)}


@cache
def _words() -> frozenset[str]:
    return _keys() | set(_structure()["words"].split()) | set(_structure()["legacy"])
