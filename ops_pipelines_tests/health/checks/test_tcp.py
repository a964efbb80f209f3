"""A port is healthy when it accepts a connection, and nothing else is."""

import socket
import threading
from pathlib import Path

from ops_pipelines.health.probe import Round
from ops_pipelines_tests.health.bad_server import full_port, refusing_port, silent_port
from ops_pipelines_tests.health.rounds import made, service_with, words, words_of


def probed(folder: Path, host: str, port: int) -> Round:
    check = f"name: it, kind: tcp, host: {host}, port: {port}"
    return made(service_with(folder, "http://127.0.0.1:1", [check], "timeout_seconds: 0.5"))


def test_a_port_that_accepts_is_healthy_and_timed(tmp_path: Path) -> None:
    with silent_port() as port:
        (reading,) = probed(tmp_path, "127.0.0.1", port).readings
    assert words(reading) == "healthy"
    assert 0 < (reading.response_time_seconds or 0) < 0.5


def test_a_name_is_as_good_as_an_address(tmp_path: Path) -> None:
    with silent_port() as port:
        assert words_of(probed(tmp_path, "localhost", port).readings, "it") == {None: "healthy"}


def test_a_port_that_refuses_is_unhealthy(tmp_path: Path) -> None:
    with refusing_port() as port:
        found = probed(tmp_path, "127.0.0.1", port)
    assert words_of(found.readings, "it") == {
        None: f"unhealthy: no connection to 127.0.0.1:{port} (Connection refused)"
    }


def test_a_port_whose_queue_is_full_is_unhealthy(tmp_path: Path) -> None:
    with full_port() as port:
        found = probed(tmp_path, "127.0.0.1", port)
    assert words_of(found.readings, "it") == {None: "unhealthy: no connection within 0.5 s"}


def test_a_name_that_does_not_resolve_is_unknown(tmp_path: Path) -> None:
    found = probed(tmp_path, "no-such-host.invalid", 6333)
    assert words_of(found.readings, "it") == {
        None: "unknown: the name no-such-host.invalid cannot be resolved "
        "(Name or service not known)"
    }


def test_a_name_that_cannot_be_one_is_unknown(tmp_path: Path) -> None:
    found = probed(tmp_path, "a" * 70, 6333)
    assert words_of(found.readings, "it")[None].startswith("unknown: the name aaaa")


def test_the_connection_is_closed_again(tmp_path: Path) -> None:
    ended: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            connection, _ = listener.accept()
            with connection:
                ended.append(connection.recv(1))

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        probed(tmp_path, "127.0.0.1", listener.getsockname()[1])
        thread.join(5)
    assert ended == [b""]
