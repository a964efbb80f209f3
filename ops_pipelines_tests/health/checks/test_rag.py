"""A known question: its answer and its sources must be right, however a model words them."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops_pipelines_tests.health.bad_server import (
    Answer,
    BadServer,
    answered,
    hang,
    redirect,
    refusing_port,
    reset,
    said,
    text,
)
from ops_pipelines_tests.health.models import failed
from ops_pipelines_tests.health.rounds import NOW, made, service_with, words

MINUTE = timedelta(minutes=1)
EXPECTED = 'expect: "30 days"'
SOURCES = [{"title": "Refund policy", "id": 7, "score": 0.9}, {"title": "Imprint", "id": 8}]


def asked(
    folder: Path,
    answer: Answer,
    check: str = EXPECTED,
    more: str = "timeout_seconds: 10",
    minutes: float = 0,
) -> tuple[str, BadServer]:
    """What the check says of a service with this answer, and the service that was asked."""
    with BadServer({"/api/query": answer}) as server:
        given = f"name: it, kind: rag, url: /api/query, body: {{question: 'Refunds?'}}, {check}"
        service = service_with(folder, server.url, [given], more)
        (reading,) = made(service, NOW + minutes * MINUTE).readings
    return words(reading), server


def verdict(folder: Path, body: Any, check: str = EXPECTED) -> str:
    return asked(folder, said(body), check)[0]


def test_the_question_is_asked_as_it_stands_with_its_headers(tmp_path: Path) -> None:
    check = f'{EXPECTED}, headers: {{Authorization: "Bearer key"}}'
    found, server = asked(tmp_path, said({"answer": "Within 30 days."}), check)
    assert found == "healthy"
    (request,) = server.requests
    assert (request.method, json.loads(request.body)) == ("POST", {"question": "Refunds?"})
    assert request.headers["authorization"] == "Bearer key"


# The answer


@pytest.mark.parametrize(
    ("answer", "expect"),
    [
        ("You have 30 days to return it.", "30 days"),
        ("WITHIN 30 DAYS", "30 days"),
        ("within 30\n   days.", "30 days"),
        ("within 30\u00a0days", "30 days"),
        ("Within **30** `days`", "30 days"),
        ("退款期限为 30 天。", "30天"),
        ("退款期限为３０天。", "30 天"),
        ("Die Straße", "STRASSE"),
    ],
)
def test_the_expected_text_is_found_however_it_is_written(
    answer: str, expect: str, tmp_path: Path
) -> None:
    assert verdict(tmp_path, {"answer": answer}, f'expect: "{expect}"') == "healthy"


def test_an_answer_without_the_expected_text_is_unhealthy_and_shown(tmp_path: Path) -> None:
    assert verdict(tmp_path, {"answer": "I do not know.\nSorry."}) == (
        "unhealthy: the answer lacks “30 days”; it begins with: I do not know. Sorry."
    )


def test_without_expectations_any_answer_will_do(tmp_path: Path) -> None:
    assert verdict(tmp_path, {"answer": "no idea"}, "answer: answer") == "healthy"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"choices": [{"message": {"content": "30 days"}}]}, "choices[0].message.content"),
        ({"data": {"text": "30 days"}}, "data.text"),
        (["30 days"], "[0]"),
    ],
)
def test_the_answer_may_stand_anywhere(body: Any, path: str, tmp_path: Path) -> None:
    assert verdict(tmp_path, body, f'{EXPECTED}, answer: "{path}"') == "healthy"


@pytest.mark.parametrize(
    "body", [{}, {"answer": None}, {"answer": ""}, {"answer": " \n"}, {"answer": 30}, [], "30 days"]
)
def test_no_answer_at_all_cannot_be_told(body: Any, tmp_path: Path) -> None:
    assert verdict(tmp_path, body) == "unknown: the answer has no text at “answer”"


# Its sources


@pytest.mark.parametrize(
    ("sources", "check"),
    [
        (SOURCES, "expect_source: Refund policy"),
        (SOURCES, 'expect_source: "refund POLICY"'),
        (SOURCES, 'sources: "sources[].title", expect_source: Refund'),
        (["Refund policy"], "expect_source: Refund policy"),
        ("Refund policy", "expect_source: Refund policy"),
        ({"documents": [{"meta": {"file": "refunds.md"}}]}, "expect_source: refunds.md"),
        ([7, 8], 'expect_source: "7"'),
        (SOURCES, 'sources: "sources[].id"'),
    ],
)
def test_the_expected_source_is_found_wherever_it_is_named(
    sources: Any, check: str, tmp_path: Path
) -> None:
    assert verdict(tmp_path, {"answer": "30 days", "sources": sources}, check) == "healthy"


@pytest.mark.parametrize(
    ("sources", "check", "why"),
    [
        (SOURCES, "expect_source: Terms", "none of the 2 sources holds “Terms”"),
        ([], "expect_source: Terms", "the answer names no source at “sources”"),
        (None, "expect_source: Terms", "the answer names no source at “sources”"),
        ([{}], 'sources: "sources[]"', "the answer names no source at “sources[]”"),
        (SOURCES, 'sources: "docs[]"', "the answer names no source at “docs[]”"),
        (
            SOURCES,
            'sources: "sources[?score > `0.95`].title", expect_source: Refund',
            "the answer names no source at “sources[?score > `0.95`].title”",
        ),
    ],
)
def test_without_the_expected_source_it_is_unhealthy(
    sources: Any, check: str, why: str, tmp_path: Path
) -> None:
    body = {"answer": "30 days", "sources": sources}
    assert verdict(tmp_path, body, check) == f"unhealthy: {why}"


# What must hold


@pytest.mark.parametrize(
    ("holds", "is_well"),
    [
        ("length(sources) > `1`", True),
        ("length(sources) > `2`", False),
        ("contains(sources[].title, 'Imprint')", True),
        ("length(missing) > `0`", False),  # a function that its value does not fit
        ("answer", False),  # true is true alone
        ("missing", False),
    ],
)
def test_a_condition_must_be_true(holds: str, is_well: bool, tmp_path: Path) -> None:
    body = {"answer": "30 days", "sources": SOURCES}
    found = verdict(tmp_path, body, f'{EXPECTED}, holds: "{holds}"')
    assert found == ("healthy" if is_well else f"unhealthy: the answer does not fulfil {holds}")


# Answers that cannot be read, or are none

NO_JSON = "unknown: the body is not JSON"


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (failed(500, "no index"), "unhealthy: status (500), wanted 200-299: no index"),
        (failed(401, "no key"), "unhealthy: status (401), wanted 200-299: no key"),
        (failed(429), "unhealthy: status (429), wanted 200-299: no GPU"),
        (answered(422, b'{"detail": [{"msg": "field required"}]}'),
         "unhealthy: status (422), wanted 200-299: [{'msg': 'field required'}]"),
        (redirect(307, "/api/query"), "unhealthy: status (307), wanted 200-299"),
        (text("30 days"), f"{NO_JSON} (line 1, column 4); it begins with: 30 days"),
        (text('data: {"answer": "30"}\n\n', "text/event-stream"),
         f'{NO_JSON} (line 1, column 1); it begins with: data: {{"answer": "30"}}'),
        (answered(204), "unknown: the body is empty"),
        (text('{"answer": "30 days", "score": NaN}'),
         "unknown: the body holds a number that is not JSON (NaN)"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_never_healthy(answer: Answer, wanted: str, tmp_path: Path) -> None:
    assert asked(tmp_path, answer)[0] == wanted


def test_a_broken_connection_is_unhealthy(tmp_path: Path) -> None:
    found, server = asked(tmp_path, reset)
    assert found == (
        f"unhealthy: {server.address} gave no whole HTTP answer (Connection reset by peer)"
    )


def test_a_port_that_refuses_is_unhealthy(tmp_path: Path) -> None:
    with refusing_port() as port:
        check = f'name: it, kind: rag, url: "http://127.0.0.1:{port}/", body: {{}}'
        (reading,) = made(service_with(tmp_path, "http://127.0.0.1:1", [check])).readings
    assert words(reading) == (f"unhealthy: no connection to 127.0.0.1:{port} (Connection refused)")


def test_an_answer_that_hangs_is_unhealthy_and_remembered(tmp_path: Path) -> None:
    check, quick = f"{EXPECTED}, calls_per_day: 1", "timeout_seconds: 0.3"
    hangs = "unhealthy: connected, but no answer within 0.3 s"
    assert asked(tmp_path, hang, check, quick)[0] == hangs
    found, server = asked(tmp_path, said({"answer": "30 days"}), check, quick, minutes=1)
    assert (found, len(server.requests)) == (hangs, 0)


# Its budget


def test_a_day_of_rounds_asks_within_the_budget_and_never_lacks_a_verdict(tmp_path: Path) -> None:
    check = f"{EXPECTED}, calls_per_day: 24"
    with BadServer({"/api/query": said({"answer": "30 days"})}) as server:
        given = f"name: it, kind: rag, url: /api/query, body: {{}}, {check}"
        service = service_with(tmp_path, server.url, [given])
        found = [
            made(service, NOW + minute * MINUTE).readings[0] for minute in range(0, 24 * 60, 5)
        ]
    assert {words(reading) for reading in found} == {"healthy"}
    assert len(server.requests) == 22  # a tenth is kept
    ages = [(NOW + 5 * index * MINUTE) - (reading.probed_at or NOW + 5 * index * MINUTE)
            for index, reading in enumerate(found)]  # fmt: skip
    assert max(ages) == 115 * MINUTE


def test_a_check_without_calls_is_not_probed(tmp_path: Path) -> None:
    found, server = asked(tmp_path, said({"answer": "30 days"}), f"{EXPECTED}, calls_per_day: 0")
    assert found == "unknown: not probed: 0 calls a day are allowed; last probed: -"
    assert server.requests == []
