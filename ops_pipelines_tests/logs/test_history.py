"""A log's history: each byte is read once, days stay, however the lines lie in files."""

import gzip
import itertools
import json
import os
import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from ops_pipelines.errors import StorageError
from ops_pipelines.logs.days import _version, minutes_of
from ops_pipelines.logs.history import History, refresh
from ops_pipelines.logs.lines import Block
from ops_pipelines.logs.rollup import Rollup
from ops_pipelines.logs.scan import Scan
from ops_pipelines.logs.sources import find
from ops_pipelines_tests.logs import corpus
from ops_pipelines_tests.logs.reading import UTC as UTC_ZONE
from ops_pipelines_tests.logs.reading import cells, how, joined, scanned

LINES = list(corpus.lines(7, 6_000, 0.1, hours=72))
CONTENT = joined(LINES)
DAY = date(2026, 11, 20)


def refreshed(folder: Path, pattern: str = "app.log*", **reading: Any) -> History:
    return refresh(find([str(folder / pattern)]), how(reading), folder / "state")


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


def test_a_file_that_is_truncated_and_written_anew_is_another_content(tmp_path: Path) -> None:
    log, copy = tmp_path / "app.log", tmp_path / "app.log.1"
    log.write_bytes(CONTENT)
    before = versions(refreshed(tmp_path))

    copy.write_bytes(log.read_bytes())  # as logrotate's copytruncate does it
    os.truncate(log, 0)
    with log.open("ab") as file:
        file.write(line("2026-11-29T00:00:00Z") * 3)
    after = refreshed(tmp_path)

    assert {day: versions(after)[day] for day in before} == before
    assert after.day(date(2026, 11, 29)).lines["accepted"] == 3


