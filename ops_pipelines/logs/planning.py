"""Makes a plan from the settings."""

import re
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from ops_pipelines.logs import levels
from ops_pipelines.logs.plan import (
    ERROR,
    FIELDS,
    HIT,
    LOAD,
    MISS,
    REQUEST,
    SECONDS,
    Criterion,
    Plan,
    word,
)  # fmt: skip
from ops_pipelines.settings.line_reading import Condition, Level, LineReading, Measured

_PER_UNIT = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
_LEVELS: dict[Level, int] = {
    "trace": levels.TRACE, "debug": levels.DEBUG, "info": levels.INFO,
    "warning": levels.WARNING, "error": levels.ERROR, "critical": levels.CRITICAL,
}  # fmt: skip
_YES, _NO = frozenset({"true", "yes", "1", "hit"}), frozenset({"false", "no", "0", "miss"})


def make(reading: LineReading, zone: ZoneInfo, slow_seconds: float = 5.0) -> Plan:
    """The plan by which `reading` wants lines to be read; `zone` is that of naive timestamps."""
    places = reading.fields.places
    units = {name: place.unit for name, place in places.items() if isinstance(place, Measured)}
    paths = {name: places[name].path if name in places else name for name in FIELDS}
    return Plan(
        paths=paths,
        scales={name: _PER_UNIT[units.get(name) or "s"] for name in SECONDS},
        criteria=tuple(_criteria(reading, paths)),
        zone=zone,
        slow_seconds=slow_seconds,
        timestamp_unit=units.get("timestamp"),
        timestamp_format=reading.timestamp_format,
        pattern=re.compile(reading.pattern) if reading.pattern else None,
    )


def _criteria(reading: LineReading, paths: Mapping[str, str]) -> Iterator[Criterion]:
    for flag, conditions in ((REQUEST, reading.request_when), (ERROR, reading.error_when)):
        for condition in conditions:
            yield _criterion(condition, flag, paths.get(condition.field, condition.field))
    yield Criterion(paths["error_type"], LOAD, "load")
    yield Criterion(paths["status"], LOAD, "load")
    yield Criterion(paths["cache_hit"], HIT, "in", _YES)
    yield Criterion(paths["cache_hit"], MISS, "in", _NO)


def _criterion(condition: Condition, flag: int, path: str) -> Criterion:
    if condition.contains is not None:
        return Criterion(path, flag, "contains", condition.contains.lower())
    if condition.present is not None:
        return Criterion(path, flag, "present", condition.present)
    if condition.one_of is not None:
        return Criterion(path, flag, "in", frozenset(map(word, condition.one_of)))
    if isinstance(condition.at_least, str):
        return Criterion(path, flag, "level", _LEVELS[condition.at_least])
    return Criterion(path, flag, "at_least", condition.at_least)
