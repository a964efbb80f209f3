"""Kills and a full disk at every call that writes: what is listed restores, what was there stays.

strace makes a deed end, or its disk run full, at the Nth call of each kind. With OPS_DRILLS=full
(make drills) at every one of them; without it at a handful.
"""

import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from ops_pipelines.config.verify import verify
from ops_pipelines_tests.config import deed
from ops_pipelines_tests.config.application import Application, application, judge, settle
from ops_pipelines_tests.config.deed import LATER
from ops_pipelines_tests.conftest import need

pytestmark = pytest.mark.drill

IS_FULL = os.environ.get("OPS_DRILLS") == "full"
A_HANDFUL = 3
WRITING = ("write", "pwrite64", "ftruncate", "mkdir", "fsync", "rename")
REMOVING = ("unlink", "unlinkat", "rmdir")
FAULTS = {
    "killed": ("signal=KILL", (*WRITING, *REMOVING)),
    "disk full": ("error=ENOSPC", WRITING),
}


class Point(NamedTuple):
    """The Nth call of a kind."""

    call: str
    number: int


def traced(app: Application, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Do the deed `name` under strace."""
    command = ["strace", "-f", "-qq", *options]
    command += [sys.executable, "-m", "ops_pipelines_tests.config.deed", str(app.root), name]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def before(root: Path, name: str) -> Application:
    """An application as it is before the deed: with earlier snapshots, and changed since."""
    app = application(root)
    app.back_up()
    if name == "prune":
        app.add_row("the second state")
        app.back_up()
    app.add_row("the last state")
    app.config.write_text("llm: {timeout: 60}\n")
    app.secrets.write_text("LLM_KEY=sk-canary-4712\n")
    settle(app.config, app.secrets)
    if name == "prune":
        app.back_up()
    return app


def points(root: Path, name: str) -> list[Point]:
    """Every call that the deed makes, in a run that nothing disturbs."""
    log = root.with_suffix(".log")
    calls = ",".join((*WRITING, *REMOVING))
    done = traced(before(root, name), name, "-o", str(log), "-e", f"trace={calls}")
    need("strace must be allowed to trace (ptrace)", "Operation not permitted" not in done.stderr)
    assert done.returncode == 0, done.stderr
    counts = Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE))
    return [Point(call, n) for call, count in counts.items() for n in range(1, count + 1)]


def content(app: Application) -> tuple[bytes, bytes, list[str]]:
    """What the service has."""
    with closing(sqlite3.connect(app.database)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = [text for (text,) in database.execute("SELECT text FROM documents ORDER BY id")]
    return app.config.read_bytes(), app.secrets.read_bytes(), rows


def look_as_a_stranger(app: Application) -> int:
    """Every folder that bears a snapshot's name is whole, seen with nothing of ours."""
    folders = [path for path in app.archive.folder.iterdir() if not path.name.startswith(".")]
    for folder in folders:
        manifest = json.loads((folder / "manifest.json").read_bytes())
        assert json.loads((folder / "verification.json").read_bytes())["verified"] is True
        assert len(manifest["files"]) == 3
        for entry in manifest["files"]:
            stored = (folder / "files" / entry["stored"]).read_bytes()
            assert hashlib.sha256(stored).hexdigest() == entry["sha256"]
            assert len(stored) == entry["bytes"]
    return len(folders)


def our_readers_find_the_same(app: Application, count: int) -> None:
    snapshots = app.archive.snapshots()
    assert len(snapshots) == count
    assert all(snapshot.verified for snapshot in snapshots)
    assert all(verify(app.archive, snapshot, LATER, judge).verified for snapshot in snapshots)


def nothing_is_left_over(app: Application) -> None:
    found = {path.name for path in app.archive.folder.iterdir()}
    assert found == {".lock", *app.listed()}
    assert not list(app.root.rglob("*.restoring"))


def after_backup(app: Application, had: tuple[bytes, bytes, list[str]]) -> str:
    assert content(app) == had
    count = look_as_a_stranger(app)
    assert count in (1, 2)
    our_readers_find_the_same(app, count)
    deed.do(app, "backup")
    assert len(app.listed()) == 2
    return "published" if count == 2 else "not published"


def after_prune(app: Application, had: tuple[bytes, bytes, list[str]]) -> str:
    assert content(app) == had
    count = look_as_a_stranger(app)
    assert count in (1, 2, 3)
    our_readers_find_the_same(app, count)
    newest = app.listed()[-1]
    deed.do(app, "prune")
    assert app.listed() == [newest]
    return f"{count} of 3 left"


def after_restore(app: Application, had: tuple[bytes, bytes, list[str]]) -> str:
    """Run again, it is done; and what was there before is saved, if anything was replaced."""
    our_readers_find_the_same(app, look_as_a_stranger(app))
    was_replaced = (app.config.read_bytes(), app.secrets.read_bytes()) != had[:2]
    if was_replaced:
        assert had in [saved(folder) for folder in _saved_folders(app)]
    deed.do(app, "restore")
    kept = app.archive.snapshots()[0].folder / "files" / "config" / "production.yaml"
    assert app.config.read_bytes() == kept.read_bytes()
    assert len(content(app)[2]) == 200
    assert had in [saved(folder) for folder in _saved_folders(app)]
    return "begun" if was_replaced else "not begun"


def _saved_folders(app: Application) -> list[Path]:
    """Where a state may be saved: snapshots, and the bare files where none could be taken."""
    bare = (app.archive.root / "before_restore").glob("*")
    return [*(snapshot.folder / "files" for snapshot in app.archive.snapshots()), *bare]


def saved(folder: Path) -> tuple[bytes, bytes, list[str]]:
    """The state that `folder` holds, looked at in a copy of it."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(folder, Path(name) / "app")
        return content(Application(Path(name)))


AFTER = {"backup": after_backup, "prune": after_prune, "restore": after_restore}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", deed.DEEDS)
def test_what_is_listed_restores_wherever_a_deed_is_cut_short(
    tmp_path: Path, name: str, fault: str
) -> None:
    need("strace makes calls fail (apt install strace)", shutil.which("strace"))
    how, calls = FAULTS[fault]
    every = [point for point in points(tmp_path / "clean", name) if point.call in calls]
    chosen = every if IS_FULL else random.sample(every, A_HANDFUL)
    ends: Counter[str] = Counter()
    started = time.monotonic()
    for point in chosen:
        app = before(tmp_path / f"{point.call}-{point.number}", name)
        had = content(app)
        inject = f"inject={point.call}:{how}:when={point.number}"
        done = traced(app, name, "-o", "/dev/null", "-e", inject)
        assert "Traceback" not in done.stderr, done.stderr
        assert done.returncode == -9 or fault != "killed", point
        ends[f"{point.call}: {AFTER[name](app, had)}"] += 1
        nothing_is_left_over(app)
        shutil.rmtree(app.root)
    _print(name, fault, Counter(point.call for point in chosen), ends, time.monotonic() - started)
    assert not IS_FULL or ends.total() == len(every)
    if IS_FULL and name == "backup":  # what was published is flushed: a power cut may follow
        assert ends["fsync: published"]


def _print(name: str, fault: str, hits: Counter[str], ends: Counter[str], seconds: float) -> None:
    print(f"\n{name}, {fault}: {hits.total()} points in {seconds:.0f} s, all well")  # noqa: T201 - a drill says what it did
    for row, count in sorted(ends.items()):
        print(f"  {row:40} {count:4}")  # noqa: T201 - likewise
