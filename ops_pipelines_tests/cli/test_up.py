"""What keeps `up` from starting is said in one sentence, and nothing is left behind."""

import socket
from pathlib import Path

import pytest

from ops_pipelines_tests.answering import write_service
from ops_pipelines_tests.cli.command import ops


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    write_service(tmp_path, "http://127.0.0.1:1")
    return tmp_path


def test_a_taken_port_is_named(deployment: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = ops("up", "--port", str(port), cwd=deployment)
    assert (found.code, found.out) == (2, "")
    assert f"port {port} cannot be used" in found.err
    assert "make run PORT=" in found.err


def test_a_disk_without_room_is_named(small_disk: Path) -> None:
    found = ops("up", "--port", "0", cwd=small_disk)
    assert found.code == 2
    assert "MiB are free here and 200 MiB are needed" in found.err


@pytest.mark.slow
def test_a_dead_child_is_named_with_its_log(deployment: Path) -> None:
    (deployment / "dagster.yaml").write_text("storage: {nonsense: 1}\n")
    found = ops("up", "--port", "0", cwd=deployment)
    assert found.code == 2
    assert "migrate ended by itself (exit code 1)" in found.err
    assert "Traceback" not in found.err
    assert "nonsense" in (deployment / ".dagster" / "console" / "migrate.log").read_text()
