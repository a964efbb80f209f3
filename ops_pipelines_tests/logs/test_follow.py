"""Following a log: each line once, whatever becomes of the files meanwhile."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_pipelines.logs import answer
from ops_pipelines.logs.follow import Follow
from ops_pipelines.logs.sources import find
from ops_pipelines_tests.conftest import need
from ops_pipelines_tests.logs.reading import how


def line(number: int) -> str:
    return json.dumps(
        {"timestamp": 1_795_514_400 + number, "message": f"request {number}", "endpoint": "/q"}
    )


FOLLOWS: list[Follow] = []


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    """Leaves no file open."""
    yield
    for follow in FOLLOWS:
        follow.close()
    FOLLOWS.clear()


class Log:
    """A log that is written, and who follows it."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.path = folder / "app.log"
        self.names = [str(folder / name) for name in names or ["app.log"]]
        self.written = 0
        self.path.touch()
        self.follow: Follow | None = None

    def write(self, lines: int) -> None:
        self.append("".join(f"{line(self.written + n)}\n" for n in range(lines)))
        self.written += lines

    def append(self, text: str) -> None:
        with self.path.open("a") as file:
            file.write(text)

    def begin(self) -> Follow:
        self.follow = Follow(self.names, find(self.names), how())
        FOLLOWS.append(self.follow)
        return self.follow

    def read(self) -> int:
        """How many lines the follower knows after it has looked again."""
        assert self.follow
        self.follow.poll()
        lines = answer.lines(self.follow.analysis())
        assert lines["read"] == lines["accepted"] + sum(lines["rejected"].values())
        assert lines["rejected"] == {}
        return int(lines["accepted"])


