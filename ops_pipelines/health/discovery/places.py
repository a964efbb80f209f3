"""Where values stand in a JSON document, as the JMESPath that a service file needs."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Place = tuple[str, ...]
MOST_LEVELS = 3
MOST_PLACES = 200
LONGEST = 100


def path(place: Place) -> str:
    """The JMESPath to `place`; `@` for the document itself."""
    return ".".join(map(quoted, place)) or "@"


def quoted(key: str) -> str:
    """`key` as JMESPath wants it."""
    is_plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", key) is not None
    return key if is_plain else json.dumps(key, ensure_ascii=False)


def mapping(entries: Mapping[str, str]) -> str:
    """A JMESPath that makes a mapping of names to what other paths give."""
    return "{" + ", ".join(f"{quoted(name)}: {given}" for name, given in entries.items()) + "}"


def is_writable(text: str) -> bool:
    """Whether a text of the service's may stand in a service file: printable, and no reference."""
    return len(text) <= LONGEST and text.isprintable() and "${" not in text


def walk(document: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every value in nested mappings with its place, the outer ones first; not inside of lists."""
    level = [(place, document)]
    for _ in range(MOST_LEVELS + 1):
        yield from level[:MOST_PLACES]
        level = [
            ((*above, key), value)
            for above, item in level[:MOST_PLACES]
            if isinstance(item, dict)
            for key, value in item.items()
            if is_writable(key)
        ]


def is_below(place: Place, others: Iterable[Place]) -> bool:
    """Whether `place` is one of `others`, or stands inside one."""
    return any(place[: len(other)] == other for other in others)


def holds(document: Any, place: Place) -> bool:
    """Whether `document` has a value at `place`, be it null."""
    for key in place:
        if not isinstance(document, dict) or key not in document:
            return False
        document = document[key]
    return True
