"""What an OpenAI-compatible API and a RAG service answer, for a `BadServer`, which counts."""

import json
import socket
from collections.abc import Mapping
from typing import Any

from ops_pipelines_tests.health.bad_server import (
    Answer,
    BadServer,
    Misbehaviour,
    Request,
    answered,
    said,
)

MODELS, COMPLETIONS, EMBEDDINGS = "/v1/models", "/v1/chat/completions", "/v1/embeddings"
REFUSAL = (
    "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead."
)


def listed(*names: str) -> bytes:
    """A list of models."""
    return said({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


def completed(message: Mapping[str, Any], finish_reason: str = "stop") -> bytes:
    """A completion."""
    choice = {"index": 0, "message": {"role": "assistant", **message}}
    return said({"choices": [{**choice, "finish_reason": finish_reason}]})


def embedded(numbers: int) -> bytes:
    """An embedding of so many numbers."""
    return said({"data": [{"index": 0, "embedding": [0.5] * numbers}]})


def failed(status: int, message: str = "no GPU") -> bytes:
    """An error as OpenAI's API has it."""
    return answered(status, json.dumps({"error": {"message": message, "code": "x"}}).encode())


def refusing(parameter: str, message: str = REFUSAL) -> Misbehaviour:
    """Complete, unless the request bears `parameter`."""

    def answer(connection: socket.socket, request: Request) -> None:
        is_refused = parameter in json.loads(request.body)
        connection.sendall(failed(400, message) if is_refused else WELL[COMPLETIONS])

    return answer


WELL: dict[str, bytes] = {
    MODELS: listed("qwen3", "bge-m3"),
    COMPLETIONS: completed({"content": "ok"}),
    EMBEDDINGS: embedded(4),
}


def serving(**more: Answer) -> BadServer:
    """A server that is well, but for the answers of `models`, `completions` and `embeddings`."""
    paths = {"models": MODELS, "completions": COMPLETIONS, "embeddings": EMBEDDINGS}
    return BadServer({**WELL, **{paths[name]: answer for name, answer in more.items()}})


def paid_calls(server: BadServer) -> int:
    """How many calls it got that cost money."""
    return len(server.asked(COMPLETIONS)) + len(server.asked(EMBEDDINGS))
