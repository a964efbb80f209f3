"""What a line means, ready for use: which key is which field, and what makes a request or error.

Made once from the settings (`planning`); what is judged of a value here is judged the same
everywhere.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from ops_pipelines.logs import levels
from ops_pipelines.logs.values import label, number

DIMENSIONS = ("endpoint", "provider", "model", "error_type")
"""The labels by which lines are counted."""
SECONDS = ("response_time", "first_token_seconds")
AMOUNTS = ("tokens_input", "tokens_output", "batch_size", "batch_limit", "in_flight")
NUMBERS = (*SECONDS, *AMOUNTS)
FIELDS = (
    *("timestamp", "level", "message", *DIMENSIONS, "method", "status"),
    *(*NUMBERS, "cache_hit", "request_hash"),
)

REQUEST, ERROR, LOAD, HIT, MISS = 1, 2, 4, 8, 16
"""What a value can say of its line: it is a request, an error, and one that load causes; a cache
answered, or did not."""

# Errors that come with too much work at once: they go away when there is less of it.
_LOAD_STATUSES = {408, 425, 429, 502, 503, 504, 529}
_LOAD_WORDS = re.compile(
    r"time[-_ ]?(?:d[-_ ]?)?out|deadline|rate[-_ ]?limit|too[-_ ]?many|throttl|overload|capacity"
    r"|queue|busy|unavailable|pool|quota|out[-_ ]?of[-_ ]?memory|memoryerror|\boom\b"
    r"|\b(?:408|425|429|502|503|504|529)\b|超时|限流|过载|繁忙|队列|内存不足",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What the value at `path` may be, so that its line gets `flag`."""

    path: str
    flag: int
    kind: str
    operand: Any = None

    def holds(self, value: Any) -> bool:
        """Whether it holds for `value`; None is what is not there."""
        return _HOLDS[self.kind](value, self.operand)


@dataclass(frozen=True)
class Plan:
    """How lines are read.

    Attributes:
        paths: the path of each field.
        scales: by what each duration is multiplied to be in seconds.
        timestamp_unit: that of timestamps that are numbers; None where their size tells it.
        zone: that of timestamps without an offset.
    """

    paths: Mapping[str, str]
    scales: Mapping[str, float]
    criteria: tuple[Criterion, ...]
    zone: ZoneInfo
    slow_seconds: float = 5.0
    timestamp_unit: str | None = None
    timestamp_format: str | None = None
    pattern: re.Pattern[str] | None = None

    @cached_property
    def criteria_by_path(self) -> dict[str, tuple[Criterion, ...]]:
        """The criteria of each path that has any."""
        found: dict[str, list[Criterion]] = {}
        for criterion in self.criteria:
            found.setdefault(criterion.path, []).append(criterion)
        return {path: tuple(criteria) for path, criteria in found.items()}

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """Every path that a rollup needs, each once."""
        fields = ("timestamp", *DIMENSIONS, *NUMBERS, "request_hash")
        wanted = [*(self.paths[name] for name in fields), *self.criteria_by_path]
        return tuple(dict.fromkeys(wanted))

    def flags(self, path: str, value: Any) -> int:
        """What `value` at `path` says of its line."""
        found = 0
        for criterion in self.criteria_by_path.get(path, ()):
            if criterion.holds(value):
                found |= criterion.flag
        return found


def word(value: Any) -> str | None:
    """A value as `in` compares it: 200, 200.0 and "200" are the same."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = label(value)
    return text.strip().lower() if text else None


def _is_load(value: Any, _: Any) -> bool:
    if isinstance(value, str) and not value.strip().isdecimal():
        return _LOAD_WORDS.search(value) is not None
    return number(value) in _LOAD_STATUSES


_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "contains": lambda value, needle: isinstance(value, str) and needle in value.lower(),
    "present": lambda value, wanted: (value is not None) is wanted,
    "at_least": lambda value, least: number(value) >= least,
    "level": lambda value, least: (levels.rank(value) or 0) >= least,
    "in": lambda value, words: word(value) in words,
    "load": _is_load,
}
