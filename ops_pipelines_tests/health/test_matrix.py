"""Every row of the matrix has its exact verdict, and nothing else is healthy."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from ops_pipelines.health.probe import Round
from ops_pipelines.report import Status
from ops_pipelines_tests.health.bad_server import BadServer, full_port, refusing_port
from ops_pipelines_tests.health.rounds import made, round_of, service_with, words_of
from ops_pipelines_tests.health.rows import HANGS, QUICK
from ops_pipelines_tests.health.rows.row import Row


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("matrix")


@pytest.fixture(scope="module")
def server() -> Iterator[BadServer]:
    with BadServer({row.path: row.answer for row in chain(QUICK, HANGS)}) as server:
        yield server


@pytest.fixture(scope="module")
def quick(server: BadServer, folder: Path) -> Round:
    return _round(QUICK, server, folder, "timeout_seconds: 15")


@pytest.fixture(scope="module")
def hanging(server: BadServer, folder: Path) -> Round:
    return _round(HANGS, server, folder, "timeout_seconds: 0.7")


def _round(rows: Iterable[Row], server: BadServer, folder: Path, more: str) -> Round:
    return made(service_with(folder, server.url, (row.yaml for row in rows), more))


def test_rows_stand_at_paths_of_their_own() -> None:
    paths = [row.path for row in chain(QUICK, HANGS)]
    assert len(set(paths)) == len(paths) >= 100


@pytest.mark.parametrize("row", QUICK, ids=lambda row: row.name)
def test_an_answer_gives_exactly_its_verdict(row: Row, quick: Round, server: BadServer) -> None:
    assert words_of(quick.readings, row.name) == row.wanted(server.address)


@pytest.mark.parametrize("row", HANGS, ids=lambda row: row.name)
def test_a_server_that_hangs_is_unhealthy(row: Row, hanging: Round, server: BadServer) -> None:
    assert words_of(hanging.readings, row.name) == row.wanted(server.address)


def test_a_response_time_is_measured_wherever_an_answer_came(quick: Round, hanging: Round) -> None:
    for reading in (*quick.readings, *hanging.readings):
        if reading.status is Status.HEALTHY and reading.component is None:
            assert reading.response_time_seconds is not None
            assert 0 < reading.response_time_seconds < 15
    assert all(reading.response_time_seconds is None for reading in hanging.readings)


def test_a_port_that_refuses_is_unhealthy(tmp_path: Path) -> None:
    with refusing_port() as port:
        said = round_of(tmp_path, f"http://127.0.0.1:{port}", "url: /health")
    assert said == {
        None: f"unhealthy: no connection to 127.0.0.1:{port} (Connection refused)",
    }


def test_a_full_queue_hangs_at_connect_and_is_unhealthy(tmp_path: Path) -> None:
    with full_port() as port:
        service = service_with(
            tmp_path,
            f"http://127.0.0.1:{port}",
            ["name: http, url: /health", f"name: tcp, kind: tcp, host: 127.0.0.1, port: {port}"],
            "timeout_seconds: 0.5",
        )
        found = made(service)
    assert words_of(found.readings, "http") == {None: "unhealthy: no connection within 0.5 s"}
    assert words_of(found.readings, "tcp") == {None: "unhealthy: no connection within 0.5 s"}


def test_a_name_that_does_not_resolve_is_unknown(tmp_path: Path) -> None:
    said = round_of(tmp_path, "http://no-such-host.invalid", "url: /health")
    assert said == {
        None: "unknown: the name no-such-host.invalid cannot be resolved "
        "(Name or service not known)",
    }


def test_a_path_that_cannot_be_asked_is_unknown(tmp_path: Path) -> None:
    said = round_of(tmp_path, "http://127.0.0.1:1", 'url: "/he\\alth"')
    assert said == {
        None: "unknown: the request cannot be made "
        "(Invalid non-printable ASCII character in URL, '\\x07' at position 21.)",
    }
