"""Reads one line: its fields, or why it is rejected. This is the law; `decoder` is faster."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ops_pipelines.logs import times
from ops_pipelines.logs.envelopes import Inner, of_line, of_record
from ops_pipelines.logs.plan import ERROR, FIELDS, LOAD, REQUEST, Plan
from ops_pipelines.logs.values import fields_of, label, number

KEPT = 2000
"""Of a rejected line so much is kept: what is shown is less, so that no secret is cut in two."""
BOM = b"\xef\xbb\xbf"
REASONS = (
    *("blank", "not_utf8", "not_json", "not_object", "no_timestamp", "bad_timestamp", "too_long"),
    *("torn", "not_matched", "continuation"),
)


class Rejected(Exception):  # noqa: N818 - it names what becomes of a line, not a fault of ours
    """A line that says nothing, by its reason, with what shows it."""

    def __init__(self, reason: str, shown: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Record:
    """What an accepted line says.

    Attributes:
        time_us: microseconds since 1970.
        caused_by_load: whether it is an error of a kind that too much work causes.
        values: our fields that it has, as they stand there.
    """

    time_us: int
    is_request: bool
    is_error: bool
    caused_by_load: bool
    values: Mapping[str, Any]
    scales: Mapping[str, float]

    def label(self, field: str) -> str | None:
        """A field by whose name lines are counted."""
        return label(self.values.get(field))

    def number(self, field: str) -> float:
        """A field that is an amount, or a duration in seconds; NaN when it is none."""
        return number(self.values.get(field)) * self.scales.get(field, 1.0)


def record_of(line: bytes, plan: Plan) -> Record:
    """What a whole line says; an envelope around it is taken off.

    Raises:
        Rejected: it says nothing.
    """
    found = parse(line, plan)
    if isinstance(found, Inner):
        found = parse_inner(found, plan)
    paths = (*plan.paths.values(), *plan.criteria_by_path)
    by_path = fields_of(found, paths)
    flags = 0
    for path in plan.criteria_by_path:
        flags |= plan.flags(path, by_path.get(path))
    is_error = bool(flags & ERROR)
    return Record(
        time_of(by_path, plan),
        bool(flags & REQUEST),
        is_error,
        is_error and bool(flags & LOAD),
        {name: by_path[plan.paths[name]] for name in FIELDS if plan.paths[name] in by_path},
        plan.scales,
    )


def parse(line: bytes, plan: Plan) -> dict[str, Any] | Inner:
    """The object in a line, or what is wrapped in it.

    Raises:
        Rejected: it is neither.
    """
    line = _stripped(line)
    if inner := of_line(line):
        return inner
    record = _record(line, plan)
    return of_record(record) or record


def parse_inner(inner: Inner, plan: Plan) -> dict[str, Any]:
    """The fields of a wrapped line, over those that its envelope says.

    Raises:
        Rejected: it has none, and its envelope has no timestamp that was asked for.
    """
    try:
        record = _record(_stripped(inner.text), plan)
    except Rejected:
        if not fields_of(inner.outer, [plan.paths["timestamp"]]):
            raise
        return dict(inner.outer)
    return {**inner.outer, **record}


def time_of(values: Mapping[str, Any], plan: Plan) -> int:
    """The time of a line.

    Raises:
        Rejected: it has none.
    """
    value = values.get(plan.paths["timestamp"])
    if value is None:
        raise Rejected("no_timestamp")
    found = times.parse(value, plan.zone, plan.timestamp_unit, plan.timestamp_format)
    if found == times.BAD:
        raise Rejected("bad_timestamp", str(value)[:KEPT])
    return found


def _stripped(line: bytes) -> bytes:
    line = line.removeprefix(BOM).strip(b"\0\r\n")
    if not line.strip():
        raise Rejected("blank")
    return line


def _record(line: bytes, plan: Plan) -> dict[str, Any]:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise Rejected("not_utf8", line[:KEPT].decode(errors="backslashreplace")) from None
    try:
        found = _decode(text)
    except (ValueError, RecursionError):
        return _matched(text, plan)
    if not isinstance(found, dict):
        raise Rejected("not_object", text[:KEPT])
    return found


def _matched(text: str, plan: Plan) -> dict[str, Any]:
    """The named groups of the pattern for text, under their names and under the paths of those."""
    match = plan.pattern.match(text) if plan.pattern else None
    if match is None:
        raise Rejected("not_matched" if plan.pattern else "not_json", text[:KEPT])
    groups = {name: value for name, value in match.groupdict().items() if value is not None}
    return {**groups, **{plan.paths[name]: groups[name] for name in FIELDS if name in groups}}


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _integer(digits: str) -> float:
    """Python refuses to read more than 4,300 digits; JSON does not."""
    return int(digits) if len(digits) < 400 else float(digits)


_decode = json.JSONDecoder(parse_constant=_refuse, parse_int=_integer).decode