def test_what_is_there_and_what_is_written_later_is_read_once(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(3)
    log.begin()
    assert log.read() == 3
    log.write(4)
    assert [log.read(), log.read()] == [7, 7]


def test_that_nothing_was_written_is_told(tmp_path: Path) -> None:
    log = Log(tmp_path)
    follow = log.begin()
    assert not follow.poll()
    log.write(1)
    assert follow.poll()
    assert not follow.poll()


def test_a_line_counts_once_it_has_its_end(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.write(1)
    log.begin()
    text = line(1)
    log.append(text[:20])
    assert log.read() == 1
    log.append(text[20:])
    assert log.read() == 1
    log.append("\n")
    assert log.read() == 2


def test_parts_of_a_wrapped_line_count_once_the_last_has_come(tmp_path: Path) -> None:
    log = Log(tmp_path)
    text = line(0)

    def part(of: str) -> str:
        at = "2026-11-24T10:00:00Z"
        return json.dumps({"log": of, "stream": "stdout", "time": at}) + "\n"

    log.append(part(f"{text}\n") + part(text[:10]))
    follow = log.begin()
    assert log.read() == 1
    log.append(part(text[10:20]))
    assert log.read() == 1
    log.append(part(text[20:] + "\n"))
    follow.poll()
    lines = answer.lines(follow.analysis())
    assert lines == {
        "read": 4, "accepted": 2, "outside_window": 0, "rejected": {"continuation": 2},
    }  # fmt: skip


@pytest.mark.parametrize("names", [["app.log"], ["app.log*"]], ids=["name", "glob"])
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gz"])
def test_a_renamed_file_is_read_to_its_end_and_the_new_one_from_its_beginning(
    tmp_path: Path, names: list[str], compressed: bool
) -> None:
    log = Log(tmp_path, *names)
    log.write(5)
    log.begin()
    log.read()
    with log.path.open("a") as late:
        log.path.rename(tmp_path / "app.log.1")
        log.path.touch()
        late.write(f"{line(1000)}\n")  # by a writer that was not told yet
    log.write(6)
    if compressed:
        rotated = tmp_path / "app.log.1"
        (tmp_path / "app.log.1.gz").write_bytes(gzip.compress(rotated.read_bytes()))
        rotated.unlink()
    assert [log.read(), log.read(), log.read()] == [12, 12, 12]
    log.write(1)
    assert log.read() == 13


@pytest.mark.parametrize("names", [["app.log"], ["app.log*"]], ids=["name", "glob"])
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("rewritten", [0, 3, 50])
def test_of_a_truncated_file_the_rest_is_read_from_its_copy(
    tmp_path: Path, names: list[str], compressed: bool, rewritten: int
) -> None:
    log = Log(tmp_path, *names)
    log.write(10)
    log.begin()
    log.read()
    log.write(7)  # and before the next look:
    if compressed:
        (tmp_path / "app.log.1.gz").write_bytes(gzip.compress(log.path.read_bytes()))
    else:
        shutil.copy(log.path, tmp_path / "app.log.1")
    os.truncate(log.path, 0)
    log.write(rewritten)
    assert [log.read(), log.read(), log.read()] == [17 + rewritten] * 3
    log.write(2)
    assert log.read() == 19 + rewritten


def test_a_file_that_was_removed_is_let_go_and_its_last_line_counts_as_it_is(
    tmp_path: Path,
) -> None:
    log = Log(tmp_path, "app.log*")
    log.write(3)
    follow = log.begin()
    log.append(line(3)[:20])
    log.path.unlink()
    log.path.touch()
    follow.poll()
    lines = answer.lines(follow.analysis())
    assert (lines["accepted"], lines["rejected"]) == (3, {"torn": 1})
    assert open_files(tmp_path) == []  # an empty file is begun with when something is in it


def open_files(below: Path) -> list[str]:
    """What this process has open, as Linux says it."""
    folder = Path("/proc/self/fd")
    need("open files are listed in /proc/self/fd", folder.exists())
    links = [path for path in folder.iterdir() if path.is_symlink()]
    return [name for path in links if (name := str(path.readlink())).startswith(str(below))]


def test_a_file_that_comes_later_is_read(tmp_path: Path) -> None:
    log = Log(tmp_path, "app.log*", "other-*")
    log.write(2)
    follow = log.begin()
    assert [name for name in follow.analysis().failed if name.endswith("other-*")]
    (tmp_path / "other-1.log").write_text(f"{line(70)}\n")
    assert log.read() == 3
    assert follow.analysis().failed == {}


def test_a_compressed_file_that_comes_later_is_read_when_it_is_whole(tmp_path: Path) -> None:
    log = Log(tmp_path, "*")
    log.write(2)
    follow = log.begin()
    content = gzip.compress("".join(f"{line(n)}\n" for n in range(500, 900)).encode())
    path = tmp_path / "sent.gz"
    path.write_bytes(content[: len(content) // 2])
    follow.poll()
    path.write_bytes(content)
    log.read()
    assert [log.read(), log.read()] == [402, 402]
    assert follow.analysis().failed == {}


def test_another_log_with_the_same_first_line_is_no_copy(tmp_path: Path) -> None:
    log = Log(tmp_path, "*")
    log.append(f"{line(0)}\n")
    log.begin()
    (tmp_path / "worker.log").write_text(f"{line(0)}\n{line(1)}\n")
    assert log.read() == 3


def test_standard_input_is_read_until_it_ends() -> None:
    code = (
        "import sys\n"
        "from ops_pipelines.logs.follow import Follow\n"
        "from ops_pipelines.logs.sources import find\n"
        "from ops_pipelines_tests.logs.reading import how\n"
        "follow = Follow(['-'], find(['-']), how())\n"
        "while not follow.is_over: follow.poll()\n"
        "print(follow.analysis().accepted)"
    )
    text = "".join(f"{line(n)}\n" for n in range(5000))
    done = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, check=True
    )
    assert done.stdout == "5000\n"


def rename(log: Log, target: Path) -> None:
    log.path.rename(target)
    log.path.touch()


def truncate(log: Log, target: Path) -> None:
    shutil.copy(log.path, target)
    os.truncate(log.path, 0)


def compress(log: Log, _target: Path) -> None:
    for path in old(log):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()


def remove(log: Log, _target: Path) -> None:
    for path in old(log):
        path.unlink()


def old(log: Log) -> list[Path]:
    return [path for path in log.path.parent.glob("app.log.*") if path.suffix != ".gz"]


def write(log: Log, _target: Path) -> None:
    log.write(3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([write, rename, truncate, compress, remove]), max_size=20),
    st.sampled_from(["app.log", "app.log*"]),
)
def test_no_line_is_lost_or_read_twice_whatever_is_done_between_two_looks(
    tmp_path_factory: pytest.TempPathFactory,
    deeds: list[Callable[[Log, Path], None]],
    name: str,
) -> None:
    log = Log(tmp_path_factory.mktemp("log"), name)
    log.write(1)
    follow = log.begin()
    for count, deed in enumerate(deeds):
        deed(log, log.path.with_name(f"app.log.{count}"))
        log.write(count % 3)
        assert log.read() == log.written
    follow.close()