def test_truncation_without_a_copy_keeps_what_was_read(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(CONTENT)
    before = versions(refreshed(tmp_path))

    log.write_bytes(line("2026-11-29T00:00:00Z"))
    after = versions(refreshed(tmp_path))

    assert {day: after[day] for day in before} == before
    assert len(after) == len(before) + 1


def test_short_logs_that_are_alike_are_not_taken_for_one_another(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(line("2026-11-20T00:00:00Z"))
    refreshed(tmp_path)
    (tmp_path / "app.log.new").write_bytes(line("2026-11-20T00:00:00Z") * 2)
    log.unlink()

    assert accepted(refreshed(tmp_path)) == 3


def test_equal_beginnings_are_told_apart_by_their_ends(tmp_path: Path) -> None:
    banner = b"".join(line("2026-11-20T00:00:00Z", number=n) for n in range(100))
    for number in range(3):
        content = banner + line("2026-11-20T01:00:00Z", file=number) * (number + 1)
        (tmp_path / f"app.log.{number}").write_bytes(content)
    assert accepted(refreshed(tmp_path)) == 3 * 100 + 1 + 2 + 3

    for number in range(3):
        (tmp_path / f"app.log.{number}").rename(tmp_path / f"app.log.{number + 10}")
    again = refreshed(tmp_path)

    assert (accepted(again), again.bytes_read) == (3 * 100 + 1 + 2 + 3, 0)


def test_a_file_that_is_edited_in_its_place_is_read_again(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    filler = b"".join(line("2026-11-20T00:00:00Z", number=n) for n in range(200))
    log.write_bytes(filler + line("2026-11-20T00:00:00Z") + filler)
    refreshed(tmp_path)

    log.write_bytes(filler + line("2026-11-21T00:00:00Z") + filler)
    os.utime(log, (2e9, 2e9))

    assert refreshed(tmp_path).day(date(2026, 11, 21)).lines["accepted"] == 1


def test_a_log_that_nobody_asks_for_any_more_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(line("2026-11-20T00:00:00Z"))
    (tmp_path / "app.log.other").write_bytes(line("2026-11-20T00:00:00Z") * 2)
    assert accepted(refreshed(tmp_path)) == 3

    assert accepted(refreshed(tmp_path, "app.log")) == 1


def test_a_log_that_cannot_be_read_today_keeps_its_days(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(line("2026-11-20T00:00:00Z"))
    refreshed(tmp_path)
    log.unlink()
    log.symlink_to(log)

    after = refreshed(tmp_path)

    assert (accepted(after), list(after.failed)) == (1, [str(log)])


def test_what_nobody_keeps_any_more_is_dropped_once_its_file_is_gone(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(CONTENT)
    found, reading, state = find([str(log)]), how(), tmp_path / "state"
    before = refresh(found, reading, state)
    log.unlink()
    last = before.days[-1]

    def days(keep_from: date) -> tuple[date, ...]:
        return refresh(find([str(log)]), reading, state, keep_from=keep_from).days

    assert days(last) == before.days
    for part in state.glob("*.part"):
        os.utime(part, (1, 1))
    assert days(last + timedelta(days=1)) == ()
    assert sorted(path.name for path in state.iterdir()) == [".lock", "index.json"]


def test_other_settings_read_what_is_there_anew_and_say_what_is_lost(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(CONTENT)
    (tmp_path / "app.log.1").write_bytes(line("2026-11-18T00:00:00Z"))
    ranges = [one for day in (DAY, DAY - timedelta(days=2)) for one in _ranges(tmp_path, day)]
    (tmp_path / "app.log.1").unlink()

    other = refreshed(tmp_path, error_when=[{"field": "status", "at_least": 500}])

    assert other.bytes_read == len(CONTENT)
    assert [one["name"] for one in other.lost(ranges)] == [str(tmp_path / "app.log.1")]
    assert refreshed(tmp_path).days[0] == DAY - timedelta(days=2)


def _ranges(folder: Path, day: date) -> list[Any]:
    return list(refreshed(folder).day(day).ranges)


@pytest.mark.parametrize("damage", [b"", b"damaged"])
def test_without_its_index_everything_is_read_again(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "app.log").write_bytes(CONTENT)
    before = versions(refreshed(tmp_path))

    (tmp_path / "state/index.json").write_bytes(damage)

    again = refreshed(tmp_path)
    assert (versions(again), again.bytes_read) == (before, len(CONTENT))


def test_a_part_that_is_gone_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(CONTENT)
    before = versions(refreshed(tmp_path))

    for part in (tmp_path / "state").glob("*.part"):
        part.unlink()

    again = refreshed(tmp_path)
    assert (versions(again), again.bytes_read) == (before, len(CONTENT))


def test_a_part_that_is_damaged_is_said(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(CONTENT)
    refreshed(tmp_path)
    for part in (tmp_path / "state").glob("*.part"):
        part.write_bytes(b"damaged")

    with pytest.raises(StorageError, match=r"\.part"):
        refreshed(tmp_path).day(DAY)


def test_a_copy_that_is_cut_off_counts_once_when_it_is_whole_again(tmp_path: Path) -> None:
    packed = tmp_path / "app.log.1.gz"
    whole = gzip.compress(CONTENT)
    packed.write_bytes(whole[: len(whole) // 2])
    cut = refreshed(tmp_path)
    some = accepted(cut)

    packed.write_bytes(whole)
    mended = refreshed(tmp_path)

    assert list(cut.failed) == [str(packed)]
    assert not mended.failed
    assert 0 < some < accepted(mended) == scanned(CONTENT)[1].dated


def test_a_damaged_copy_of_what_was_read_takes_nothing_away(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(CONTENT)
    before = versions(refreshed(tmp_path))
    log.unlink()
    (tmp_path / "app.log.1.gz").write_bytes(gzip.compress(CONTENT)[:100_000])

    for _ in range(2):
        after = refreshed(tmp_path)

        assert versions(after) == before
        assert list(after.failed) == [str(tmp_path / "app.log.1.gz")]


def test_lines_without_any_time_are_of_no_day_and_counted(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(b"no\n\n")

    history = refreshed(tmp_path)

    assert (history.days, history.undated) == ((), {"not_json": 1, "blank": 1})


@pytest.mark.parametrize(
    ("name", "zone", "hours"),
    [
        ("spring", "Europe/Berlin", 23),
        ("autumn", "Europe/Berlin", 25),
        ("half", "Australia/Lord_Howe", 24.5),
    ],
)
def test_a_day_on_which_clocks_change_has_its_own_length(
    tmp_path: Path, name: str, zone: str, hours: float
) -> None:
    day = {"spring": date(2026, 3, 29), "autumn": date(2026, 10, 25), "half": date(2026, 4, 5)}
    start = datetime.combine(day[name], time(), ZoneInfo(zone)).astimezone(UTC)
    moments = [start + timedelta(minutes=n) for n in range(-10, int(hours * 60) + 10)]
    (tmp_path / "app.log").write_bytes(b"".join(line(at.isoformat()) for at in moments))

    history = refresh(
        find([str(tmp_path / "app.log")]), how(zone=ZoneInfo(zone)), tmp_path / "state"
    )

    assert [history.day(one).lines["accepted"] for one in history.days] == [10, hours * 60, 10]


class Lived(NamedTuple):
    """How a log came to lie in files: cuts at lines, refreshes in between, and compression."""

    cuts: list[int]
    kinds: list[str]
    refreshes: list[bool]
    seed: int


LIVES = st.builds(
    Lived,
    st.lists(st.integers(0, 1500), max_size=5),
    st.lists(st.sampled_from(["", "gz", "zst", "members"]), min_size=6, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.integers(0, 1 << 16),
)
FEW = list(corpus.lines(8, 1_500, 0.2, hours=50))


@settings(max_examples=40, deadline=None)
@given(LIVES)
def test_however_lines_lie_in_files_the_days_are_the_same(lived: Lived) -> None:
    whole, account = scanned(joined(FEW))
    with TemporaryDirectory() as name:
        folder = Path(name)
        chance = random.Random(lived.seed)
        edges = [0, *sorted(lived.cuts), len(FEW)]
        names = chance.sample(range(100), len(edges))
        for place, (start, end) in enumerate(itertools.pairwise(edges)):
            content = joined(FEW[start:end])
            (folder / f"app.log.{names[place]}").write_bytes(_packed(content, lived.kinds[place]))
            if lived.refreshes[place]:
                refreshed(folder)
        history = refreshed(folder)
        days = [history.day(day) for day in history.days]

    together: dict[Any, Any] = {}
    for day in days:
        together |= cells(day.rollup)
    assert together == cells(whole)
    assert [_facts(day.rollup) for day in days] == [_facts(part) for part in _parts(whole, history)]
    rejected = sum((Counter(day.lines["rejected"]) for day in days), history.undated)
    assert rejected.total() == account.reasons.total()


def _facts(rollup: Rollup) -> str:
    return _version(rollup, {})


def _parts(whole: Rollup, history: History) -> list[Rollup]:
    return [whole.part(*minutes_of(day, UTC_ZONE)) for day in history.days]


def _packed(content: bytes, kind: str) -> bytes:
    match kind:
        case "gz":
            return gzip.compress(content)
        case "zst":
            return zstandard.compress(content)
        case "members":
            return gzip.compress(content[:1000]) + gzip.compress(content[1000:])
    return content


def docker(text: str, stream: str = "stdout") -> bytes:
    return json.dumps({"log": text, "stream": stream, "time": "2026-11-20T00:00:00Z"}).encode()


def _many(number: int) -> list[bytes]:
    """Lines of Docker, some in parts, of two streams, with tracebacks in between."""
    record = line(f"2026-11-20T00:{number % 60:02}:00Z", pad="x" * (number % 700)).decode()
    match number % 5:
        case 0:
            return [docker(record[:20]), docker("oh\n", "stderr"), docker(record[20:])]
        case 1:
            return [docker(record), docker("Traceback (most recent call last):\n"), docker("  a\n")]
    return [docker(record)]


@pytest.mark.parametrize("wrapped", [True, False])
def test_records_that_go_on_over_a_refresh_are_read_as_one(tmp_path: Path, wrapped: bool) -> None:
    text = [
        line(f"2026-11-20T00:{n % 60:02}:00Z", pad="x" * (n % 700))
        + b"Traceback (most recent call last):\n  a\nValueError: b\n" * (n % 3)
        for n in range(9000)
    ]
    wrapping = [part + b"\n" for number in range(9000) for part in _many(number)]
    content = b"".join(wrapping if wrapped else text)
    log, chance = tmp_path / "app.log", random.Random(9)
    ends = [*sorted(chance.sample(range(len(content)), 12)), len(content)]
    read = 0
    for start, end in itertools.pairwise([0, *ends]):
        with log.open("ab") as file:
            file.write(content[start:end])
        grown = refreshed(tmp_path)
        read += grown.bytes_read

    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh/app.log").write_bytes(content)
    fresh = refreshed(tmp_path / "fresh")
    assert grown.day(DAY).lines == fresh.day(DAY).lines
    assert versions(grown) == versions(fresh)
    assert read < 5 * len(content)


def test_another_log_with_the_beginning_of_one_that_is_gone_is_another_content(
    tmp_path: Path,
) -> None:
    banner = b"".join(line("2026-11-20T00:00:00Z", number=n) for n in range(100))
    (tmp_path / "app.log.1").write_bytes(banner + line("2026-11-20T01:00:00Z", file=1))
    refreshed(tmp_path)
    (tmp_path / "app.log").write_bytes(banner + line("2026-11-20T01:00:00Z", file=2) * 9)
    (tmp_path / "app.log.1").unlink()

    assert accepted(refreshed(tmp_path)) == 2 * 100 + 1 + 9


def test_a_number_that_few_lines_have_does_not_change_the_others(tmp_path: Path) -> None:
    lines = [line("2026-11-20T00:00:00Z", in_flight=3), line("2026-11-20T00:01:00Z")]
    for name in ("whole", "split"):
        (tmp_path / name).mkdir()
    (tmp_path / "whole/app.log").write_bytes(b"".join(lines))
    for number, one in enumerate(lines):
        (tmp_path / f"split/app.log.{number}").write_bytes(one)

    assert versions(refreshed(tmp_path / "split")) == versions(refreshed(tmp_path / "whole"))


def test_nothing_is_settled_in_the_middle_of_a_record() -> None:
    scan = Scan(how())
    whole = docker(line("2026-11-20T00:00:00Z").decode())
    scan.feed(Block([docker('{"timestamp": ')], 100))
    assert not scan.may_end_before(Block([whole], 100))

    scan.feed(Block([docker("1}\n")], 100))
    assert scan.may_end_before(Block([whole], 100))
    assert not scan.may_end_before(Block([b"  a"], 100))
