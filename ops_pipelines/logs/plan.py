"""What a line means, ready for use: which key is which field, and what makes a request or error.

Made once from the settings; what is judged of a value here is judged the same everywhere.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from ops_pipelines.logs import levels
from ops_pipelines.settings.line_reading import Condition, LineReading, Measured
from ops_pipelines.settings.line_reading import Level as LevelName

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

_PER_UNIT = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_LEVELS: dict[LevelName, int] = {
    "trace": levels.TRACE, "debug": levels.DEBUG, "info": levels.INFO,
    "warning": levels.WARNING, "error": levels.ERROR, "critical": levels.CRITICAL,
}  # fmt: skip
# Errors that come with too much work at once: they go away when there is less of it.
_LOAD_STATUSES = {408, 425, 429, 502, 503, 504, 529}
_LOAD_WORDS = re.compile(
    r"time[-_ ]?(?:d[-_ ]?)?out|deadline|rate[-_ ]?limit|too[-_ ]?many|throttl|overload|capacity"
    r"|queue|busy|unavailable|pool|quota|out[-_ ]?of[-_ ]?memory|memoryerror|\boom\b"
    r"|\b(?:408|425|429|502|503|504|529)\b|超时|限流|过载|繁忙|队列|内存不足",
    re.IGNORECASE,
)
_YES, _NO = {"true", "yes", "1", "hit"}, {"false", "no", "0", "miss"}


@dataclass(frozen=True, slots=True)
class Test:
    """A test of the value at `path`; where it holds, the line gets `flag`."""

    path: str
    flag: int
    kind: str
    operand: Any = None

    def holds(self, value: Any) -> bool:
        """Whether it holds for `value`; None is what is not there."""
        return _TESTS[self.kind](value, self.operand)


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
    tests: tuple[Test, ...]
    zone: ZoneInfo
    slow_seconds: float = 5.0
    timestamp_unit: str | None = None
    timestamp_format: str | None = None
    pattern: re.Pattern[str] | None = None

    @cached_property
    def tests_by_path(self) -> dict[str, tuple[Test, ...]]:
        """The tests of each path that has any."""
        found: dict[str, list[Test]] = {}
        for test in self.tests:
            found.setdefault(test.path, []).append(test)
        return {path: tuple(tests) for path, tests in found.items()}

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """Every path that a rollup needs, each once."""
        fields = ("timestamp", *DIMENSIONS, *NUMBERS, "request_hash")
        wanted = [*(self.paths[name] for name in fields), *self.tests_by_path]
        return tuple(dict.fromkeys(wanted))

    def flags(self, path: str, value: Any) -> int:
        """What `value` at `path` says of its line."""
        found = 0
        for test in self.tests_by_path.get(path, ()):
            if test.holds(value):
                found |= test.flag
        return found


def make(reading: LineReading, zone: ZoneInfo, slow_seconds: float = 5.0) -> Plan:
    """The plan by which `reading` wants lines to be read."""
    places = reading.fields.places
    units = {name: place.unit for name, place in places.items() if isinstance(place, Measured)}
    paths = {name: places[name].path if name in places else name for name in FIELDS}
    return Plan(
        paths=paths,
        scales={name: _PER_UNIT[units.get(name) or "s"] for name in SECONDS},
        tests=tuple(_tests(reading, paths)),
        zone=zone,
        slow_seconds=slow_seconds,
        timestamp_unit=units.get("timestamp"),
        timestamp_format=reading.timestamp_format,
        pattern=re.compile(reading.pattern) if reading.pattern else None,
    )


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


def _tests(reading: LineReading, paths: Mapping[str, str]) -> Iterator[Test]:
    for flag, conditions in ((REQUEST, reading.request_when), (ERROR, reading.error_when)):
        for condition in conditions:
            yield _test(condition, flag, paths.get(condition.field, condition.field))
    yield Test(paths["error_type"], LOAD, "load")
    yield Test(paths["status"], LOAD, "load")
    yield Test(paths["cache_hit"], HIT, "in", frozenset(_YES))
    yield Test(paths["cache_hit"], MISS, "in", frozenset(_NO))


def _test(condition: Condition, flag: int, path: str) -> Test:
    if condition.contains is not None:
        return Test(path, flag, "contains", condition.contains.lower())
    if condition.present is not None:
        return Test(path, flag, "present", condition.present)
    if condition.one_of is not None:
        return Test(path, flag, "in", frozenset(map(_word, condition.one_of)))
    if isinstance(condition.at_least, str):
        return Test(path, flag, "level", _LEVELS[condition.at_least])
    return Test(path, flag, "at_least", condition.at_least)


def _word(value: Any) -> str | None:
    """A value as `in` compares it: 200, 200.0 and "200" are the same."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = label(value)
    return text.strip().lower() if text else None


def _is_load(value: Any, _: Any) -> bool:
    if isinstance(value, str) and not value.strip().isdecimal():
        return _LOAD_WORDS.search(value) is not None
    return number(value) in _LOAD_STATUSES


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "contains": lambda value, needle: isinstance(value, str) and needle in value.lower(),
    "present": lambda value, wanted: (value is not None) is wanted,
    "at_least": lambda value, least: number(value) >= least,
    "level": lambda value, least: (levels.rank(value) or 0) >= least,
    "in": lambda value, words: _word(value) in words,
    "load": _is_load,
}


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
