"""Reads JSON lines in the plainest way there is: what the engine must agree with, row by row."""

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ops_pipelines import quantiles

TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d([.,]\d{1,9})?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
LABELS = ("endpoint", "provider", "model", "error_type")
LAST_EPOCH = 4_102_444_800


@dataclass
class Reference:
    """Counts by (hour, labels), histograms, and what was rejected."""

    cells: dict[tuple[Any, ...], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    latency: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    minutes: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    seconds: list[float] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)


def read(lines: Iterable[bytes], zone: ZoneInfo) -> Reference:
    """What `lines` say, with the default mapping; hours are whole ones of UTC."""
    found = Reference()
    for line in lines:
        try:
            at, record = _accepted(line, zone)
        except RefusedError as refused:
            found.rejected[str(refused)] += 1
            continue
        labels = tuple(_label(record.get(name)) for name in LABELS)
        message, level = record.get("message"), record.get("level")
        is_request = isinstance(message, str) and "request" in message.lower()
        is_error = str(level).upper() in ("ERROR", "CRITICAL", "FATAL", "50")
        seconds = _number(record.get("response_time")) if is_request else math.nan
        is_timed = math.isfinite(seconds) and seconds >= 0
        cell, minute = found.cells[at // 3600, *labels], found.minutes[at // 60]
        cell["lines"] += 1
        for counts in (cell, minute):
            counts.update(
                requests=is_request, errors=is_error, failed=is_request and is_error, timed=is_timed
            )
        if is_timed:
            found.seconds.append(seconds)
            found.latency[at // 3600, is_error, labels[0], quantiles.bucket(seconds)] += 1
    return found


class RefusedError(Exception):
    """A line is rejected, and why."""


def _accepted(line: bytes, zone: ZoneInfo) -> tuple[int, dict[str, Any]]:
    if not line.strip():
        raise RefusedError("blank")
    try:
        record = json.loads(line.decode(), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise RefusedError("not_utf8") from None
    except (ValueError, RecursionError):
        raise RefusedError("not_json") from None
    if not isinstance(record, dict):
        raise RefusedError("not_object")
    if record.get("timestamp") is None:
        raise RefusedError("no_timestamp")
    return _time(record["timestamp"], zone), record


def _time(value: Any, zone: ZoneInfo) -> int:
    """Whole seconds since 1970."""
    if isinstance(value, str) and TIME.fullmatch(value):
        try:
            moment = datetime.fromisoformat(re.sub(r"[.,]\d+", "", value))
        except ValueError:
            raise RefusedError("bad_timestamp") from None
        return int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        for ticks in (1, 1000, 1_000_000, 1_000_000_000):
            if value <= LAST_EPOCH * ticks:
                return math.floor(value / ticks + 5e-7) if ticks == 1 else int(value // ticks)
    raise RefusedError("bad_timestamp")


def _label(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value) or None
    return None


def _number(value: Any) -> float:
    try:
        return math.nan if isinstance(value, bool) or value is None else float(value)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def utc_hour(moment: datetime) -> int:
    """The hours since 1970."""
    return int(moment.astimezone(UTC).timestamp()) // 3600
