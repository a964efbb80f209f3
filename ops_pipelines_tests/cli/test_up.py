"""What keeps `up` from starting is said in one sentence, and nothing is left behind."""

import os
import pty
import socket
import sys
import time
from pathlib import Path

import pytest

from ops_pipelines_tests.answering import write_service
from ops_pipelines_tests.cli.command import ops

STAYING = """
import os
from pathlib import Path
os.chdir(sys.argv[1])
from ops_pipelines.cli import up
with up._household({}) as house:
    print("staying", flush=True)
    up._stay(house, None, Path(sys.argv[1]))
"""


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


def test_without_service_files_nothing_is_started(tmp_path: Path) -> None:
    found = ops("up", "--port", "0", cwd=tmp_path)
    assert found.code == 2
    assert f"{tmp_path}/services: there is no such file or folder" in found.err
    assert list(tmp_path.iterdir()) == []


def test_a_terminal_that_is_closed_ends_it_though_nobody_passes_that_on(tmp_path: Path) -> None:
    deaf_leader = "import signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); "
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", deaf_leader + STAYING, str(tmp_path)])
    read = b""
    while b"staying" not in read:
        read += os.read(terminal, 100)
    os.close(terminal)
    until = time.monotonic() + 20
    while (ended := os.waitpid(pid, os.WNOHANG)) == (0, 0) and time.monotonic() < until:
        time.sleep(0.1)
    assert ended == (pid, 0)


@pytest.mark.slow
def test_a_dead_child_is_named_with_its_log(deployment: Path) -> None:
    (deployment / "dagster.yaml").write_text("storage: {nonsense: 1}\n")
    found = ops("up", "--port", "0", cwd=deployment)
    assert found.code == 2
    assert "migrate ended by itself (exit code 1)" in found.err
    assert "Traceback" not in found.err
    assert "nonsense" in (deployment / ".dagster" / "console" / "migrate.log").read_text()
