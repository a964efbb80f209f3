"""Words become statuses without any benefit of the doubt."""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.health import verdict
from ops_pipelines.health.body import parse
from ops_pipelines.health.reading import Reading
from ops_pipelines.report import Status
from ops_pipelines.settings.http_check import HttpCheck
from ops_pipelines_tests.health.rounds import NOW, words

CHECK = HttpCheck(name="api", url="/", status="status")
LISTED = HttpCheck(name="api", url="/", components="components")
TIMED = HttpCheck(name="api", url="/", status="status", timestamp="at")
SHANGHAI = ZoneInfo("Asia/Shanghai")

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        [" OK ", "Healthy", "UP", "not ok", "unhealthy", "健康", "不健康", "degraded"]
    )
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


def judge(check: HttpCheck, document: Any, now: datetime = NOW) -> list[Reading]:
    return verdict.judge(check, document, now, ZoneInfo("UTC"))


def is_listed_as_healthy(value: Any) -> bool:
    return isinstance(value, str) and value.strip().casefold() in CHECK.healthy


@given(value=JSON)
def test_only_a_listed_word_is_healthy(value: Any) -> None:
    (reading,) = judge(CHECK, {"status": value})
    assert (reading.status is Status.HEALTHY) == is_listed_as_healthy(value)


@given(document=JSON)
def test_a_document_of_any_shape_is_judged_and_healthy_only_by_a_listed_word(
    document: Any,
) -> None:
    found = document.get("status") if isinstance(document, dict) else None
    (reading,) = judge(CHECK, document)
    assert (reading.status is Status.HEALTHY) == is_listed_as_healthy(found)


@given(components=JSON)
def test_a_component_is_healthy_only_by_a_listed_word_and_has_a_key_of_its_own(
    components: Any,
) -> None:
    own, *found = judge(LISTED, {"components": components})
    assert (own.status is Status.HEALTHY) == bool(found)
    assert len({reading.key for reading in found}) == len(found)
    entries = list(components.values()) if isinstance(components, dict) else components
    for reading, entry in zip(found, entries if found else [], strict=True):
        said = entry.get("status") if isinstance(entry, dict) else entry
        assert (reading.status is Status.HEALTHY) == is_listed_as_healthy(said)


@given(components=JSON)
def test_what_is_kept_of_an_answer_can_be_written(components: Any) -> None:
    for reading in judge(LISTED, {"components": components}):
        json.dumps(reading.stored(), allow_nan=False, ensure_ascii=False).encode()
        assert words(reading).isprintable()


@given(value=JSON)
def test_a_time_of_any_kind_is_judged(value: Any) -> None:
    judge(TIMED, {"status": "ok", "at": value})


@given(seconds=st.integers(-(10**9), 10**9), offset=st.integers(-14 * 60, 14 * 60))
def test_a_verdict_counts_only_while_it_is_fresh(seconds: int, offset: int) -> None:
    zone = ZoneInfo("UTC") if not offset else None
    at = (NOW + timedelta(seconds=seconds)).replace(tzinfo=zone or UTC)
    shifted = at.astimezone(SHANGHAI if offset else UTC).isoformat()
    (reading,) = judge(TIMED, {"status": "ok", "at": shifted})
    assert (reading.status is Status.HEALTHY) == (-300 <= seconds <= 60)
    assert reading.status in (Status.HEALTHY, Status.UNKNOWN)


def test_a_time_without_offset_is_one_of_the_services_zone() -> None:
    document = {"status": "ok", "at": "2025-11-24 20:00:00"}
    (there,) = verdict.judge(TIMED, document, NOW, SHANGHAI)
    (here,) = verdict.judge(TIMED, document, NOW, ZoneInfo("UTC"))
    assert words(there) == "healthy"
    assert words(here) == "unknown: the verdict's time lies 28800 s in the future"


def test_the_hour_in_which_clocks_change_does_not_make_a_verdict_old() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 3, 29, 3, 1, tzinfo=berlin)  # 01:59 was two minutes ago
    (reading,) = verdict.judge(TIMED, {"status": "ok", "at": "2026-03-29T01:59"}, now, berlin)
    assert words(reading) == "healthy"


@pytest.mark.parametrize(
    ("value", "unit", "seconds"),
    [
        (12, "ms", 0.012),
        ("12.5", "ms", 0.0125),
        (1500, "us", 0.0015),
        (2_000_000, "ns", 0.002),
        (0, "s", 0.0),
        (3, "s", 3.0),
        (86_400, "s", 86_400.0),
        pytest.param(86_401, "s", None, id="more than a day"),
        pytest.param(-1, "s", None, id="negative"),
        pytest.param(1e999, "s", None, id="infinite"),
        pytest.param(10**400, "s", None, id="beyond all floats"),
        pytest.param("NaN", "s", None, id="not a number"),
        pytest.param("12 ms", "s", None, id="text"),
        pytest.param(True, "s", None, id="true"),
        pytest.param([1], "s", None, id="a list"),
        pytest.param(None, "s", None, id="nothing"),
    ],
)
def test_a_bad_response_time_is_null_and_leaves_the_verdict(
    value: Any, unit: str, seconds: float | None
) -> None:
    check = HttpCheck.model_validate(
        {
            "name": "api",
            "url": "/",
            "components": "components",
            "component": {"response_time": "latency", "response_time_unit": unit},
        }
    )
    _, reading = judge(check, {"components": {"llm": {"status": "up", "latency": value}}})
    assert reading.status is Status.HEALTHY
    assert reading.response_time_seconds == (seconds if seconds is None else pytest.approx(seconds))


def test_an_error_as_deep_as_the_parser_lets_through_costs_no_other_reading() -> None:
    for depth in range(sys.getrecursionlimit() - 300, sys.getrecursionlimit(), 5):
        error = "[" * depth + "]" * depth
        document = parse(b'{"components": {"llm": {"error": %b}}}' % error.encode(), None)
        judge(LISTED, document)
