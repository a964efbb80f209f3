"""The processes of `up` end with it, whatever ends it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from ops_pipelines.cli.processes import Household
from ops_pipelines.errors import OpsError

DRIVER = """\
import os, sys, time
from pathlib import Path
from ops_pipelines.cli.processes import Household
house = Household(Path(sys.argv[1]), dict(os.environ))
house.watch()
house.start("parent", [sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '300'])"])
stubborn = "from ops_pipelines.cli.processes import *; ignore_terminal(); time.sleep(300)"
house.start("stubborn", [sys.executable, "-c", stubborn])
print(house.token, flush=True)
if sys.argv[2] == "wait":
    time.sleep(300)
house.end()
"""


def carriers(token: str) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("OPS_UP_TOKEN") == token:
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


def eventually(holds: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


@contextmanager
def drive(folder: Path, how: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A supervisor, and the token that all it starts carries."""
    command = [sys.executable, "-c", DRIVER, str(folder), how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout
        yield driver, driver.stdout.readline().strip()


@pytest.mark.slow
def test_a_killed_supervisor_leaves_no_process_behind(tmp_path: Path) -> None:
    with drive(tmp_path, "wait") as (driver, token):
        assert eventually(lambda: len(carriers(token)) == 4), (
            "guardian, parent, its child, stubborn"
        )
        driver.kill()
    assert eventually(lambda: carriers(token) == [])


@pytest.mark.slow
def test_an_orderly_end_takes_grandchildren_and_the_stubborn_along(tmp_path: Path) -> None:
    with drive(tmp_path, "end") as (driver, token):
        assert driver.wait(20) == 0
    assert carriers(token) == []


def test_a_child_that_ends_by_itself_is_noticed_with_its_log(tmp_path: Path) -> None:
    house = Household(tmp_path, dict(os.environ))
    house.start("short", [sys.executable, "-c", "print('why'); raise SystemExit(3)"])
    try:
        with pytest.raises(OpsError, match=r"short ended by itself \(exit code 3\)"):
            house.wait(lambda: False, "nothing", seconds=20)
        assert house.log("short").read_text() == "why\n"
    finally:
        house.end()


def test_what_takes_too_long_says_where_to_look(tmp_path: Path) -> None:
    house = Household(tmp_path, dict(os.environ))
    with pytest.raises(OpsError, match=r"the moon was not ready within 0\.1 s"):
        house.wait(lambda: False, "the moon", seconds=0.1)


def test_a_restarted_child_has_the_same_command(tmp_path: Path) -> None:
    house = Household(tmp_path, dict(os.environ))
    house.start(
        "clock", [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
    )
    try:
        assert eventually(lambda: house.log("clock").read_text() == "up\n")
        first = house.children["clock"].pid
        house.restart("clock")
        assert eventually(lambda: house.log("clock").read_text() == "up\nup\n")
        assert house.children["clock"].pid != first
        assert not psutil.pid_exists(first)
    finally:
        house.end()
    assert not psutil.pid_exists(house.children["clock"].pid)
