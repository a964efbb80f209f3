"""A request is asked as configured and of nobody else, and its certificate must be trusted."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.health.checks import http
from ops_pipelines.health.checks.http import Answer
from ops_pipelines.report import Status
from ops_pipelines.settings.health import HttpCheck
from ops_pipelines.settings.service import Service
from ops_pipelines_tests.health.bad_server import (
    BadServer,
    answered,
    redirect,
    refusing_port,
    said,
    silent_port,
)
from ops_pipelines_tests.health.certificates import Certificate
from ops_pipelines_tests.health.rounds import (
    NOW,
    made,
    round_of,
    service_from,
    service_with,
    words,
    words_of,
)

WELL = said({"status": "healthy"})
TOKEN = "Bearer sk-secret"
WITH_TOKEN = f'url: /health, status: status, headers: {{Authorization: "{TOKEN}"}}'


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


# Redirects


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


# Certificates


@dataclass(frozen=True, slots=True)
class Issued:
    """A private CA, and the folder in which its file and those of others lie."""

    authority: Certificate
    folder: Path

    def said_with(self, certificate: Certificate, more: str, host: str = "127.0.0.1") -> str:
        """What a check says of a healthy server with `certificate`."""
        with BadServer({"/health": WELL}, certificate.served(self.folder)) as server:
            base_url = f"https://{host}:{server.port}"
            service = service_with(self.folder, base_url, ["name: it, url: /health"], more)
            (reading,) = made(service).readings
        return words(reading).replace(str(server.port), "PORT")

    @property
    def trusted(self) -> str:
        return f"ca_file: {self.authority.pem(self.folder)}"


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    return Issued(Certificate.authority(), tmp_path)


NOT_TRUSTED = "unhealthy: the certificate of {} is not trusted ({})"
ANY = "timeout_seconds: 10"


def test_a_certificate_of_the_private_ca_is_trusted(issued: Issued) -> None:
    assert issued.said_with(issued.authority.signs(), issued.trusted) == "healthy"


def test_the_ca_file_is_found_beside_the_service_file(issued: Issued) -> None:
    issued.authority.pem(issued.folder).rename(issued.folder / "ca.pem")
    assert issued.said_with(issued.authority.signs(), "ca_file: ../ca.pem") == "healthy"


def test_a_certificate_of_the_private_ca_is_not_trusted_without_it(issued: Issued) -> None:
    assert issued.said_with(issued.authority.signs(), ANY) == NOT_TRUSTED.format(
        "127.0.0.1:PORT", "unable to get local issuer certificate"
    )


def test_a_self_signed_certificate_is_unhealthy(issued: Issued) -> None:
    assert issued.said_with(Certificate.self_signed(), ANY) == NOT_TRUSTED.format(
        "127.0.0.1:PORT", "self-signed certificate"
    )


def test_an_expired_certificate_is_unhealthy(issued: Issued) -> None:
    expired = issued.authority.signs(days_left=-1)
    assert issued.said_with(expired, issued.trusted) == NOT_TRUSTED.format(
        "127.0.0.1:PORT", "certificate has expired"
    )


def test_a_certificate_of_another_host_is_unhealthy(issued: Issued) -> None:
    other = issued.authority.signs("rag.example.com")
    assert issued.said_with(other, issued.trusted, "localhost") == NOT_TRUSTED.format(
        "localhost:PORT",
        "Hostname mismatch, certificate is not valid for 'localhost'.",
    )


def test_a_certificate_of_another_address_is_unhealthy(issued: Issued) -> None:
    other = issued.authority.signs("127.0.0.2")
    assert issued.said_with(other, issued.trusted) == NOT_TRUSTED.format(
        "127.0.0.1:PORT",
        "IP address mismatch, certificate is not valid for '127.0.0.1'.",
    )


def test_a_port_that_speaks_no_tls_is_no_matter_of_certificates(tmp_path: Path) -> None:
    with BadServer({"/health": WELL}) as server:
        found = round_of(tmp_path, f"https://{server.address}", "url: /health")
    assert found == {
        None: f"unhealthy: no connection to {server.address} (wrong version number)",
    }


def test_a_handshake_that_hangs_is_unhealthy(tmp_path: Path) -> None:
    with silent_port() as port:
        service = service_with(
            tmp_path, f"https://127.0.0.1:{port}", ["name: it, url: /"], "timeout_seconds: 0.5"
        )
        found = made(service)
    assert words_of(found.readings, "it") == {None: "unhealthy: no connection within 0.5 s"}


def test_plain_http_to_a_port_of_tls_is_unhealthy(issued: Issued) -> None:
    with BadServer({"/health": WELL}, issued.authority.signs().served(issued.folder)) as server:
        found = round_of(issued.folder, f"http://{server.address}", "url: /health")
    assert found[None].startswith(f"unhealthy: {server.address} gave no whole HTTP answer (")


@pytest.mark.parametrize(
    ("content", "detail"),
    [(None, "No such file or directory"), (b"nonsense", "no certificate or crl found")],
)
def test_an_unreadable_ca_file_tells_nothing_of_the_service(
    content: bytes | None, detail: str, issued: Issued
) -> None:
    file = issued.folder / "broken.pem"
    if content:
        file.write_bytes(content)
    said_of_it = issued.said_with(issued.authority.signs(), f"ca_file: {file}")
    assert said_of_it == f"unknown: ca_file cannot be read: {file} ({detail})"


def test_an_unreadable_ca_file_leaves_checks_without_tls_alone(tmp_path: Path) -> None:
    with BadServer({"/health": WELL}) as server:
        service = service_with(
            tmp_path, server.url, ["name: it, url: /health, status: status"], "ca_file: none.pem"
        )
        assert words_of(made(service).readings, "it") == {None: "healthy"}


def test_a_ca_file_that_was_renewed_is_read_again(issued: Issued) -> None:
    file = issued.folder / "ca.pem"
    issued.authority.pem(issued.folder).rename(file)
    renewed = Certificate.authority()
    before = issued.said_with(renewed.signs(), f"ca_file: {file}")
    renewed.pem(issued.folder).rename(file)
    assert before.startswith("unhealthy: the certificate of 127.0.0.1:PORT is not trusted (")
    assert issued.said_with(renewed.signs(), f"ca_file: {file}") == "healthy"


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
