"""Redirects are followed within the origin only, and no secret goes anywhere else."""

from pathlib import Path

import pytest

from ops_pipelines.health.checks import http
from ops_pipelines_tests.health.bad_server import (
    BadServer,
    redirect,
    said,
)
from ops_pipelines_tests.health.rounds import (
    round_of,
)

WELL = said({"status": "healthy"})
TOKEN = "Bearer sk-secret"
WITH_TOKEN = f'url: /health, status: status, headers: {{Authorization: "{TOKEN}"}}'


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_origin_is_never_followed(status: int, tmp_path: Path) -> None:
    with BadServer({"/health": WELL}) as other:
        location = f"{other.url}/health"
        with BadServer({"/health": redirect(status, location)}) as server:
            found = round_of(tmp_path, server.url, WITH_TOKEN)
    assert found == {
        None: f"unhealthy: status ({status}), wanted 200-299; it leads to {location}",
    }
    assert [request.headers["authorization"] for request in server.requests] == [TOKEN]
    assert not other.requests


def test_neither_is_one_to_another_name_of_the_same_host(tmp_path: Path) -> None:
    with BadServer({}) as server:
        location = f"http://localhost:{server.port}/well"
        server.answers = {"/health": redirect(302, location), "/well": WELL}
        found = round_of(tmp_path, server.url, WITH_TOKEN)
    assert found == {None: f"unhealthy: status (302), wanted 200-299; it leads to {location}"}
    assert not server.asked("/well")


@pytest.mark.parametrize("location", ["/well", "well", "?", "//{address}/well", "{url}/well#top"])
def test_a_redirect_within_the_origin_is_followed_with_all_headers(
    location: str, tmp_path: Path
) -> None:
    with BadServer({}) as server:
        target = location.format(address=server.address, url=server.url)
        answers = iter([redirect(302, target), WELL])
        server.answers = {
            "/health": lambda connection, _: connection.sendall(next(answers)),
            "/well": WELL,
        }
        assert round_of(tmp_path, server.url, WITH_TOKEN) == {None: "healthy"}
    assert [request.headers["authorization"] for request in server.requests] == [TOKEN, TOKEN]


def test_a_loop_of_redirects_ends(tmp_path: Path) -> None:
    with BadServer({"/a": redirect(302, "/b"), "/b": redirect(302, "/a")}) as server:
        found = round_of(tmp_path, server.url, "url: /a, status: status")
    assert found == {None: "unhealthy: status (302), wanted 200-299; it leads to /a"}
    assert len(server.requests) == 1 + http.MOST_REDIRECTS


@pytest.mark.parametrize(("status", "is_followed"), [(302, False), (303, False), (307, True)])
def test_a_post_is_repeated_only_where_the_redirect_says_so(
    status: int, is_followed: bool, tmp_path: Path
) -> None:
    with BadServer({"/health": redirect(status, "/well"), "/well": WELL}) as server:
        round_of(tmp_path, server.url, "url: /health, status: status, method: POST, body: {a: 1}")
    assert [request.body for request in server.asked("/well")] == [b'{"a":1}'] * is_followed


def test_a_default_port_names_the_same_origin() -> None:
    assert http._origin("https://RAG/x") == http._origin("https://rag:443/y")
    assert http._origin("http://rag/") == http._origin("http://rag:80")
    assert http._origin("http://rag") != http._origin("https://rag")
    assert http._origin("http://rag") != http._origin("http://rag:443")
