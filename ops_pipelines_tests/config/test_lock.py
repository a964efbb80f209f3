import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from ops_pipelines.config.lock import held
from ops_pipelines.errors import StorageError

HOLD = """
import sys, time
from pathlib import Path
from ops_pipelines.config.lock import held
with held(Path(sys.argv[1]), "backup"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".lock"


@pytest.fixture
def holder(file: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    process.stdout.readline()
    return process


def test_the_second_is_told_who_holds_it(file: Path, holder: subprocess.Popen[str]) -> None:
    with holder:
        try:
            with pytest.raises(StorageError) as caught, held(file, "prune", wait_seconds=0.1):
                pass
        finally:
            holder.kill()
    assert f"process {holder.pid}, “backup”, since 20" in str(caught.value)


def test_the_second_waits_until_the_first_has_ended(
    file: Path, holder: subprocess.Popen[str]
) -> None:
    with holder:
        threading.Timer(0.3, lambda: os.kill(holder.pid, signal.SIGKILL)).start()
        started = time.monotonic()
        with held(file, "prune", wait_seconds=20):
            assert 0.2 < time.monotonic() - started < 10


def test_two_threads_of_one_process_wait_for_each_other(file: Path) -> None:
    inside: list[int] = []

    def enter() -> None:
        with held(file, "backup", wait_seconds=20):
            inside.append(1)
            assert len(inside) == 1
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert inside == []


def test_what_stands_in_the_file_is_not_the_lock(file: Path) -> None:
    for text in ("", "{", '{"pid": 1, "deed": "backup", "since": "2020-01-01"}'):
        file.write_text(text)
        with held(file, "backup", wait_seconds=0):
            pass
