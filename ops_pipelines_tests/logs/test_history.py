"""A log's history: each byte is read once, days stay, however the lines lie in files."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

from ops_pipelines.logs.history import History, refresh
from ops_pipelines.logs.sources import find
from ops_pipelines_tests.logs import corpus
from ops_pipelines_tests.logs.reading import cells, how, joined, scanned

LINES = list(corpus.lines(7, 6_000, 0.1, hours=72))
CONTENT = joined(LINES)
DAY = date(2026, 11, 20)


def refreshed(folder: Path, pattern: str = "app.log*", **settings: Any) -> History:
    return refresh(find([str(folder / pattern)]), how(settings), folder / "state")


def versions(history: History) -> dict[date, str]:
    return {day: history.day(day).version for day in history.days}


def line(at: str, **more: Any) -> bytes:
    return json.dumps({"timestamp": at, "message": "request", **more}).encode() + b"\n"


def accepted(history: History) -> int:
    return sum(history.day(day).lines["accepted"] for day in history.days)


def test_the_days_sum_up_to_the_whole(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(CONTENT)
    rollup, account = scanned(CONTENT)

    history = refreshed(tmp_path)

    days = [history.day(day) for day in history.days]
    merged: dict[Any, Any] = {}
    for day in days:
        merged |= cells(day.rollup)
    assert merged == cells(rollup)
    assert sum(day.lines["read"] for day in days) == len(LINES) == account.lines
    rejected: dict[str, int] = {}
    for day in days:
        for reason, count in day.lines["rejected"].items():
            rejected[reason] = rejected.get(reason, 0) + count
    assert rejected == account.reasons


def test_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(CONTENT)
    first = refreshed(tmp_path)

    second = refreshed(tmp_path)

    assert (first.bytes_read, second.bytes_read) == (len(CONTENT), 0)
    assert versions(second) == versions(first)


def test_a_log_that_grows_is_read_from_where_it_ended(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    whole = CONTENT * 4
    ends = [10, 300_001, 300_002, 1_500_000, 2_700_123, len(whole)]
    read = 0
    for start, end in zip([0, *ends], ends, strict=False):
        with log.open("ab") as file:
            file.write(whole[start:end])
        read += refreshed(tmp_path).bytes_read
    grown = refreshed(tmp_path)

    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh/app.log").write_bytes(whole)
    assert versions(grown) == versions(refreshed(tmp_path / "fresh"))
    assert read < len(whole) + len(ends) * (1 << 21)


def test_rotation_and_compression_change_nothing_and_are_read_once(tmp_path: Path) -> None:
    log, rotated, packed = (tmp_path / name for name in ("app.log", "app.log.1", "app.log.2.gz"))
    log.write_bytes(CONTENT)
    before = versions(refreshed(tmp_path))

    log.rename(rotated)
    log.write_bytes(line("2026-11-29T00:00:00Z"))
    renamed = refreshed(tmp_path)
    packed.write_bytes(gzip.compress(rotated.read_bytes()))
    both = refreshed(tmp_path)
    rotated.unlink()
    alone = refreshed(tmp_path)

    for history in (renamed, both, alone):
        assert {day: versions(history)[day] for day in before} == before
    assert len(both.skipped) == 1
    assert (renamed.bytes_read, both.bytes_read, alone.bytes_read) == (60, 0, 0)


def test_days_stay_when_their_file_is_gone(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(CONTENT)
    before = refreshed(tmp_path)
    log.unlink()

    after = refreshed(tmp_path)

    assert versions(after) == versions(before)
    assert after.lost(before.day(DAY).ranges) == []
