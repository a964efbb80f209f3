"""`logs analyze --follow`, as a user runs it."""

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ops_pipelines_tests.cli.command import COMMAND
from ops_pipelines_tests.cli.logs import failed, record, write


@contextmanager
def following(*arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """The command, which goes on until it is interrupted; and what it prints."""
    command = [str(COMMAND), "logs", "analyze", "--follow", *map(str, arguments)]
    # A shell's background job ignores SIGINT, and so would its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, before)
    with process:
        assert process.stdout
        try:
            yield process, process.stdout
        finally:
            process.kill()


def until(out: IO[str], requests: int) -> dict[str, Any]:
    """The first document that knows of so many requests."""
    while True:
        document: dict[str, Any] = json.loads(out.readline())
        if document["total_requests"] >= requests:
            return document


def append(path: Path, *records: dict[str, Any]) -> None:
    with path.open("a") as file:
        file.writelines(f"{json.dumps(line)}\n" for line in records)


def test_each_change_is_a_document_until_ctrl_c(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", record(0))
    with following(log, "--json") as (process, out):
        assert until(out, 1)["error_count"] == 0
        append(log, record(1), failed(2))
        assert until(out, 3)["error_count"] == 1
        log.rename(tmp_path / "app.log.1")
        write(log, record(3))
        document = until(out, 4)
        assert document["lines"] == {
            "read": 4, "accepted": 4, "outside_window": 0, "rejected": {},
        }  # fmt: skip
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert process.stderr
        assert process.stderr.read() == ""


def test_with_a_time_that_has_no_end_what_comes_later_is_in_it(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", record(0, timestamp="2020-01-01T00:00:00Z"))
    with following(log, "--json", "--since", "2026-01-01") as (_process, out):
        assert json.loads(out.readline())["lines"]["outside_window"] == 1
        append(log, record(0, timestamp="2099-01-01T00:00:00Z"))
        assert until(out, 1)["lines"]["outside_window"] == 1


def test_in_a_pipe_each_change_is_a_line(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", record(0))
    with following(log) as (_process, out):
        assert "Requests: 1" in out.readline()
        append(log, record(1))
        assert "Requests: 2" in out.readline()


def test_a_log_that_cannot_be_read_ends_with_1(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", record(0))
    with following(log, tmp_path / "missing.log", "--json") as (process, out):
        until(out, 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 1


def test_the_output_of_a_command_ends_it(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", record(0), record(1))
    script = f"{COMMAND} logs analyze --follow --json <(cat {log})"
    done = subprocess.run(["bash", "-c", script], capture_output=True, timeout=60, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["total_requests"] == 2


def test_standard_input_ends_it(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", record(0), record(1))
    done = subprocess.run(
        [COMMAND, "logs", "analyze", "--follow", "--json", "-"],
        input=log.read_bytes(), capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[-1])["total_requests"] == 2
