"""When nothing answers, not even what always does, it is the checker that is cut off."""

import socket
from pathlib import Path

import pytest

from ops_pipelines.health.probe import findings
from ops_pipelines.report import Severity
from ops_pipelines_tests.health.bad_server import BadServer, answered
from ops_pipelines_tests.health.rounds import made, service_from, words

FILE = """
name: rag
base_url: {base}
health:
  timeout_seconds: 2
  reference_url: {reference}
  checks:
    - {{name: api, url: /health}}
    - {{name: store, kind: tcp, host: 127.0.0.1, port: {port}}}
"""


@pytest.fixture
def nowhere() -> int:
    """A port at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def said(folder: Path, base: str, reference: str, port: int) -> list[str]:
    service = service_from(folder, FILE.format(base=base, reference=reference, port=port))
    return [words(reading) for reading in made(service).readings]


def test_everything_fails_and_the_reference_too(tmp_path: Path, nowhere: int) -> None:
    url = f"http://127.0.0.1:{nowhere}"
    told = f"unknown: the checker is offline: no check got an answer, and {url}/ did not either"
    assert said(tmp_path, url, f"{url}/", nowhere) == [told, told]


def test_it_is_one_finding_and_a_warning(tmp_path: Path, nowhere: int) -> None:
    url = f"http://127.0.0.1:{nowhere}"
    service = service_from(tmp_path, FILE.format(base=url, reference=f"{url}/", port=nowhere))
    found = findings(made(service).readings, service)
    assert [(f.code, f.severity) for f in found] == [("health.offline", Severity.WARNING)]


def test_everything_fails_and_the_reference_answers(tmp_path: Path, nowhere: int) -> None:
    with BadServer({"/": answered(503, b"busy")}) as reference:
        found = said(tmp_path, f"http://127.0.0.1:{nowhere}", f"{reference.url}/", nowhere)
    assert [word.partition(":")[0] for word in found] == ["unhealthy", "unhealthy"]


def test_one_answer_is_enough_to_be_online(tmp_path: Path, nowhere: int) -> None:
    """A bad answer is an answer."""
    with BadServer({"/health": answered(500, b"no")}) as server:
        found = said(tmp_path, server.url, f"http://127.0.0.1:{nowhere}/", nowhere)
    assert [word.partition(":")[0] for word in found] == ["unhealthy", "unhealthy"]


def test_without_a_reference_nothing_is_excused(tmp_path: Path, nowhere: int) -> None:
    text = FILE.replace("  reference_url: {reference}\n", "")
    service = service_from(tmp_path, text.format(base=f"http://127.0.0.1:{nowhere}", port=nowhere))
    assert {reading.status for reading in made(service).readings} == {"unhealthy"}
