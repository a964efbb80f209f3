"""Judges what a service says of itself: words into statuses, without any benefit of the doubt."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from ops_pipelines.health.body import at, one_line
from ops_pipelines.health.reading import Reading, free_name
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.http_check import HttpCheck

MOST_COMPONENTS = 500
MOST_SECONDS = 86400.0
"""A response time above it is a mistake of the service's, of units for example."""
CLOCK_SKEW = timedelta(seconds=60)
"""How far another machine's clock may be ahead of ours before its time counts as future."""
SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
"""What one of each unit of time is in seconds."""


def judge(check: HttpCheck, document: Any, now: datetime, zone: ZoneInfo) -> list[Reading]:
    """The readings that `document` gives: of the check itself first, then of its components.

    The check's own status is that of the verdict at `status`; without one it says whether the
    answer was readable, timely and, where `components` is set, named at least one.
    """
    components = list(_components(check, document)) if check.components else []
    if stale := _staleness(check, document, now, zone):
        own: tuple[Status, Reason | None] = Status.UNKNOWN, stale
        components = [_unknown(reading, stale) for reading in components]
    else:
        own = _own(check, document, has_components=bool(components))
    return [Reading(check.name, None, own[0], reason=own[1]), *components]


def _own(check: HttpCheck, document: Any, *, has_components: bool) -> tuple[Status, Reason | None]:
    if check.components and not has_components:
        return Status.UNKNOWN, Reason("health.no_components", {"path": check.components})
    if check.status is None:
        return Status.HEALTHY, None
    return _verdict(check, check.status, document)


def _unknown(reading: Reading, reason: Reason) -> Reading:
    return Reading(reading.check, reading.component, Status.UNKNOWN, reason=reason)


def _verdict(check: HttpCheck, path: str, document: Any) -> tuple[Status, Reason | None]:
    """The status that the word at `path` means, and the reason when that is not healthy."""
    found = at(path, document)
    if found is None:
        return Status.UNKNOWN, Reason("health.no_verdict", {"path": path})
    if not isinstance(found, str | int | float):
        kind = "mapping" if isinstance(found, dict) else "list"
        return Status.UNKNOWN, Reason("health.verdict_not_a_word", {"path": path, "found": kind})
    word = str(found).lower() if isinstance(found, bool) else str(found)
    status = check.words.get(word.strip().casefold())
    shown = one_line(word, 60)
    if status is None:
        return Status.UNKNOWN, Reason("health.unknown_word", {"path": path, "word": shown})
    if status is Status.HEALTHY:
        return status, None
    return status, Reason("health.says", {"word": shown})


def _components(check: HttpCheck, document: Any) -> Iterator[Reading]:
    found = at(check.components or "", document)
    if not isinstance(found, dict | list):
        return
    taken: set[str] = set()
    for index, (name, entry) in enumerate(_entries(check, found)):
        label = free_name(_label(name, index), taken)
        taken.add(label)
        yield _component(check, label, entry)
    if len(found) > MOST_COMPONENTS:
        facts = {"found": len(found), "most": MOST_COMPONENTS}
        reason = Reason("health.too_many_components", facts)
        yield Reading(check.name, free_name("…", taken), Status.UNKNOWN, reason=reason)


def _entries(check: HttpCheck, found: dict[str, Any] | list[Any]) -> Iterator[tuple[Any, Any]]:
    """The first components, each with the name that it is given."""
    if isinstance(found, dict):
        yield from islice(found.items(), MOST_COMPONENTS)
        return
    for entry in found[:MOST_COMPONENTS]:
        yield at(check.component.name, entry), entry


def _label(name: Any, index: int) -> str:
    """A component's name as one line of text; its place in the list where it has none."""
    label = one_line(name, 100) if isinstance(name, str | int | float) else ""
    return label or f"#{index + 1}"


def _component(check: HttpCheck, name: str, entry: Any) -> Reading:
    """The reading of one entry; an entry that is a plain word is its own verdict."""
    fields = check.component
    is_plain = isinstance(entry, str | bool | int | float)
    status, reason = _verdict(check, "@" if is_plain else fields.status, entry)
    error = None if is_plain else at(fields.error, entry)
    if reason and error:
        reason = Reason(reason.code, {**reason.facts, "error": one_line(error, 300)})
    seconds = None if is_plain else _seconds(at(fields.response_time, entry))
    if seconds is not None:
        seconds *= SECONDS[fields.response_time_unit]
        seconds = seconds if seconds <= MOST_SECONDS else None
    return Reading(check.name, name, status, seconds, reason)


def _staleness(check: HttpCheck, document: Any, now: datetime, zone: ZoneInfo) -> Reason | None:
    """Why the document is not of now; None when it is, or when its time is not looked at."""
    if check.timestamp is None:
        return None
    found = at(check.timestamp, document)
    if found is None:
        return Reason("health.no_verdict", {"path": check.timestamp})
    moment = _moment(found, zone)
    if moment is None:
        shown = one_line(found, 60)
        return Reason("health.no_time", {"path": check.timestamp, "found": shown})
    age = (now.astimezone(UTC) - moment).total_seconds()
    if age < -CLOCK_SKEW.total_seconds():
        return Reason("health.future", {"ahead_seconds": round(-age, 1)})
    if age > check.max_age_seconds:
        facts = {"age_seconds": round(age, 1), "most_seconds": check.max_age_seconds}
        return Reason("health.stale", facts)
    return None


def _moment(value: Any, zone: ZoneInfo) -> datetime | None:
    """A time from ISO text (in `zone` without offset) or from seconds or milliseconds of Unix."""
    number = _seconds(value)
    try:
        if number is not None:
            return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=zone) if moment and moment.tzinfo is None else moment


def _seconds(value: Any) -> float | None:
    """A duration as a number ≥ 0; None for everything that is none."""
    try:
        number = float(value) if isinstance(value, str | int | float) else -1.0
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 and not isinstance(value, bool) else None
