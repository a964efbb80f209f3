import asyncio
import socket
import time

import pytest

from ops_pipelines.demo import traffic
from ops_pipelines_tests.demo.served import Served


def visit(base_url: str, seconds: float) -> None:
    """Let visitors in for so long; they would not leave by themselves."""
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(traffic.send(base_url, pause_seconds=0.01), seconds))


def test_visitors_stand_an_outage(served: Served) -> None:
    served.switch("break", "outage")
    before = len(served.log())
    visit(str(served.client.base_url), 0.5)
    served.switch("repair")

    refused = [line for line in served.log()[before:] if line["status"] == 503]
    assert len(refused) > 5
    endpoints = {line["endpoint"] for line in refused}
    assert "/api/query" in endpoints
    assert endpoints <= {"/api/query", "/v1/models"}  # which of them is asked is by chance


def test_visitors_stand_a_service_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    started = time.monotonic()

    visit(f"http://127.0.0.1:{port}", 0.3)
    assert time.monotonic() - started < 5


def test_a_program_uses_the_models(served: Served) -> None:
    before = len(served.log())
    visit(str(served.client.base_url), 1)

    used = [line for line in served.log()[before:] if line["endpoint"].startswith("/v1/")]
    assert [line["endpoint"] for line in used[:3]] == [
        "/v1/models",
        "/v1/chat/completions",
        "/v1/embeddings",
    ]
    assert {line["status"] for line in used} == {200}


def test_some_questions_come_again_and_again(served: Served) -> None:
    hashes: list[str] = []
    while len(hashes) < 10 or len(set(hashes)) == len(hashes):
        visit(str(served.client.base_url), 1)
        hashes = [line["request_hash"] for line in served.log() if "request_hash" in line]
        assert len(hashes) < 200, "no question was asked twice"
    assert len(set(hashes)) > 3
