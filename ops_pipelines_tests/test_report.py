import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.language import speaking
from ops_pipelines.redaction import learn
from ops_pipelines.report import Finding, Problem, Reason, Report, Severity, Status, content_hash
from ops_pipelines.window import Window

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SLOW = Reason("health.hangs_answering", {"seconds": 10})
DOWN = Finding(
    "health.component_unhealthy",
    Severity.CRITICAL,
    "api",
    {"reason": Reason("health.status", {"status": 503, "wanted": "200-299"}).stored()},
)
REPORT = Report(
    service="rag-system",
    asset="health_report",
    window=Window(NOON, NOON + timedelta(days=1)),
    complete=False,
    made_at=NOON + timedelta(hours=3),
    facts={"overall_status": "unhealthy", "seconds": {"healthy": 10.5}},
    findings=(DOWN,),
    inputs={"samples": 180},
)

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_the_worst_status_is_unhealthy_then_unknown_then_degraded() -> None:
    order = [Status.HEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.UNHEALTHY]
    for statuses in permutations(order):
        assert Status.worst(statuses) is Status.UNHEALTHY
        assert sorted(statuses, key=lambda status: status.badness) == order


def test_of_no_status_at_all_nothing_is_known() -> None:
    assert Status.worst([]) is Status.UNKNOWN


def test_a_report_is_as_severe_as_its_worst_finding() -> None:
    warning = replace(DOWN, severity=Severity.WARNING)
    assert replace(REPORT, findings=(warning, DOWN, warning)).severity is Severity.CRITICAL
    assert replace(REPORT, findings=()).severity is None


def test_a_reason_reads_as_a_sentence_with_the_services_own_words_at_its_end() -> None:
    assert str(SLOW) == "connected, but no answer within 10 s"
    told = Reason(SLOW.code, {**SLOW.facts, "error": "upstream timed out"})
    assert str(told) == "connected, but no answer within 10 s: upstream timed out"


def test_a_reason_and_a_finding_are_restored_from_what_was_stored() -> None:
    assert Reason.restored(json.loads(json.dumps(SLOW.stored()))) == SLOW
    assert Reason.restored(None) is None
    assert Finding.restored(json.loads(json.dumps(DOWN.stored()))) == DOWN


def test_a_finding_is_stored_without_prose_and_printed_with_it() -> None:
    assert set(DOWN.stored()) == {"code", "severity", "subject", "facts"}
    rendered = DOWN.rendered()
    assert rendered["message"] == "api is unhealthy: status (503), wanted 200-299"
    assert rendered["action"].startswith("Look at the service's log")


def test_a_problem_reads_as_file_line_column_what_is_wrong_and_what_to_do() -> None:
    problem = Problem("settings.missing", "services/a.yaml", 3, 5, "base_url")
    assert str(problem) == ("services/a.yaml:3:5: base_url is missing → Add it; it has no default.")
    assert problem.rendered()["suggestion"] == "Add it; it has no default."
    assert problem.rendered()["severity"] == "critical"


def test_a_problem_without_advice_ends_with_what_is_wrong() -> None:
    assert str(Problem("yaml.own_tail", "a.yaml", 1, 1, "")).endswith("an anchor contains itself")


def test_a_document_holds_what_the_contract_names() -> None:
    document = json.loads(json.dumps(REPORT.document()))
    assert document == {
        "schema_version": 1,
        "service": "rag-system",
        "asset": "health_report",
        "data_version": document["data_version"],
        "made_at": "2026-07-01T15:00:00+00:00",
        "inputs": {"samples": 180},
        "window": {"start": "2026-07-01T12:00:00+00:00", "end": "2026-07-02T12:00:00+00:00"},
        "complete": False,
        "facts": {"overall_status": "unhealthy", "seconds": {"healthy": 10.5}},
        "findings": [DOWN.stored()],
    }


def test_the_data_version_is_that_of_what_is_said_whenever_and_from_whatever_it_was_made() -> None:
    version = REPORT.document()["data_version"]
    later = replace(REPORT, made_at=NOON + timedelta(days=9), inputs={"samples": 999})
    assert later.document()["data_version"] == version
    for other in (
        replace(REPORT, facts={"overall_status": "healthy"}),
        replace(REPORT, findings=()),
        replace(REPORT, complete=True),
        replace(REPORT, window=REPORT.window.widened(timedelta(seconds=1))),
    ):
        assert other.document()["data_version"] != version


def test_a_language_changes_no_document() -> None:
    english = REPORT.document()
    with speaking("zh"):
        assert REPORT.document() == english


def test_a_document_and_its_data_version_know_no_secret() -> None:
    def with_key(key: str) -> dict[str, Any]:
        facts = {"api": {"reason": Reason("health.says", {"word": f"bad {key}"}).stored()}}
        found = replace(DOWN, subject=f"api {key}", facts={"reason": f"denied {key}"})
        return replace(REPORT, facts=facts, findings=(found,), inputs={"url": key}).document()

    learn("hunter2-old")
    learn("hunter2-new")
    assert with_key("hunter2-old") == with_key("hunter2-new") == with_key("***")


def test_masking_leaves_codes_and_severities_alone() -> None:
    learn("health")
    learn("critical")
    stored = DOWN.stored()
    assert stored["code"] == "health.component_unhealthy"
    assert Finding.restored(stored).severity is Severity.CRITICAL


@given(st.dictionaries(st.text(), json_values))
def test_a_hash_does_not_depend_on_the_order_of_keys(content: dict[str, Any]) -> None:
    assert content_hash(dict(reversed(content.items()))) == content_hash(content)


@given(json_values)
def test_a_hash_stays_the_same_after_writing_and_reading(content: Any) -> None:
    assert content_hash(json.loads(json.dumps(content))) == content_hash(content)


@pytest.mark.parametrize("text", ["\ud800", "密钥", "\u2028", "\x00"])
def test_any_text_that_json_can_hold_has_a_hash(text: str) -> None:
    assert len(content_hash({text: text})) == 64
