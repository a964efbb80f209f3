"""Samples become a report that is weighted by time and never better than what was seen."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.coverage import rounded_down
from ops_pipelines.health.past import evidence_window, look_back
from ops_pipelines.health.summary import summarize
from ops_pipelines.report import Report, Status
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.samples import Sample, Samples
from ops_pipelines.window import Window
from ops_pipelines_tests.health.rounds import NOW

MINUTE = timedelta(minutes=1)
SERVICE = Service.model_validate(
    {
        "name": "rag",
        "base_url": "http://127.0.0.1:1",
        "timezone": "Asia/Shanghai",
        "health": {
            "checks": [
                {"name": "api", "url": "/"},
                {"name": "cache", "url": "/cache", "optional": True},
            ]
        },
    },
    context={"folder": "/nowhere/services"},
)
WINDOW = Window(NOW, NOW + 60 * MINUTE)
DOWN = {"code": "health.no_connection", "facts": {"address": "rag:80", "detail": "refused"}}


def sample(minute: float, check: str = "api", own: str = "healthy", **others: str) -> Sample:
    """What a round at `minute` of the window says of `check` and of the components it reports."""
    at = NOW + minute * MINUTE
    reason = {} if own == "healthy" else {"reason": DOWN}
    readings = [{"status": own, **reason, "seconds": 0.1}]
    readings += [
        {"component": name, "status": status, **({} if status == "healthy" else {"reason": DOWN})}
        for name, status in others.items()
    ]
    slot = (at - timedelta(seconds=at.second, microseconds=at.microsecond)).isoformat()
    return {"at": at.isoformat(), "slot": slot, "check": check, "readings": readings}


def report(samples: Iterable[Sample], minutes: float = 60) -> Report:
    """The report of the window, made after so many minutes of it."""
    now = NOW + minutes * MINUTE
    return summarize(look_back(Samples(list(samples)), SERVICE, WINDOW, now), now)


def rounds(minutes: Iterable[float], **others: str) -> list[Sample]:
    return [sample(minute, **others) for minute in minutes]


def component(found: Report, name: str) -> Mapping[str, Any]:
    facts: Mapping[str, Any] = found.facts["components"][name]
    return facts


# What a day without events looks like


def test_a_window_that_was_healthy_throughout() -> None:
    found = report(rounds(range(60)))
    assert found.complete
    assert found.facts["overall_status"] == "healthy"
    assert found.facts["availability_ratio"] == 1.0
    assert found.facts["coverage_ratio"] == 1.0
    assert found.facts["seconds"] == {
        "healthy": 3600.0,
        "degraded": 0.0,
        "unknown": 0.0,
        "unhealthy": 0.0,
    }
    assert component(found, "api") == {
        "check": "api",
        "status": "healthy",
        "reason": None,
        "response_time_seconds": 0.1,
        "last_check": "2025-11-24T20:59:00+08:00",
        "probes": 60,
        "availability_ratio": 1.0,
        "coverage_ratio": 1.0,
        "seconds": found.facts["seconds"],
        "latency_seconds": {"p50": 0.1, "p95": 0.1, "p99": 0.1},
    }
    assert found.findings == ()


def test_a_window_that_has_not_ended_is_not_complete() -> None:
    found = report(rounds(range(30)), minutes=30)
    assert not found.complete
    assert found.facts["seconds"]["healthy"] == 1800
    assert found.facts["coverage_ratio"] == 1.0


def test_a_window_without_samples_is_unknown_and_says_so() -> None:
    found = report([])
    assert found.facts["overall_status"] == "unknown"
    assert found.facts["components"] == {}
    assert found.facts["seconds"]["unknown"] == 3600
    assert (found.facts["availability_ratio"], found.facts["coverage_ratio"]) == (None, 0)
    assert [finding.code for finding in found.findings] == ["health.no_samples"]


def test_samples_shortly_before_the_window_reach_into_it_and_are_no_probes_of_it() -> None:
    found = report(rounds([-1.5, -0.5, 0.5]), minutes=1)
    assert component(found, "api")["probes"] == 1
    assert found.facts["coverage_ratio"] == 1.0
    evidence = evidence_window(WINDOW, SERVICE, None)
    assert (evidence.start, evidence.end) == (NOW - 5 * MINUTE, WINDOW.end + 2 * MINUTE)


def test_samples_of_checks_that_are_gone_are_counted_and_left_out() -> None:
    found = report([*rounds(range(60)), sample(3, "gone", "unhealthy")])
    assert list(found.facts["components"]) == ["api"]
    assert found.inputs["of_other_checks"] == 1
    assert found.facts["overall_status"] == "healthy"


# What is not known to be healthy


def test_readings_that_stop_leave_everything_unknown() -> None:
    found = report(rounds(range(30), llm="healthy"))
    assert found.facts["overall_status"] == "unknown"
    for name in ("api", "llm"):
        assert component(found, name)["status"] == "unknown"
        assert component(found, name)["reason"] == {"code": "health.gap", "facts": {}}
        assert component(found, name)["seconds"]["healthy"] == 1800
        assert component(found, name)["coverage_ratio"] == 0.5
    assert [finding.message for finding in found.findings] == [
        "api: it cannot be told how it is: no probe at the end of this time",
        "llm: it cannot be told how it is: no probe at the end of this time",
    ]


def test_a_gap_is_not_bridged() -> None:
    found = report([*rounds(range(10)), *rounds(range(20, 60))])
    assert found.facts["seconds"]["healthy"] == 50 * 60
    assert found.facts["seconds"]["unknown"] == 10 * 60
    assert found.facts["availability_ratio"] == 1.0
    assert found.facts["overall_status"] == "healthy"


def test_a_component_is_unknown_while_its_check_does_not_answer() -> None:
    samples = [sample(n, "api", "unhealthy") if n == 30 else sample(n, llm="healthy")
               for n in range(60)]  # fmt: skip
    found = report(samples)
    assert component(found, "llm")["seconds"]["unknown"] == 60
    assert component(found, "api")["seconds"]["unhealthy"] == 60
    assert found.facts["seconds"]["unhealthy"] == 60


def test_a_component_whose_check_does_not_answer_at_the_end_says_why() -> None:
    found = report([*rounds(range(59), llm="healthy"), sample(59, "api", "unhealthy")])
    assert component(found, "llm")["status"] == "unknown"
    assert component(found, "llm")["reason"] == DOWN
    assert component(found, "llm")["last_check"] == "2025-11-24T20:59:00+08:00"
    assert found.facts["overall_status"] == "unhealthy"


def test_a_component_that_is_not_reported_any_more_is_unknown() -> None:
    found = report([*rounds(range(30), old="healthy"), *rounds(range(30, 60), new="healthy")])
    assert component(found, "old")["status"] == "unknown"
    assert component(found, "new")["status"] == "healthy"
    assert [finding.message for finding in found.findings] == [
        "old: it cannot be told how it is: its check did not report it",
    ]


def test_one_trouble_of_one_component_is_the_trouble_of_the_service() -> None:
    found = report([*rounds(range(30), db="healthy"), *rounds(range(30, 60), db="unhealthy")])
    assert found.facts["overall_status"] == "unhealthy"
    assert found.facts["availability_ratio"] == 0.5
    assert [(f.code, f.subject) for f in found.findings] == [("health.component_unhealthy", "db")]


def test_an_optional_check_makes_the_service_degraded_and_never_unavailable() -> None:
    samples = [s for n in range(60) for s in (sample(n), sample(n, "cache", "unhealthy"))]
    found = report(samples)
    assert found.facts["overall_status"] == "degraded"
    assert found.facts["availability_ratio"] == 1.0
    assert component(found, "cache")["availability_ratio"] == 0.0


def test_two_rounds_of_one_slot_that_were_made_at_once_are_judged_together() -> None:
    """The first sample of each check is kept, and they are of two rounds, a moment apart."""
    samples = [s for n in range(60) for s in (sample(n, own="unhealthy"), sample(n + 0.1, "cache"))]
    assert report(samples).facts["seconds"]["unhealthy"] == pytest.approx(3600)


def test_a_ratio_is_rounded_down_so_that_only_the_whole_is_the_whole() -> None:
    assert rounded_down(1 - 1e-9) == 0.999999
    assert rounded_down(1.0) == 1.0


def test_components_stand_in_the_order_of_the_file() -> None:
    samples = [sample(0, "cache", z="healthy"), sample(1, b="healthy", a="healthy")]
    found = look_back(Samples(samples), SERVICE, WINDOW, NOW + 60 * MINUTE)
    assert [component.name for component in found.components] == ["api", "a", "b", "cache", "z"]


# Laws

STATUSES = st.sampled_from([str(status) for status in Status])
SAMPLES = st.lists(
    st.builds(
        lambda minute, check, own, others: sample(minute, check, own, **others),
        st.integers(-2, 70),
        st.sampled_from(["api", "cache", "gone"]),
        STATUSES,
        st.dictionaries(st.sampled_from(["llm", "db", "api"]), STATUSES),
    ),
    unique_by=lambda sample: (sample["check"], sample["slot"]),
    max_size=40,
).map(lambda samples: sorted(samples, key=lambda sample: str(sample["at"])))
MINUTES = st.integers(0, 80)


def as_made(samples: list[Sample], minutes: int) -> list[Sample]:
    """Those that had been made by then."""
    end = NOW + minutes * MINUTE
    return [sample for sample in samples if datetime.fromisoformat(sample["at"]) < end]


@given(SAMPLES, MINUTES)
def test_the_seconds_of_all_statuses_add_up_to_the_time_that_has_passed(
    samples: list[Sample], minutes: int
) -> None:
    found = report(as_made(samples, minutes), minutes)
    passed = min(minutes, 60) * 60
    assert sum(found.facts["seconds"].values()) == pytest.approx(passed)
    for facts in found.facts["components"].values():
        assert sum(facts["seconds"].values()) == pytest.approx(passed)


@given(SAMPLES, MINUTES)
def test_the_last_status_is_healthy_only_by_a_recent_reading(
    samples: list[Sample], minutes: int
) -> None:
    samples = as_made(samples, minutes)
    found = report(samples, minutes)
    end = min(NOW + minutes * MINUTE, WINDOW.end)
    for facts in found.facts["components"].values():
        age = end - datetime.fromisoformat(facts["last_check"])
        if age > 2 * MINUTE:
            assert facts["status"] == "unknown"
        if facts["status"] == "unknown":
            assert facts["reason"]


@given(SAMPLES, MINUTES)
def test_the_service_is_healthy_only_when_all_its_components_are(
    samples: list[Sample], minutes: int
) -> None:
    found = report(as_made(samples, minutes), minutes)
    statuses = [facts["status"] for facts in found.facts["components"].values()]
    is_healthy = bool(statuses) and set(statuses) == {"healthy"}
    assert (found.facts["overall_status"] == "healthy") == is_healthy
    assert bool(found.findings) != is_healthy


@given(SAMPLES, MINUTES)
def test_ratios_are_shares_and_null_where_there_is_nothing_to_share(
    samples: list[Sample], minutes: int
) -> None:
    found = report(as_made(samples, minutes), minutes)
    for facts in [found.facts, *found.facts["components"].values()]:
        known = sum(seconds for status, seconds in facts["seconds"].items() if status != "unknown")
        assert (facts["availability_ratio"] is None) == (known == 0)
        assert (facts["coverage_ratio"] is None) == (minutes == 0)
        for ratio in (facts["availability_ratio"], facts["coverage_ratio"]):
            assert ratio is None or 0 <= ratio <= 1


@given(SAMPLES)
def test_the_same_samples_give_the_same_document_and_json_of_it(samples: list[Sample]) -> None:
    document = report(samples).document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert report(samples).document() == document


@given(st.lists(STATUSES, min_size=60, max_size=60))
def test_probing_twice_as_often_changes_no_seconds(statuses: list[str]) -> None:
    once = [sample(n, own=status) for n, status in enumerate(statuses)]
    twice = [sample(n / 2, own=statuses[n // 2]) for n in range(120)]
    half_slots = [{**s, "slot": s["at"]} for s in twice]
    assert report(half_slots).facts["seconds"] == report(once).facts["seconds"]
