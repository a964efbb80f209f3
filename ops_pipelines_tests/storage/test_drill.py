"""Kills and full disks at every step of writing: what a reader finds is always whole.

`OPS_DRILLS=full` (make drills) counts in hundreds; without it the same is done some 30 times.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops_pipelines.errors import StorageError
from ops_pipelines.report import Report
from ops_pipelines.storage import documents, samples
from ops_pipelines.storage.folder import LocalFolder
from ops_pipelines.window import Window
from ops_pipelines_tests.storage.drill_writer import KEEP, STEPS, Board
from ops_pipelines_tests.storage.making import DAY, NEXT_DAY, NOON, report, true_hash

pytestmark = pytest.mark.drill

IS_FULL = os.environ.get("OPS_DRILLS") == "full"
KILLS = 1200 if IS_FULL else 30
KILLS_A_FOLDER = 15
LONGEST_LIFE_SECONDS = 0.08
ASSET = "health_report"


class Nursery:
    """Starts writers and kills them, each at a moment that nobody chose."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.orders, self.news = process.stdin, process.stdout

    def kill_one(self, folder: Path) -> str:
        """The step at which SIGKILL met the writer."""
        board = Board(folder / "board")
        board["is_writing"] = 0
        self.orders.write(f"{folder}\n")
        self.orders.flush()
        pid = int(self.news.readline())
        deadline = time.monotonic() + 60
        while not board["is_writing"]:
            assert time.monotonic() < deadline, "the writer did not begin"
            time.sleep(0.0005)
        time.sleep(LONGEST_LIFE_SECONDS * random.random() ** 2)
        os.kill(pid, signal.SIGKILL)
        assert int(self.news.readline()) == -signal.SIGKILL, "the writer ended by itself"
        return STEPS[board["step"]]


