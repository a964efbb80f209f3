"""Whatever lies where a log should be: no crash, bounded memory, and every line accounted for."""

import bz2
import gzip
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from ops_pipelines.logs import answer
from ops_pipelines.logs.analysis import Analysis
from ops_pipelines_tests.conftest import as_ordinary_user
from ops_pipelines_tests.logs.reading import analyzed, how

LINE = b'{"timestamp": "2026-11-24T10:00:00Z", "message": "request", "response_time": 0.5}'
GOOD = LINE + b"\n"


def balanced(analysis: Analysis) -> Analysis:
    """`analysis`, whose account must balance."""
    lines = answer.lines(analysis)
    rejected = sum(lines["rejected"].values())
    assert lines["read"] == lines["accepted"] + lines["outside_window"] + rejected
    return analysis


def of(tmp_path: Path, content: bytes, name: str = "app.log") -> Analysis:
    """What a file with `content` comes to."""
    path = tmp_path / name
    path.write_bytes(content)
    return balanced(analyzed(path))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\n", "blank"),
        (b"   \t\r\n", "blank"),
        (b"\0\0\0\0\n", "blank"),
        (b'{"a": "\xff"}\n', "not_utf8"),
        (LINE.replace(b"request", b"\xed\xa0\x80") + b"\n", "not_utf8"),
        (LINE.replace(b"request", b"a\0b") + b"\n", "not_json"),
        (LINE.replace(b"0.5", b"NaN") + b"\n", "not_json"),
        (LINE.replace(b"0.5", b"-Infinity") + b"\n", "not_json"),
        (LINE[:-1] + b",}\n", "not_json"),
        (b"[" * 10_000 + b"]" * 10_000 + b"\n", "not_json"),
        (LINE[:-1] + b', "x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}\n", "not_json"),
        (b"[1]\n", "not_object"),
        (b'{"message": "request"}\n', "no_timestamp"),
        (LINE.replace(b'"2026-11-24T10:00:00Z"', b"null") + b"\n", "no_timestamp"),
        (LINE.replace(b"2026-11-24T", b"2026-11-31T") + b"\n", "bad_timestamp"),
        (LINE[:40], "torn"),
        (LINE[:30] + "é".encode()[:1], "torn"),
    ],
)
@pytest.mark.parametrize("before", [0, 1000])
def test_each_kind_of_bad_line_is_counted_under_its_reason(
    tmp_path: Path, content: bytes, reason: str, before: int
) -> None:
    analysis = of(tmp_path, GOOD * before + content)
    assert (analysis.accepted, dict(analysis.rejected)) == (before, {reason: 1})


@pytest.mark.parametrize(
    "content",
    [
        LINE,
        b"\xef\xbb\xbf" + GOOD,
        LINE + b"\r\n",
        b"\0" * 5000 + GOOD,
        LINE + b"\0\0\n",
        LINE.replace(b'"message"', b'"message": 1, "message"') + b"\n",
        LINE.replace(b'"timestamp"', b'"timestamp": "never", "timestamp"') + b"\n",
        LINE[:-1] + b', "x": "\\ud800"}\n',
        LINE[:-1] + b', "x": 1e999}\n',
        LINE[:-1] + b', "x": ' + b"9" * 5000 + b"}\n",
        LINE[:-1] + b', "x": ' + b"[" * 500 + b"]" * 500 + b"}\n",
        LINE[:-1] + b', "x": "' + b"y" * 2_000_000 + b'"}\n',
    ],
)
@pytest.mark.parametrize("before", [0, 1000])
def test_what_is_only_odd_is_accepted(tmp_path: Path, content: bytes, before: int) -> None:
    analysis = of(tmp_path, GOOD * before + content)
    assert (analysis.accepted, dict(analysis.rejected)) == (before + 1, {})
    assert analysis.rollup.total("hours", "timed") == before + 1


def test_the_last_of_duplicate_keys_wins(tmp_path: Path) -> None:
    line = LINE.replace(b'"response_time": 0.5', b'"response_time": 0.5, "response_time": 2.5')
    analysis = of(tmp_path, (line + b"\n") * 500)
    assert set(analysis.rollup.column("minutes", "slowest")) == {2.5}


