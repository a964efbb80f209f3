import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops_pipelines.demo import faults
from ops_pipelines.demo.answering import question_hash
from ops_pipelines.demo.faults import Fault
from ops_pipelines.health.guide import of_round
from ops_pipelines.health.network import run
from ops_pipelines.health.probe import run_round
from ops_pipelines_tests.demo.served import Served

ALL = {
    "api",
    "detailed",
    "detailed/llm",
    "detailed/embeddings",
    "database",
    "llm",
    "embeddings",
    "port",
}


@pytest.fixture
def whole(served: Served) -> Iterator[Served]:
    """The demo without faults, and whole again after the test."""
    assert unwell(served) == {}
    yield served
    served.switch("repair")
    assert unwell(served) == {}, "the repair did not help"


def unwell(served: Served) -> dict[str, tuple[str, str]]:
    """Status and error of each component that is not healthy in a real round of probes."""
    found = run(run_round(served.service, datetime.now(UTC)))
    components = of_round(found, served.service)["components"]
    assert set(components) == ALL or served.client.get("/api/health").status_code == 503
    return {
        name: (component["status"], component["error"])
        for name, component in components.items()
        if component["status"] != "healthy"
    }


def test_a_slow_model_makes_the_service_degraded_and_answers_slow(whole: Served) -> None:
    whole.switch("break", "slow-model")
    said = [{"role": "system", "content": "Grass is green."}, {"role": "user", "content": "Grass?"}]
    body = {"model": "tarn-chat-small", "messages": said}
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(whole.client.post, "/v1/chat/completions", json=body)
        found = unwell(whole)
        assert 2 < asking.result().elapsed.total_seconds() < 15

    assert set(found) == {"llm", "detailed/llm"}
    assert {status for status, _ in found.values()} == {"degraded"}
    assert "wanted within 1 s" in found["detailed/llm"][1]
    health = whole.client.get("/api/health/llm").json()
    assert (health["status"], health["response_time"] > 1) == ("degraded", True)
    assert f"{health['response_time']:.1f} s" in health["error"]


def test_failing_embeddings_fail_what_needs_them(whole: Served) -> None:
    whole.switch("break", "failing-embeddings")

    found = unwell(whole)
    assert set(found) == {"embeddings", "detailed/embeddings"}
    assert {status for status, _ in found.values()} == {"unhealthy"}
    assert "out of memory" in found["detailed/embeddings"][1]
    body = {"model": "tarn-embed-256", "input": "text"}
    assert whole.client.post("/v1/embeddings", json=body).status_code == 500
    question = "Does a failed question stand in the log?"
    answer = whole.ask(question)
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "EmbeddingError")
    key = question_hash(question)
    [line] = [line for line in whole.log() if line.get("request_hash") == key]
    assert (line["level"], line["error_type"], line["status"]) == ("ERROR", "EmbeddingError", 500)
    assert line["model"] == "tarn-embed-256"


def test_an_outage_refuses_every_request_but_the_port_is_open(whole: Served) -> None:
    whole.switch("break", "outage")

    for path in ["/api/health", "/api/health/detailed", "/api/health/llm", "/v1/models", "/none"]:
        answer = whole.client.get(path)
        assert answer.status_code == 503
        assert answer.json()["error"]["type"] == "ServiceUnavailable"
    assert whole.ask("refund").status_code == 503
    found = unwell(whole)
    assert set(found) == {"api", "detailed", "llm", "embeddings"}
    assert {status for status, _ in found.values()} == {"unhealthy"}
    assert any(line.get("error_type") == "ServiceUnavailable" for line in whole.log())


def test_faults_add_up_and_are_repaired_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"

    assert faults.active(file) == set()
    faults.switch_on(file, Fault.SLOW_MODEL)
    faults.switch_on(file, Fault.OUTAGE)
    faults.switch_on(file, Fault.OUTAGE)
    assert faults.active(file) == {Fault.SLOW_MODEL, Fault.OUTAGE}
    assert json.loads(file.read_text()) == {"faults": ["outage", "slow-model"]}
    faults.switch_off(file, Fault.OUTAGE)
    faults.switch_off(file, Fault.FAILING_EMBEDDINGS)
    assert faults.active(file) == {Fault.SLOW_MODEL}
    faults.switch_off(file)
    assert faults.active(file) == set()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"faults": 1}', '{"faults": ["none"]}'])
def test_a_damaged_file_of_switches_is_no_fault(tmp_path: Path, content: str) -> None:
    file = tmp_path / "faults.json"
    file.write_text(content)

    assert faults.active(file) == set()
