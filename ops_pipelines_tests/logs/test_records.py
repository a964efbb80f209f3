"""What a line says: which field is what, which line is a request, which an error. By both ways.

The law (`records`) and the fast way (`scan`, from the 201st line on) must say the same.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from ops_pipelines.logs.records import Record, Rejected, record_of
from ops_pipelines.settings.line_reading import LineReading
from ops_pipelines_tests.logs.reading import cells, how, scanned

BEFORE = 400
"""So many lines of another kind come first: the decoder has settled by then."""


class Said(NamedTuple):
    """What a line came to."""

    is_request: bool
    is_error: bool
    seconds: float | None
    labels: tuple[Any, ...]


def said(line: Mapping[str, Any] | str | bytes, **settings: Any) -> Said:
    """What `line` says by the law, once the fast way has said the same."""
    reading = how(LineReading.model_validate(settings))
    text = _bytes(line)
    record = record_of(text, reading.plan)
    by_law = Said(record.is_request, record.is_error, _seconds(record), _labels(record))
    filler = b'{"x": 1}\n' * BEFORE
    for before in (b"", filler):
        rollup, account = scanned(before + text + b"\n", reading)
        assert account.dated == 1
        [(key, counts)] = cells(rollup).items()
        found = Said(
            counts["requests"] == 1,
            counts["errors"] == 1,
            _slowest(rollup) if counts["timed"] else None,
            key[1:],
        )
        assert found == by_law
    return by_law


def _bytes(line: Mapping[str, Any] | str | bytes) -> bytes:
    if isinstance(line, Mapping):
        line = json.dumps({"timestamp": 1_795_514_400, "message": "request", **line})
    return line.encode() if isinstance(line, str) else line


def _seconds(record: Record) -> float | None:
    seconds = record.number("response_time")
    return seconds if record.is_request and math.isfinite(seconds) and seconds >= 0 else None


def _slowest(rollup: Any) -> float:
    return float(rollup.column("minutes", "slowest").max())


def _labels(record: Record) -> tuple[Any, ...]:
    return tuple(record.label(name) for name in ("endpoint", "provider", "model", "error_type"))


# --- levels ---


@pytest.mark.parametrize(
    "level",
    [
        *("ERROR", "error", "Error", " err ", "SEVERE", "E", "CRITICAL", "crit", "FATAL", "alert"),
        *("emerg", "panic", "dpanic", "错误", "严重"),
        *(50, 60, "50", 3, 2, 0, "3", 50.0),
    ],
)
def test_a_level_is_an_error_as_a_word_in_any_case_and_as_a_number(level: Any) -> None:
    assert said({"level": level}).is_error


@pytest.mark.parametrize(
    "level",
    [
        *("INFO", "warning", "Warn", "debug", "notice", "TRACE", "errors", "no error", "", "警告"),
        *(10, 20, 30, 40, 4, 5, 7, 8, -1, "30", None, True, False, [], {}, ["ERROR"]),
        "²",
    ],
)
def test_and_everything_else_is_none(level: Any) -> None:
    assert not said({"level": level}).is_error


# --- requests and errors ---


@pytest.mark.parametrize("message", ["request", "A REQUEST!", "prerequestion", "Request\n"])
def test_a_request_says_so_in_its_message_in_any_case(message: str) -> None:
    assert said({"message": message}).is_request


@pytest.mark.parametrize("message", ["reques", "", None, 5, ["request"], {"request": 1}])
def test_what_does_not_is_none(message: Any) -> None:
    assert not said({"message": message}).is_request


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        ({"contains": "Time"}, "TIMEOUT", True),
        ({"contains": "time"}, "tim", False),
        ({"contains": "1"}, 1, False),
        ({"present": True}, 0, True),
        ({"present": True}, "", True),
        ({"present": True}, None, False),
        ({"present": False}, None, True),
        ({"present": False}, 1, False),
        ({"at_least": 500}, 500, True),
        ({"at_least": 500}, "503", True),
        ({"at_least": 500}, 499.9, False),
        ({"at_least": 500}, "5xx", False),
        ({"at_least": 500}, True, False),
        ({"at_least": -1}, 0, True),
        ({"at_least": "warning"}, "WARN", True),
        ({"at_least": "warning"}, "info", False),
        ({"at_least": "critical"}, "error", False),
        ({"in": ["failure", 7, True]}, "Failure", True),
        ({"in": ["failure", 7, True]}, 7, True),
        ({"in": ["failure", 7, True]}, 7.0, True),
        ({"in": ["failure", 7, True]}, "7", True),
        ({"in": ["failure", 7, True]}, True, True),
        ({"in": ["failure", 7, True]}, False, False),
        ({"in": ["failure", 7, True]}, "success", False),
        ({"in": ["failure", 7, True]}, None, False),
    ],
)
@pytest.mark.parametrize("rule", ["request_when", "error_when"])
def test_a_condition_holds_for(rule: str, condition: Any, value: Any, holds: bool) -> None:
    found = said({"outcome": value}, **{rule: [{"field": "outcome", **condition}]})

    assert (found.is_request if rule == "request_when" else found.is_error) is holds


def test_any_of_several_conditions_is_enough_and_they_replace_the_default() -> None:
    rules = [{"field": "status", "at_least": 500}, {"field": "outcome", "in": ["failure"]}]

    assert said({"status": 200, "outcome": "failure"}, error_when=rules).is_error
    assert said({"status": 500}, error_when=rules).is_error
    assert not said({"status": 200, "level": "ERROR"}, error_when=rules).is_error


def test_a_condition_names_our_field_where_one_is_mapped_and_else_a_path() -> None:
    settings = {
        "fields": {"status": "http.response.status_code"},
        "error_when": [{"field": "status", "at_least": 500}, {"field": "http.retries", "in": [3]}],
    }

    assert said({"http": {"response": {"status_code": 503}}}, **settings).is_error
    assert said({"http": {"retries": 3}}, **settings).is_error
    assert not said({"status": 503}, **settings).is_error


# --- where fields stand ---


@pytest.mark.parametrize(
    ("line", "path", "found"),
    [
        ({"a": {"b": "x"}}, "a.b", "x"),
        ({"a.b": "x"}, "a.b", "x"),
        ({"a.b": "x", "a": {"b": "y"}}, "a.b", "x"),
        ({"a.b": None, "a": {"b": "y"}}, "a.b", "y"),
        ({"a": {"b.c": "x"}}, "a.b.c", "x"),
        ({"a.b": {"c": "x"}}, "a.b.c", "x"),
        ({"a": {"b": {"c": {"d": "x"}}}}, "a.b.c.d", "x"),
        ({"a": ["x"]}, "a.0", None),
        ({"a": "x"}, "a.b", None),
        ({"路径": "x"}, "路径", "x"),
        ({"model": "x"}, "model", "x"),
    ],
)
def test_a_field_is_found_at_its_path(line: dict[str, Any], path: str, found: Any) -> None:
    assert said(line, fields={"endpoint": path}).labels[0] == found


@pytest.mark.parametrize(
    ("value", "label"),
    [("x", "x"), (5, "5"), (2.5, "2.5"), (True, "true"), ("", None), (None, None), ([1], None)],
)
def test_what_a_label_is(value: Any, label: str | None) -> None:
    assert said({"endpoint": value, "provider": value}).labels[:2] == (label, label)


@pytest.mark.parametrize(
    ("value", "unit", "seconds"),
    [
        (0.25, None, 0.25),
        ("0.25", "s", 0.25),
        (250, "ms", 0.25),
        ("250", "ms", 0.25),
        (" 250 ", "ms", 0.25),
        (250_000, "us", 0.25),
        (250_000_000, "ns", 0.25),
        (0, "ms", 0.0),
        (-1, None, None),
        (True, None, None),
        ("fast", None, None),
        ("", None, None),
        (None, None, None),
        ("nan", None, None),
        ("inf", None, None),
        ({"ms": 5}, None, None),
    ],
)
def test_a_duration_has_a_unit_and_may_be_text(value: Any, unit: str | None, seconds: Any) -> None:
    place = {"path": "took", "unit": unit} if unit else "took"

    found = said({"took": value}, fields={"response_time": place}).seconds

    assert found == (None if seconds is None else pytest.approx(seconds))


def test_only_requests_have_response_times() -> None:
    assert said({"message": "embedding done", "response_time": 3}).seconds is None


# --- text ---

PATTERN = r"(?P<timestamp>\S+ \S+) (?P<level>\w+) (?P<message>.*) took=(?P<response_time>\S+)"


def test_a_pattern_with_named_groups_reads_text() -> None:
    text = "2026-11-24 10:00:00,5 ERROR a request failed took=1.5"

    assert said(text, pattern=PATTERN)[:3] == (True, True, 1.5)


def test_a_group_goes_to_our_field_wherever_json_has_it() -> None:
    settings = {"pattern": PATTERN, "fields": {"timestamp": "ts", "response_time": "took"}}

    assert said("2026-11-24 10:00:00 INFO request took=1.5", **settings).seconds == 1.5
    assert said('{"ts": 1795514400, "message": "request", "took": 2}', **settings).seconds == 2


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("24/Nov/2026:10:00:00 +0000", "%d/%b/%Y:%H:%M:%S %z"),
        ("24.11.2026 10-00", "%d.%m.%Y %H-%M"),
        ("2026-11-24T10:00:00Z", "%d.%m.%Y"),  # what the format does not fit may be ISO still
    ],
)
def test_odd_times_have_a_format(text: str, form: str) -> None:
    plan = how(LineReading(timestamp_format=form)).plan

    assert record_of(_bytes({"timestamp": text}), plan).time_us == 1_795_514_400_000_000


def test_what_the_pattern_does_not_match_is_rejected_or_goes_on_with_a_record() -> None:
    reading = how({"pattern": PATTERN})
    content = b"banner\n2026-11-24 10:00:00 INFO request took=1\n  more of it\nand more\n"

    _, account = scanned(content, reading)

    assert (account.dated, dict(account.reasons)) == (1, {"not_matched": 1, "continuation": 2})
    with pytest.raises(Rejected, match="not_matched"):
        record_of(b"banner", reading.plan)
