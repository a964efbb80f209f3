"""A request is asked as configured, of nobody else, and judged by what it says."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.health.checks import http
from ops_pipelines.health.request import Answer
from ops_pipelines.report import Status
from ops_pipelines.settings.http_check import HttpCheck
from ops_pipelines.settings.service import Service
from ops_pipelines_tests.health.bad_server import (
    BadServer,
    answered,
    refusing_port,
    said,
)
from ops_pipelines_tests.health.rounds import (
    NOW,
    made,
    round_of,
    service_from,
    service_with,
    words_of,
)

WELL = said({"status": "healthy"})


# What is asked


def test_a_request_is_what_the_check_says(tmp_path: Path) -> None:
    check = (
        'url: "/query?deep=1", method: POST, body: {question: 你好, deep: true}, status: status, '
        'headers: {Authorization: "Bearer k", User-Agent: mine}'
    )
    with BadServer({"/query": WELL}) as server:
        assert round_of(tmp_path, f"{server.url}/", check) == {None: "healthy"}
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/query?deep=1")
    assert json.loads(request.body) == {"question": "你好", "deep": True}
    assert request.headers["authorization"] == "Bearer k"
    assert request.headers["user-agent"] == "mine"
    assert request.headers["content-type"] == "application/json"


def test_a_body_is_asked_for_unpacked(tmp_path: Path) -> None:
    with BadServer({"/health": WELL}) as server:
        round_of(tmp_path, server.url, "url: /health")
    assert server.requests[0].headers["accept-encoding"] == "identity"
    assert server.requests[0].headers["user-agent"] == "ops-pipelines"


def test_an_absolute_url_is_asked_where_it_points(tmp_path: Path) -> None:
    with BadServer({"/health": WELL}) as server, BadServer({}) as base:
        said_of_it = round_of(tmp_path, base.url, f'url: "{server.url}/health", status: status')
    assert said_of_it == {None: "healthy"}
    assert not base.requests


def test_without_checks_the_endpoints_of_the_guide_are_asked(tmp_path: Path) -> None:
    answers = {
        "/api/health": WELL,
        "/api/health/detailed": said({"components": {"database": {"status": "healthy"}}}),
        "/api/health/llm": said({"status": "degraded"}),
        "/api/health/embeddings": answered(503),
    }
    with BadServer(answers) as server:
        found = made(service_from(tmp_path, f"name: rag\nbase_url: {server.url}\n"))
    assert {request.path for request in server.requests} == set(answers)
    assert words_of(found.readings, "api") == {None: "healthy"}
    assert words_of(found.readings, "detailed") == {None: "healthy", "database": "healthy"}
    assert words_of(found.readings, "llm") == {None: "degraded: says “degraded”"}
    assert words_of(found.readings, "embeddings") == {
        None: "unhealthy: status (503), wanted 200-299"
    }


# Who has no say in it


@pytest.fixture
def _hostile_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Proxies that are dead, a .netrc with a password for our server, and a CA of nobody."""
    with refusing_port() as port:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
            monkeypatch.setenv(name.upper(), f"http://127.0.0.1:{port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        netrc = tmp_path / ".netrc"
        netrc.write_text("machine 127.0.0.1 login me password netrc-secret\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
        yield


@pytest.mark.usefixtures("_hostile_environment")
def test_neither_proxies_of_the_environment_nor_netrc_have_a_say(tmp_path: Path) -> None:
    with BadServer({"/health": WELL}) as server:
        assert round_of(tmp_path, server.url, "url: /health, status: status") == {None: "healthy"}
    assert "authorization" not in server.requests[0].headers


def test_the_proxy_of_the_service_file_is_used(tmp_path: Path) -> None:
    with BadServer({"http://rag.invalid/health": WELL}) as proxy:
        service = service_with(
            tmp_path,
            "http://rag.invalid",
            ["name: api, url: /health, status: status"],
            f"proxy: {proxy.url}",
        )
        found = made(service)
    assert words_of(found.readings, "api") == {None: "healthy"}


def test_a_dead_proxy_of_the_service_file_is_no_health(tmp_path: Path) -> None:
    with refusing_port() as port, BadServer({"/health": WELL}) as server:
        service = service_with(
            tmp_path,
            server.url,
            ["name: api, url: /health, status: status"],
            f"proxy: http://127.0.0.1:{port}",
        )
        found = made(service)
    assert found.readings[0].status is not Status.HEALTHY
    assert not server.requests


# Laws

SERVICE = Service.model_construct(name="rag", base_url="http://127.0.0.1", timezone="UTC")
CHECK = HttpCheck(name="it", url="/", status="status")
ANSWERS = st.builds(
    Answer,
    status=st.integers(100, 999),
    content=st.binary() | st.just(b'{"status": "healthy"}') | st.none(),
    encoding=st.sampled_from(["", "gzip", "deflate", "br"]),
    charset=st.sampled_from([None, "utf-8", "gbk", "utf-16", "none"]),
    location=st.none() | st.text(),
)


def _says_healthy(answer: Answer) -> bool:
    """By another way: what plain Python makes of the body."""
    try:
        document: Any = json.loads((answer.content or b"").decode(answer.charset or "utf-8-sig"))
        return str(document["status"]).strip().casefold() in CHECK.healthy
    except (ValueError, LookupError, TypeError):
        return False


@given(ANSWERS)
def test_bytes_are_healthy_only_where_they_say_so_in_a_status_that_was_wanted(
    answer: Answer,
) -> None:
    (reading,) = http.judge(CHECK, answer, NOW, SERVICE)
    wanted = 200 <= answer.status < 300 and not answer.encoding and _says_healthy(answer)
    assert (reading.status is Status.HEALTHY) == wanted
    assert (reading.reason is None) == wanted


@given(ANSWERS, st.sets(st.integers(100, 599), min_size=1))
def test_a_status_that_is_not_expected_is_unhealthy_whatever_the_body_says(
    answer: Answer, expected: set[int]
) -> None:
    check = CHECK.model_copy(update={"expect_status": tuple(expected)})
    (reading,) = http.judge(check, answer, NOW, SERVICE)
    if answer.status not in expected:
        assert reading.status is Status.UNHEALTHY
