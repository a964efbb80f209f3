import math
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ops_pipelines.demo.answering import question_hash
from ops_pipelines_tests.demo.served import Served

CHAT_MODEL = "tarn-chat-small"
EMBEDDING_MODEL = "tarn-embed-256"


@pytest.mark.parametrize("path", ["", "/detailed", "/llm", "/embeddings", "/database"])
def test_health_is_well_and_of_now(served: Served, path: str) -> None:
    answer = served.client.get(f"/api/health{path}")

    assert answer.status_code == 200
    assert answer.json()["status"] == "healthy"
    moment = datetime.fromisoformat(answer.json()["timestamp"])
    assert moment.utcoffset() == timedelta(hours=8)
    assert abs(datetime.now(UTC) - moment) < timedelta(seconds=20)


def test_the_detailed_health_names_each_component_as_the_guide_has_it(served: Served) -> None:
    components = served.client.get("/api/health/detailed").json()["components"]

    assert set(components) == {"llm", "embeddings", "database"}
    for component in components.values():
        assert set(component) == {"status", "response_time", "last_check", "error"}
        assert datetime.fromisoformat(component["last_check"]).tzinfo


def test_the_response_times_of_components_are_measured(served: Served) -> None:
    seen = [served.client.get("/api/health/detailed").json()["components"] for _ in range(5)]

    for name, least, most in [
        ("llm", 0.03, 1.0),
        ("embeddings", 0.005, 0.5),
        ("database", 0.00001, 0.2),
    ]:
        seconds = [components[name]["response_time"] for components in seen]
        assert all(least < value < most for value in seconds), name
        assert len(set(seconds)) > 1, f"{name} is constant"


@pytest.mark.parametrize("path", ["/", "/api/health/nothing", "/api/nothing"])
def test_what_is_not_there_is_404(served: Served, path: str) -> None:
    answer = served.client.get(path)

    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "InvalidRequest"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"{}", b'{"question": 1}', b'{"question": " "}', b"\xff"]
)
def test_a_query_without_a_question_is_rejected(served: Served, body: bytes) -> None:
    answer = served.client.post("/api/query", content=body)

    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "InvalidRequest"


def test_a_query_is_answered_with_its_sources(served: Served) -> None:
    answer = served.ask("What is the refund period?").json()

    assert "30 days" in answer["answer"]
    assert answer["sources"][0]["document"] == "en-refunds"
    assert answer["model"] == CHAT_MODEL
    assert answer["response_time"] > 0.05


def test_the_models_are_listed(served: Served) -> None:
    listed = served.client.get("/v1/models").json()

    assert [model["id"] for model in listed["data"]] == [CHAT_MODEL, EMBEDDING_MODEL]
    assert listed["object"] == "list"


def chat(served: Served, *messages: str, **more: Any) -> httpx.Response:
    *context, question = messages
    said = [{"role": "system", "content": text} for text in context]
    body = {"model": CHAT_MODEL, "messages": [*said, {"role": "user", "content": question}], **more}
    return served.client.post("/v1/chat/completions", json=body)


def test_a_chat_is_completed_from_what_it_was_told(served: Served) -> None:
    completion = chat(served, "Our sky is green. Our grass is red.", "Which colour has grass?")

    [choice] = completion.json()["choices"]
    assert choice["message"] == {"role": "assistant", "content": "Our grass is red."}
    assert choice["finish_reason"] == "stop"
    assert completion.json()["usage"] == {
        "prompt_tokens": 15,
        "completion_tokens": 5,
        "total_tokens": 20,
    }


def test_a_completion_is_cut_where_it_may_not_be_longer(served: Served) -> None:
    [choice] = chat(served, "Our grass is red.", "Grass?", max_tokens=2).json()["choices"]

    assert choice["message"]["content"] == "Our grass"
    assert choice["finish_reason"] == "length"


def test_embeddings_have_the_configured_dimension_and_tell_texts_apart(served: Served) -> None:
    texts = ["refund period", "period refund", "express delivery"]
    body = {"model": EMBEDDING_MODEL, "input": texts}
    answer = served.client.post("/v1/embeddings", json=body).json()

    one, same, other = (entry["embedding"] for entry in answer["data"])
    assert len(one) == 256
    assert math.hypot(*one) == pytest.approx(1)
    assert one == same
    assert sum(a * b for a, b in zip(one, other, strict=True)) < 0.5
    assert answer["usage"] == {"prompt_tokens": 6, "completion_tokens": 0, "total_tokens": 6}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("chat/completions", {"model": "none", "messages": [{"content": "x"}]}, 404),
        ("chat/completions", {"model": CHAT_MODEL}, 400),
        ("chat/completions", {"model": CHAT_MODEL, "messages": []}, 400),
        ("chat/completions", {"model": CHAT_MODEL, "messages": [{"content": None}]}, 400),
        (
            "chat/completions",
            {"model": CHAT_MODEL, "messages": [{"content": "x"}], "max_tokens": "y"},
            400,
        ),
        (
            "chat/completions",
            {"model": CHAT_MODEL, "messages": [{"content": "x"}], "stream": True},
            400,
        ),
        ("embeddings", {"model": CHAT_MODEL, "input": "x"}, 404),
        ("embeddings", {"model": EMBEDDING_MODEL}, 400),
        ("embeddings", {"model": EMBEDDING_MODEL, "input": []}, 400),
        ("embeddings", {"model": EMBEDDING_MODEL, "input": [1]}, 400),
    ],
)
def test_a_wrong_request_to_a_model_is_rejected(
    served: Served, path: str, body: dict[str, Any], status: int
) -> None:
    answer = served.client.post(f"/v1/{path}", json=body)

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_each_request_leaves_a_line_in_the_log(served: Served) -> None:
    question = "How heavy may a parcel be before it goes by freight?"
    served.ask(question)
    served.ask(question.upper().replace(" ", "  "))
    served.client.get("/api/nowhere-at-all")

    key = question_hash(question)
    first, second = (line for line in served.log() if line.get("request_hash") == key)
    assert first["level"] == "INFO"
    assert "request" in first["message"]
    assert datetime.fromisoformat(first["timestamp"]).utcoffset() == timedelta(hours=8)
    assert (first["endpoint"], first["method"], first["status"]) == ("/api/query", "POST", 200)
    assert (first["provider"], first["model"]) == ("in-house", CHAT_MODEL)
    assert 0.05 < first["first_token_seconds"] < first["response_time"] < 5
    assert first["tokens_input"] > first["tokens_output"] > 0
    assert second["status"] == 200
    [lost] = [line for line in served.log() if line.get("endpoint") == "/api/nowhere-at-all"]
    assert (lost["level"], lost["status"]) == ("WARNING", 404)
