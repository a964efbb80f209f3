"""What the discovery never does, whatever a service answers."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.health.checks import http
from ops_pipelines.health.discovery import words
from ops_pipelines.health.discovery.answer import Seen, seen
from ops_pipelines.health.discovery.mapping import mappings
from ops_pipelines.health.discovery.proposal import Plan
from ops_pipelines.health.discovery.propose import propose
from ops_pipelines.health.request import Answer
from ops_pipelines.report import Status
from ops_pipelines.settings.http_check import HttpCheck
from ops_pipelines.settings.service import Service

NOW = datetime(2025, 11, 24, 12, 0, tzinfo=UTC)
NOT_THERE = Seen("/nowhere", 404)
SERVICE = Service.model_validate(
    {"name": "rag", "base_url": "http://h"}, context={"folder": "/nowhere"}
)
KNOWN = Path(__file__).parents[1] / "shapes"

WORDS = st.sampled_from(
    ["ok", "UP", "healthy", "正常", "ready", "degraded", "down", "error", "异常"]
)
NAMES = st.sampled_from(["llm", "vector-store", "db", "大模型", "cache", "re-ranker", 'a"b', "c d"])
FIELDS = st.sampled_from(["status", "state", "health", "状态"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | WORDS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | FIELDS | NAMES, inner, max_size=5)
    ),
    max_leaves=25,
)


def answer_of(document: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(document, ensure_ascii=False).encode(errors="replace"))


def plan_for(answer: Answer, url: str = "/health") -> Plan:
    return propose([seen(url, answer)], NOT_THERE, "http://h", NOW)


def judged(plan: Plan, answer: Answer) -> list[Status]:
    """What the proposed HTTP checks make of an answer."""
    checks = [p.check for p in plan.proposals if "kind" not in p.check]
    readings = [http.judge(HttpCheck(**check), answer, NOW, SERVICE) for check in checks]
    return [reading.status for found in readings for reading in found]


@given(JSON)
def test_whatever_a_body_holds_the_checks_are_valid_and_writable(document: Any) -> None:
    for made in mappings(document):
        check = {"name": "it", "url": "/", **made.reads}
        assert HttpCheck(**check)
        assert yaml.safe_load(yaml.safe_dump(check, allow_unicode=True)) == check
        assert "${" not in json.dumps(check)


@given(FIELDS, st.dictionaries(NAMES, WORDS, min_size=1), st.sampled_from(["map", "list", "plain"]))
def test_the_worst_word_of_all_components_is_the_verdict(
    field: str, components: dict[str, str], how: str
) -> None:
    shapes: dict[str, Any] = {
        "map": {name: {field: word, "version": "1.2"} for name, word in components.items()},
        "list": [{"name": name, field: word} for name, word in components.items()],
        "plain": components,
    }
    document = {"components": shapes[how]}
    answer = answer_of(document)
    worst = Status.worst(words.meaning(word) or Status.UNKNOWN for word in components.values())
    assert Status.worst(judged(plan_for(answer), answer)) is worst


@given(st.dictionaries(NAMES, WORDS, min_size=2), WORDS)
def test_a_word_beside_the_main_verdict_is_not_overlooked(others: dict[str, str], own: str) -> None:
    answer = answer_of({"status": own, **others})
    worst = Status.worst(words.meaning(w) or Status.UNKNOWN for w in [own, *others.values()])
    assert Status.worst(judged(plan_for(answer), answer)) is worst


def shapes() -> Iterator[Any]:
    for file in sorted(KNOWN.glob("*.yaml")):
        shape = yaml.safe_load(file.read_text(encoding="utf-8"))
        for number, first in enumerate(shape["answers"], start=1):
            yield pytest.param(shape, first, id=f"{file.stem}-{number}")


@pytest.mark.parametrize(("shape", "first"), list(shapes()))
def test_no_answer_of_known_software_that_is_not_well_is_called_well(
    shape: dict[str, Any], first: dict[str, Any]
) -> None:
    """Whichever of its answers the discovery happens to meet."""

    def bytes_of(answer: dict[str, Any]) -> Answer:
        body = answer.get("text", json.dumps(answer.get("body"), ensure_ascii=False))
        return Answer(answer.get("status", 200), body.encode())

    plan = plan_for(bytes_of(first), shape["check"]["url"])
    for later in shape["answers"]:
        if any(not words_.startswith("healthy") for words_ in later["gives"].values()):
            found = judged(plan, bytes_of(later))
            assert not found or Status.worst(found) is not Status.HEALTHY


@pytest.mark.parametrize(
    "document",
    [
        {"status": "success", "data": {"health": "critical"}},
        {"status": "ok", "db": "disconnected"},
        {"status": "ok", "db": "not connected"},
        {"status": "ok", "result": {"status": "red"}},
        {"status": "ok", "degraded": True},
        {"code": 0, "message": "success", "data": {"状态": "异常"}},
        {"healthy_count": 0, "unhealthy_count": 0},
        {"healthy": [], "unhealthy": []},
        {"healthy_count": 3, "unhealthy_count": 1},
        {"status": "healthy", "timestamp": "2020-01-01T00:00:00Z"},
        {"status": "ok", "checks": [{"name": "a", "status": "pass"}, {"name": "b", "status": "?"}]},
        {"status": "ok", "services": {"llm": True, "db": False}},
        {"status": "running"},
        {"state": 1},
        {"conditions": [{"type": "Ready", "status": "False"}], "status": "ok", "phase": "down"},
    ],
    ids=lambda document: json.dumps(document, ensure_ascii=False)[:50],
)
def test_a_deceptive_answer_is_not_called_well(document: Any) -> None:
    found = judged(plan_for(answer_of(document)), answer_of(document))
    assert found
    assert Status.worst(found) is not Status.HEALTHY


@pytest.mark.parametrize("status", [500, 503])
def test_an_error_with_a_verdict_is_read_only_where_it_is_not_well(status: int) -> None:
    down, up = answer_of({"status": "DOWN"}, status), answer_of({"status": "UP"}, status)
    assert judged(plan_for(down), down) == [Status.UNHEALTHY]
    assert judged(plan_for(up), up) == [Status.UNHEALTHY]
