"""Backups while somebody writes at full speed, and of a database over a gibibyte."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops_pipelines.config.archive import Archive, Snapshot
from ops_pipelines.config.gather import Wanted
from ops_pipelines.config.manifest import Entry
from ops_pipelines.config.retention import prune
from ops_pipelines.config.snapshot import take
from ops_pipelines_tests.config.application import NOON, judge, opened
from ops_pipelines_tests.config.full_speed_writer import is_consistent, prepare
from ops_pipelines_tests.conftest import need

pytestmark = pytest.mark.drill

IS_FULL = os.environ.get("OPS_DRILLS") == "full"
BACKUPS = 1000 if IS_FULL else 15  # half of them of each kind of database
LARGE_MIB = 1100 if IS_FULL else 16


@contextmanager
def writing(path: Path) -> Iterator[dict[str, Any]]:
    """A writer at full speed; what it tells of itself is there at the end."""
    command = [sys.executable, "-m", "ops_pipelines_tests.config.full_speed_writer", str(path)]
    told: dict[str, Any] = {}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        try:
            assert writer.stdout
            assert writer.stdout.readline() == "writing\n"
            yield told
            told |= json.loads(writer.communicate("\n")[0])
        finally:
            writer.kill()


def database_of(snapshot: Snapshot) -> Entry:
    assert snapshot.manifest
    (entry,) = snapshot.manifest.files
    return entry


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_every_backup_beside_a_writer_at_full_speed_is_whole(tmp_path: Path, mode: str) -> None:
    database = tmp_path / "busy.db"
    prepare(database, mode, padding_bytes=5000)
    archive = Archive(tmp_path / "config_backup")
    wanted = Wanted("rag", (), (str(database),))
    blocked, passed, started = [], 0, time.monotonic()
    with writing(database) as told:
        for n in range(BACKUPS // 2):
            taken = take(archive, wanted, NOON + timedelta(minutes=n), judge)
            entry = database_of(taken.snapshot)
            passed += taken.snapshot.verified and taken.is_new
            passed -= not is_consistent(taken.snapshot.folder / "files" / entry.stored)
            blocked.append(entry.writer_blocked_seconds or 0)
            if n % 20 == 19:
                prune(archive, NOON + timedelta(days=9), days=1, minimum=2)
    seconds = time.monotonic() - started
    print(  # noqa: T201 - a drill says what it did
        f"\n{mode}: {passed} of {BACKUPS // 2} backups passed in {seconds:.0f} s beside "
        f"{told['transactions']} transactions ({told['transactions'] / seconds:.0f} a second); "
        f"longest transaction {told['longest_seconds']:.3f} s, "
        f"longest block of a writer {max(blocked):.3f} s"
    )
    assert passed == BACKUPS // 2


@pytest.mark.slow
def test_a_large_database_is_backed_up_while_it_is_written_to(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    need("4 GiB of free disk, for three copies of a database", free > 4 << 30 or not IS_FULL)
    database = tmp_path / "large.db"
    prepare(database, "wal", padding_bytes=100)
    with opened(database, synchronous="OFF") as filling:
        filling.execute("CREATE TABLE vectors (v BLOB)")
        for _ in range(LARGE_MIB):
            filling.execute("INSERT INTO vectors VALUES (randomblob(1048576))")
    archive = Archive(tmp_path / "config_backup")
    started = time.monotonic()
    try:
        with writing(database) as told:
            snapshot = take(archive, Wanted("rag", (), (str(database),)), NOON, judge).snapshot
            seconds = time.monotonic() - started
        entry = database_of(snapshot)
        assert snapshot.verified
        assert entry.bytes > LARGE_MIB << 20
        assert is_consistent(snapshot.folder / "files" / entry.stored)
    finally:
        shutil.rmtree(archive.root, ignore_errors=True)
        database.unlink()
    print(  # noqa: T201 - a drill says what it did
        f"\n{entry.bytes >> 20} MiB: backed up and tested in {seconds:.1f} s beside "
        f"{told['transactions']} transactions; the longest took {told['longest_seconds']:.3f} s"
    )