@contextmanager
def nursery(*options: str) -> Iterator[Nursery]:
    command = [sys.executable, "-m", "ops_pipelines_tests.storage.drill_writer", *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Nursery(process)
        finally:
            process.kill()


@dataclass
class Stranger:
    """Somebody who looks at the files from outside, with nothing of ours, after each kill."""

    folder: Path
    seen: Counter[str] = field(default_factory=Counter)
    torn: int = 0

    def look(self, step: str) -> None:
        board = Board(self.folder / "board")
        begun, done = board["begun"], board["done"]
        for file in (self.folder / "data").rglob("*.json"):
            if not file.name.startswith("."):
                document = json.loads(file.read_bytes())
                assert document["data_version"] == true_hash(document), file
        day, next_day = self.number(DAY, DAY), self.number(NEXT_DAY, NEXT_DAY)
        assert begun >= day >= next_day >= done
        if done:
            assert next_day >= self.number("latest", NEXT_DAY) >= done
        else:  # the newest partition is this one until the next one is there
            assert self.number("latest", DAY, NEXT_DAY) <= 1
        self.look_at_versions(DAY, is_settled=begun == done)
        self.look_at_versions(NEXT_DAY, is_settled=begun == done)
        assert len(list(self.folder.rglob("*.aside"))) <= 1
        self.look_at_samples(begun, done, was_hit=step == "append a sample")

    def number(self, name: str, *partitions: str) -> int:
        """That of the document at `name`, which is one of `partitions`; it never goes back."""
        file = self.folder / "data" / ASSET / f"{name}.json"
        facts = json.loads(file.read_bytes())["facts"] if file.exists() else {"n": 0}
        assert facts.get("partition", partitions[0]) in partitions
        number = int(facts["n"])
        assert number >= self.seen[name]
        self.seen[name] = number
        return number

    def look_at_versions(self, partition: str, *, is_settled: bool) -> None:
        folder = self.folder / "data" / ASSET / partition / "versions"
        files = sorted(file for file in folder.glob("*.json"))
        found = [json.loads(file.read_bytes()) for file in files]
        for file, document in zip(files, found, strict=True):
            assert file.stem.endswith(document["data_version"][:12])
        numbers = [document["facts"]["n"] for document in found]
        assert numbers == sorted(set(numbers)), "versions only go forward"
        if is_settled:
            assert len(files) == min(KEEP, max([*numbers, 0]))
        if self.seen[partition]:
            current = (folder.parents[1] / f"{partition}.json").read_bytes()
            assert current in [file.read_bytes() for file in files]

    def look_at_samples(self, begun: int, done: int, *, was_hit: bool) -> None:
        files = list((self.folder / "samples").glob("*.jsonl"))
        lines = [line for file in files for line in file.read_bytes().split(b"\n") if line]
        whole = [sample for line in lines if (sample := _parsed(line))]
        torn = len(lines) - len(whole)
        assert torn <= self.torn + was_hit, "a kill leaves one torn line, and only where it wrote"
        self.torn = torn
        assert set(range(1, done + 1)) <= {sample["n"] for sample in whole}
        assert {sample["n"] for sample in whole} <= set(range(1, begun + 1))


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        sample: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return sample


def table(title: str, counts: Counter[str], rows: tuple[str, ...], seconds: float) -> None:
    print(f"\n{title}: {counts.total()} in {seconds:.0f} s")  # noqa: T201 - a drill says what it did
    for row in rows:
        print(f"  {row:34} {counts[row]:5}")  # noqa: T201 - likewise


def test_a_writer_killed_at_any_moment_leaves_whole_outputs_and_the_next_one_goes_on(
    tmp_path: Path,
) -> None:
    hits: Counter[str] = Counter()
    started = time.monotonic()
    with nursery() as writers:
        while hits.total() < KILLS or (IS_FULL and not _all_hit(hits) and hits.total() < 3 * KILLS):
            if hits.total() % KILLS_A_FOLDER == 0:
                stranger = Stranger(tmp_path / str(hits.total()))
                stranger.folder.mkdir()
            step = writers.kill_one(stranger.folder)
            hits[step] += 1
            stranger.look(step)
    table("kills at each step", hits, STEPS, time.monotonic() - started)
    assert not IS_FULL or _all_hit(hits)
    for folder in tmp_path.iterdir():
        _our_readers_find_the_same(folder)


def _all_hit(hits: Counter[str]) -> bool:
    return all(hits[step] for step in STEPS)


def _our_readers_find_the_same(folder: Path) -> None:
    """What the product itself reads after the last kill, and that it can go on."""
    done = Board(folder / "board")["done"]
    data = LocalFolder(folder / "data")
    documents.write(data, report({"n": "the last"}), NEXT_DAY, keep=KEEP)
    latest = documents.current(data, ASSET)
    assert latest is not None
    assert latest["facts"] == {"n": "the last"}
    assert list(folder.rglob("*.aside")) == []
    at = (NOON - timedelta(seconds=1)).isoformat()
    samples.append(folder / "samples", [{"at": at, "check": "api", "slot": at, "n": 0}])
    day = Window(NOON - timedelta(hours=1), NOON + timedelta(hours=11))
    found = [sample["n"] for sample in samples.read(folder / "samples", day).samples]
    assert found[: done + 1] == list(range(done + 1))
    assert len(found) <= done + 2


def test_the_drill_notices_a_writer_that_writes_in_place(tmp_path: Path) -> None:
    stranger = Stranger(tmp_path)

    def look_after_each_kill(writers: Nursery) -> None:
        for _ in range(500):
            stranger.look(writers.kill_one(tmp_path))

    with nursery("--careless") as writers, pytest.raises((AssertionError, ValueError)):
        look_after_each_kill(writers)


def _fill(disk: Path, free_pages: int) -> Path:
    """Leave so many pages of the disk free."""
    filler = disk / "filler"
    filler.write_bytes(b"")
    room = os.statvfs(disk)
    filler.write_bytes(b"x" * room.f_frsize * max(0, room.f_bavail - free_pages))
    return filler


def _write(folder: LocalFolder, content: Report) -> tuple[str, str]:
    """Where the room ran out, and what was said of it."""
    try:
        documents.write(folder, content, DAY, keep=1)
    except StorageError as error:
        where = Path(error.facts["where"])
        place = "version" if where.parent.name == "versions" else where.stem
        return place.replace(DAY, "current"), str(error)
    return PLACES[-1], ""


PLACES = ("version", "current", "latest", "nowhere")


def test_a_disk_that_runs_full_at_any_step_leaves_whole_outputs_and_works_again_with_room(
    small_disk: Path,
) -> None:
    hits: Counter[str] = Counter()
    started = time.monotonic()
    folder = LocalFolder(small_disk)
    for n in range(1, 901 if IS_FULL else 37):
        large = 9000 + random.randrange(100)
        content = report({"n": n, "text": "x" * (large if n % 2 else 100)})
        filler = _fill(small_disk, free_pages=n % 9)
        place, told = _write(folder, content)
        hits[place] += 1
        assert place == "nowhere" or "No space left on device; nothing was replaced." in told
        _look_at_the_full_disk(small_disk, n)
        filler.unlink()
        assert _write(folder, content) == ("nowhere", "")
        for partition in (DAY, None):
            assert (documents.current(folder, ASSET, partition) or {})["facts"]["n"] == n
        assert len(folder.names(f"{ASSET}/{DAY}/versions")) == 1
    table("where the room ran out", hits, PLACES, time.monotonic() - started)
    assert all(hits[place] for place in PLACES)


def _look_at_the_full_disk(disk: Path, n: int) -> None:
    assert list(disk.rglob("*.aside")) == []
    for file in disk.rglob("*.json"):
        document = json.loads(file.read_bytes())
        assert document["data_version"] == true_hash(document)
        assert document["facts"]["n"] in (n - 1, n)
    assert n == 1 or (disk / ASSET / f"{DAY}.json").exists()
