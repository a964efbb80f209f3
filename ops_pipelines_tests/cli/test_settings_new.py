"""`settings new` looks at a URL and proposes a service file: nothing invented, nothing leaked."""

import hashlib
import json
import socket
import time
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml

from ops_pipelines.cli.main import main
from ops_pipelines.settings.load import load_file
from ops_pipelines_tests.answering import answering
from ops_pipelines_tests.cli.command import Outcome, ops
from ops_pipelines_tests.health import bad_server
from ops_pipelines_tests.health.bad_server import Answer, BadServer, Request, answered, said, text

SECRET = "key-of-the-gateway"
HEADER = ["--header", "Authorization: Bearer ${GATEWAY_KEY}"]
PAGE = answered(200, b"<!DOCTYPE html><html><body>An application</body></html>", "text/html")


class New(Protocol):
    """Runs `settings new` in this process, with nothing in its environment but what is given."""

    def __call__(self, url: str, *arguments: str | Path, **environment: str) -> Outcome: ...


@pytest.fixture
def new(capsys: pytest.CaptureFixture[str]) -> New:
    def run(url: str, *arguments: str | Path, **environment: str) -> Outcome:
        given = ["settings", "new", "--url", url, *map(str, arguments)]
        code = main([*language(environment), *given], environment)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


def language(environment: dict[str, str]) -> list[str]:
    return ["--language", environment.pop("language")] if "language" in environment else []


def test_the_guides_service_gets_a_file_that_loads_and_is_well(new: New, tmp_path: Path) -> None:
    file = tmp_path / "services" / "rag.yaml"
    with answering() as answers:
        found = new(answers.address, "--name", "rag", "--output", file)
        assert (found.code, found.err) == (0, f"looking at {answers.address} …\n")
        assert f"{file} is written" in found.out
        health = ops("--services", file, "health", "check", "--json")
    assert load_file(file, {}).name == "rag"
    assert health.code == 0
    assert health.document["components"].keys() == {
        *("api-health", "api-health-detailed", "database", "api-health-llm"),
        "api-health-embeddings",
    }


def test_without_output_it_prints_the_file_and_nothing_else(new: New, tmp_path: Path) -> None:
    with BadServer({"/health": said({"status": "ok"})}) as server:
        found = new(server.url)
        document = new(server.url, "--json").document
    assert yaml.safe_load(found.out)["name"] == f"127-0-0-1-{server.port}"
    assert document["content"] == found.out
    assert document["path"] == f"services/127-0-0-1-{server.port}.yaml"
    assert document["sha256"] == hashlib.sha256(found.out.encode()).hexdigest()
    assert document["tried"] == {"health": [{"component": None, "status": "healthy"}]}
    seen = {entry["url"]: entry for entry in document["seen"]}
    assert seen["/health"]["checks"] == ["health"]
    assert seen["/metrics"]["message"] == "not there (404)"
    assert list(tmp_path.iterdir()) == []


def test_a_header_stays_a_reference_and_its_value_appears_nowhere(new: New, tmp_path: Path) -> None:
    def echo(connection: socket.socket, request: Request) -> None:
        token = request.headers.get("authorization", "")
        bodies: dict[str, Any] = {
            "/health": {
                "status": "ok",
                "components": {token: {"status": token}, "a": {"status": "up"}},
            },
            "/v1/models": {"object": "list", "data": [{"id": token}, {"id": "${GATEWAY_KEY}"}]},
            "/ready": {token: "ok"},
        }
        body = bodies.get(request.path)
        connection.sendall(said(body) if body else answered(404, token.encode()))

    file = tmp_path / "echoing.yaml"
    paths = ("/health", "/v1/models", "/ready", "/", "/status", "/api/health")
    with BadServer(dict.fromkeys(paths, echo)) as server:
        outcomes = [
            new(server.url, *HEADER, *more, GATEWAY_KEY=SECRET)
            for more in ([], ["--json"], ["--output", file])
        ]
        sent = {r.headers["authorization"] for r in server.requests if "authorization" in r.headers}
    assert sent == {f"Bearer {SECRET}"}
    printed = "".join(outcome.out + outcome.err for outcome in outcomes)
    assert "***" in printed
    assert SECRET not in printed + file.read_text()
    checks = yaml.safe_load(file.read_text())["health"]["checks"]
    assert {check["headers"]["Authorization"] for check in checks} == {"Bearer ${GATEWAY_KEY}"}
    assert load_file(file, {"GATEWAY_KEY": SECRET})