def test_a_line_of_100_mb_is_one_rejected_line_and_takes_no_such_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    with path.open("wb") as file:
        file.write(GOOD)
        for _ in range(100):
            file.write(b'{"message": "' + b"x" * 1_000_000)
        file.write(b"\n" + GOOD)
    code = (
        "import resource, sys\n"
        "from ops_pipelines_tests.logs.reading import analyzed\n"
        "base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "found = analyzed(sys.argv[1])\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(found.accepted, dict(found.rejected), peak - base)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    counts, kib = done.stdout.rsplit(maxsplit=1)
    assert counts == "2 {'too_long': 1}"
    assert int(kib) < 60_000


def test_zeros_that_copytruncate_leaves_before_a_line_cost_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sparse.log"
    with path.open("wb") as file:
        file.seek(50_000_000)
        file.write(GOOD * 3)
    analysis = balanced(analyzed(path))
    assert (analysis.accepted, analysis.lines) == (3, 3)


def test_an_empty_file_is_read_and_has_no_lines(tmp_path: Path) -> None:
    analysis = of(tmp_path, b"")
    assert (analysis.lines, analysis.failed) == (0, {})
    assert [file.source.name for file in analysis.files] == [str(tmp_path / "app.log")]


# --- compressed files ---


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_compressed_files_say_what_plain_ones_say(tmp_path: Path, compress: object) -> None:
    content = GOOD * 5000 + b"bad\n"
    analysis = of(tmp_path, compress(content), "app.log.1")  # type: ignore[operator]
    assert (analysis.accepted, dict(analysis.rejected)) == (5000, {"not_json": 1})


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_several_members_are_one_content(tmp_path: Path, compress: object) -> None:
    parts = (GOOD * 10 + LINE[:20], LINE[20:] + b"\n", b"", GOOD)
    content = b"".join(map(compress, parts)) + b"\0" * 512  # type: ignore[call-overload]
    analysis = of(tmp_path, content)
    assert (analysis.accepted, analysis.lines, analysis.failed) == (12, 12, {})


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_of_a_truncated_file_all_is_read_that_is_there(tmp_path: Path, compress: object) -> None:
    lines = [LINE.replace(b"0.5", b"%d" % number) for number in range(20_000)]
    content = compress(b"\n".join(lines))  # type: ignore[operator]
    analysis = of(tmp_path, content[: len(content) // 2])
    assert 5000 < analysis.accepted < 20_000
    assert set(analysis.rejected) <= {"torn"}
    [(name, reason)] = analysis.failed.items()
    assert name.endswith("app.log")
    assert "truncated" in str(reason)


def test_damage_in_the_middle_keeps_what_came_before(tmp_path: Path) -> None:
    lines = [LINE.replace(b"0.5", b"%d" % number) for number in range(50_000)]
    content = bytearray(gzip.compress(b"\n".join(lines)))
    content[len(content) // 2] ^= 0xFF
    analysis = of(tmp_path, bytes(content))
    assert analysis.accepted > 1000
    assert "logs.damaged" in {reason.code for reason in analysis.failed.values()}


def test_what_follows_a_member_and_is_none_is_named(tmp_path: Path) -> None:
    analysis = of(tmp_path, gzip.compress(GOOD) + b"no gzip at all")
    assert analysis.accepted == 1
    assert "trailing garbage" in str(next(iter(analysis.failed.values())))


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_a_bomb_takes_little_memory(tmp_path: Path, compress: object) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(compress(b"\0" * 300_000_000 + b"\n" + GOOD))  # type: ignore[operator]
    code = (
        "import resource, sys\n"
        "from ops_pipelines_tests.logs.reading import analyzed\n"
        "base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "found = analyzed(sys.argv[1])\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(found.accepted, peak - base)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True
    )
    accepted, kib = map(int, done.stdout.split())
    assert accepted == 1
    assert kib < 150_000


def test_other_compressions_are_named_and_not_read_as_text(tmp_path: Path) -> None:
    analysis = of(tmp_path, bz2.compress(GOOD))
    assert analysis.lines == 0
    assert "bzip2" in str(next(iter(analysis.failed.values())))


# --- what is no file ---


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that an ordinary user may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_what_cannot_be_read_is_named_and_the_other_files_are_read(folder: Path) -> None:
    (folder / "good.log").write_bytes(GOOD * 3)
    (folder / "secret.log").write_bytes(GOOD)
    (folder / "secret.log").chmod(0)
    os.mkfifo(folder / "pipe.log")
    (folder / "loop.log").symlink_to("loop.log")
    (folder / "dangling.log").symlink_to("nowhere")
    (folder / "folder.log").mkdir()
    (folder / "folder.log" / "inner.log").write_bytes(GOOD)
    (folder / "folder.log" / "back").symlink_to(folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket.log"))
        with as_ordinary_user():
            analysis = balanced(analyzed(folder / "*.log"))
    assert analysis.accepted == 4
    assert {Path(name).name: reason.code for name, reason in analysis.failed.items()} == {
        "secret.log": "logs.unreadable",
        "pipe.log": "logs.not_a_file",
        "loop.log": "logs.unreadable",
        "dangling.log": "logs.unreadable",
        "socket.log": "logs.not_a_file",
    }


def test_a_device_is_not_read(tmp_path: Path) -> None:
    analysis = analyzed("/dev/zero", tmp_path / "none.log")
    assert {reason.code for reason in analysis.failed.values()} == {
        "logs.not_a_file",
        "logs.unreadable",
    }


def test_bad_lines_take_no_file_with_them(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"\xff\xfe\x00binary" * 1000)
    (tmp_path / "b.log").write_bytes(GOOD * 7)
    analysis = balanced(analyzed(tmp_path))
    assert analysis.accepted == 7


def test_the_window_is_half_open_and_the_rest_is_counted_as_outside(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    times = ("09:59:59.999", "10:00:00", "10:59:59.999999", "11:00:00")
    path.write_text(
        "".join(f'{{"timestamp": "2026-11-24T{time}Z", "message": "x"}}\n' for time in times)
    )
    start = 1_795_514_400_000_000  # 2026-11-24T10:00Z
    window_us = (start, start + 3_600_000_000)
    analysis = balanced(analyzed(path, reading=how(window_us=window_us)))
    assert (analysis.accepted, analysis.outside_window) == (2, 2)
