"""Values of log lines: where they stand, and what they are as a name or as a number."""

import math
from collections.abc import Iterable, Mapping
from typing import Any


def label(value: Any) -> str | None:
    """A value by whose name lines are counted; None when it names nothing."""
    match value:
        case str():
            return value or None
        case bool():
            return str(value).lower()
        case int():
            return _whole(value)
        case float():
            return repr(value)
    return None


def number(value: Any) -> float:
    """A value as a number, be it written as text; NaN when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


def _whole(value: int) -> str:
    try:
        return str(value)
    except ValueError:  # more digits than Python writes
        return "…"


def fields_of(record: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The value at each of `paths` that `record` has; null is as good as nothing."""
    found = {}
    for path in paths:
        value = record.get(path)
        if value is None and "." in path:
            value = value_at(record, path)
        if value is not None:
            found[path] = value
    return found


def value_at(record: Any, path: str) -> Any:
    """What stands at a dotted path; the longest literal key that has something wins."""
    if not isinstance(record, dict):
        return None
    end = len(path)
    while end > 0:
        inner, rest = record.get(path[:end]), path[end + 1 :]
        if (found := value_at(inner, rest) if rest else inner) is not None:
            return found
        end = path.rfind(".", 0, end)
    return None