def test_what_a_service_says_is_never_taken_for_a_reference(new: New) -> None:
    models = {"object": "list", "data": [{"id": "${HOME}"}]}
    status = {"status": "ok", "${HOME}": "ok", "components": {"${HOME}": {"status": "ok"}}}
    with BadServer({"/health": said(status), "/v1/models": said(models)}) as server:
        found = new(server.url)
    assert "${HOME}" not in json.dumps(yaml.safe_load(found.out))


def test_a_file_that_exists_is_never_replaced(new: New, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("mine")
    with answering() as answers:
        found = new(answers.address, "--output", file)
        assert answers.requests == []
    assert (found.code, found.out, file.read_text()) == (2, "", "mine")
    assert "exists, and nothing was written" in found.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["localhost:8000"], "--url is localhost:8000, wanted http://"),
        (["http://[::1"], "wanted http://"),
        (["http://127.0.0.1:1"], "gave no answer: no connection to 127.0.0.1:1"),
        (["http://u:secret-word@127.0.0.1:1"], "--url holds a password"),
        (["http://h", "--name", "My Service"], "--name My Service is no name"),
        (["http://h", "--header", "nonsense"], "is no header"),
        (
            ["http://h", "--header", "X-Api-Key: secret-word"],
            "written into the file as it is",
        ),
        (
            ["http://h", "--header", "X: ${UNSET_HERE}"],
            "uses ${UNSET_HERE}, which is not set",
        ),
    ],
)
def test_a_mistake_ends_with_2_a_sentence_and_no_secret(
    new: New, arguments: list[str], sentence: str
) -> None:
    found = new(*arguments)
    assert (found.code, found.out) == (2, "")
    assert sentence in found.err
    assert "secret-word" not in found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize("anything", [PAGE, said({"status": "ok"}), text("ok")])
def test_a_server_that_answers_the_same_to_anything_proves_nothing(
    new: New, anything: bytes
) -> None:
    class Anything(dict[str, bytes]):
        def get(self, *_: Any) -> Any:
            return anything

    with BadServer(Anything()) as server:
        document = new(server.url, "--json").document
    checks = yaml.safe_load(document["content"])["health"]["checks"]
    assert [check["kind"] for check in checks] == ["tcp"]
    assert "as it does at an address that cannot exist" in document["content"]
    assert "only whether the port accepts connections" in " ".join(document["content"].split())


def test_the_file_is_commented_in_the_readers_language(new: New) -> None:
    with BadServer({"/health": said({"status": "running"})}) as server:
        found = new(server.url, language="zh")
    assert yaml.safe_load(found.out)["language"] == "zh"
    assert "待定：“running”这个词可好可坏" in found.out
    assert "not there" not in found.out


@pytest.mark.slow
def test_when_all_hangs_it_ends_in_time_and_says_so() -> None:
    class Hanging(dict[str, Any]):
        def get(self, *_: Any) -> Any:
            return bad_server.hang

    with BadServer(Hanging()) as server:
        started = time.monotonic()
        found = ops("settings", "new", "--url", server.url)
    assert time.monotonic() - started < 15
    assert found.code == 2
    assert "connected, but no answer within 5 s" in found.err


@pytest.mark.slow
def test_addresses_that_misbehave_cost_the_others_nothing(new: New) -> None:
    answers: dict[str, Answer] = {
        "/health": bad_server.hang,
        "/status": bad_server.endless_body,
        "/ready": bad_server.reset,
        "/metrics": bad_server.fifty_megabytes,
        "/livez": bad_server.bomb(),
        "/healthz": said({"status": "ok"}),
    }
    with BadServer(answers) as server:
        content = new(server.url, "--json").document["content"]
    assert [check["url"] for check in yaml.safe_load(content)["health"]["checks"]] == ["/healthz"]
    for sentence in (
        "/health: connected, but no answer",
        "/status",
        "/ready",
        "/metrics",
        "/livez",
    ):
        assert sentence in content
