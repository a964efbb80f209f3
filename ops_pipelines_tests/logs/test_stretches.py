"""A file that is read in pieces, by several processes, comes to what it comes to as a whole."""

import gzip
import os
import random
import signal
import subprocess
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ops_pipelines.logs import partfile, stretches, workers
from ops_pipelines.logs.contents import Content, file
from ops_pipelines.logs.days import _version
from ops_pipelines.logs.ledger import Part
from ops_pipelines_tests.logs import corpus
from ops_pipelines_tests.logs.reading import analyzed, how, joined, scanned

CONTENT = joined(corpus.lines(11, 4_000, 0.3))
READING = how()


def pieces(path: Path, content: bytes, size: int) -> list[stretches.Stretch]:
    path.write_bytes(content)
    return stretches.cut(stretches.whole(file(str(path))), READING.plan, size)


def together(found: list[stretches.Stretch]) -> Part:
    part = Part()
    for stretch in found:
        part = part.then(stretches.read(stretch, READING).part)
    part.account = part.account.ended()
    return part


@pytest.mark.parametrize("size", [5_000, 20_011, 65_536, 300_000])
def test_wherever_a_file_is_cut_it_says_the_same(tmp_path: Path, size: int) -> None:
    whole, account = scanned(CONTENT)

    found = pieces(tmp_path / "app.log", CONTENT, size)
    part = together(found)

    assert _version(part.rollup, {}) == _version(whole, {})
    assert replace(part.account, samples=[]) == replace(account, samples=[])
    assert [found[0].start, found[-1].end] == [0, len(CONTENT)]


def test_lines_that_may_go_on_are_not_cut_apart(tmp_path: Path) -> None:
    wrapped = b'{"log": "part", "stream": "stdout", "time": "2026-11-20T00:00:00Z"}\n' * 1000
    assert len(pieces(tmp_path / "docker.log", wrapped, 1000)) == 1
    assert len(pieces(tmp_path / "plain.log", CONTENT, 1000)) > 100


def test_a_traceback_is_not_cut_from_its_record(tmp_path: Path) -> None:
    record = joined(corpus.lines(12, 1, 0))
    content = (record + b"Traceback (most recent call last):\n  a\n" * 50 + b"E: b\n") * 50
    found = pieces(tmp_path / "app.log", content, 3_000)

    assert len(found) > 10
    assert together(found).account.reasons == {"continuation": 50 * 101}


@pytest.mark.parametrize("may_grow", [True, False])
def test_what_is_settled_and_the_rest_are_the_whole(tmp_path: Path, *, may_grow: bool) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(CONTENT * 3)
    source = file(str(path))

    found = stretches.read(stretches.Stretch(source, 0, source.size, may_grow), READING)

    assert (0 < found.settled < len(CONTENT) * 3) == may_grow
    part = found.part.then(found.rest)
    rollup, account = scanned(CONTENT * 3)
    assert _version(part.rollup, {}) == _version(rollup, {})
    assert part.account.ended().reasons == account.reasons


def test_a_part_is_kept_as_it_is() -> None:
    rollup, account = scanned(CONTENT)
    part = Part(rollup, account, {corpus.START.date(): (5, 1000)})

    again = partfile.decode(partfile.encode(part))

    assert _version(again.rollup, {}) == _version(rollup, {})
    shown = [sample.shown for sample in account.samples]
    assert [sample.shown for sample in again.account.samples] == shown
    again.account.samples = account.samples
    assert (again.account, again.ranges) == (account, part.ranges)


@pytest.mark.parametrize("content", [b"", b"no", partfile.encode(Part())[:-3]])
def test_bytes_that_are_no_part_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        partfile.decode(content)


@pytest.mark.slow
def test_two_processes_say_what_one_says(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(CONTENT * (stretches.CUT_BYTES * 3 // len(CONTENT)))

    one, two = (analyzed(tmp_path / "app.log", processes=count) for count in (1, 2))

    assert _version(two.rollup, two.rejected) == _version(one.rollup, one.rejected)
    assert two.lines == one.lines


def _tripled(number: int) -> int:
    return 3 * number


def _killed_elsewhere(parent: int, number: int) -> int:
    if os.getppid() == parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_results_come_in_the_order_of_their_tasks() -> None:
    assert list(workers.results(_tripled, range(20), 3)) == [3 * n for n in range(20)]
    assert list(workers.results(_tripled, [], 3)) == []


def test_a_worker_that_dies_gives_its_task_back() -> None:
    work = partial(_killed_elsewhere, os.getpid())
    assert list(workers.results(work, range(10), 3)) == list(range(10))


def test_workers_end_when_nobody_waits_for_them() -> None:
    with closing(workers.results(_tripled, range(1000), 2)) as found:
        next(found)
    children = subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "-f", "logs.workers"], capture_output=True, check=False
    )
    assert children.stdout == b""


@pytest.mark.parametrize("compressed", [True, False])
def test_a_content_is_read_from_any_byte_on(tmp_path: Path, *, compressed: bool) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(gzip.compress(CONTENT) if compressed else CONTENT)
    for start in (0, 1, random.Random(1).randrange(len(CONTENT)), len(CONTENT) - 1):
        content = Content(file(str(path)), start)
        assert b"".join(content) == CONTENT[start:]
        assert content.tail == CONTENT[start:][-256:]
