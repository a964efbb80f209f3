import json
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops_pipelines.errors import StorageError
from ops_pipelines.redaction import learn
from ops_pipelines.storage import samples
from ops_pipelines.storage.samples import Sample
from ops_pipelines.window import Window
from ops_pipelines_tests.conftest import as_ordinary_user

MIDNIGHT = datetime(2026, 7, 2, tzinfo=UTC)
EVENING = Window(MIDNIGHT - timedelta(hours=6), MIDNIGHT)
BOTH_DAYS = Window(MIDNIGHT - timedelta(days=1), MIDNIGHT + timedelta(days=1))
FIRST, SECOND = "2026-07-01.jsonl", "2026-07-02.jsonl"


def sample(at: str, check: str = "api", **more: Any) -> Sample:
    return {"at": at, "check": check, "slot": at[:16], **more}


def checks(found: list[Sample]) -> list[str]:
    return [sample["check"] for sample in found]


def test_samples_are_read_in_the_order_of_their_time(tmp_path: Path) -> None:
    samples.append(tmp_path, [sample("2026-07-01T20:02:00+00:00", "later")])
    samples.append(tmp_path, [sample("2026-07-01T20:01:00.250+00:00", "earlier")])
    assert checks(samples.read(tmp_path, EVENING).samples) == ["earlier", "later"]


def test_a_folder_that_nobody_wrote_to_holds_no_samples(tmp_path: Path) -> None:
    nowhere = tmp_path / "state" / "samples"
    assert samples.read(nowhere, EVENING) == samples.Samples([])
    assert samples.newest(nowhere) == samples.days(nowhere) == []
    assert samples.prune(nowhere, date(2026, 7, 1)) == []


def test_a_sample_is_one_line_of_the_file_of_its_day_in_utc(tmp_path: Path) -> None:
    samples.append(
        tmp_path / "new",
        [sample("2026-07-02T07:59:59+08:00", "密"), sample("2026-07-01T20:00:00-04:00")],
    )
    first, second = (tmp_path / "new" / name for name in (FIRST, SECOND))
    assert first.read_text().splitlines() == [
        '{"at":"2026-07-02T07:59:59+08:00","check":"密","slot":"2026-07-02T07:59"}'
    ]
    assert json.loads(second.read_text())["at"] == "2026-07-01T20:00:00-04:00"
    assert samples.days(tmp_path / "new") == [date(2026, 7, 1), date(2026, 7, 2)]


def test_times_with_other_offsets_are_compared_as_moments(tmp_path: Path) -> None:
    samples.append(
        tmp_path,
        [
            sample("2026-07-01T19:30:00+00:00", "second"),
            sample("2026-07-02T03:00:00+08:00", "first"),
            sample("2026-07-01T16:00:00-04:00", "third"),
            sample("2026-07-01T23:59:59+00:00", "last"),
            sample("2026-07-02T08:00:00+08:00", "of the next day"),
            sample("2026-07-02T01:59:59+08:00", "of the hour before"),
        ],
    )
    found = samples.read(tmp_path, EVENING).samples
    assert checks(found) == ["first", "second", "third", "last"]


def test_a_window_begins_with_its_start_and_ends_before_its_end(tmp_path: Path) -> None:
    samples.append(
        tmp_path, [sample("2026-07-01T18:00:00Z", "in"), sample("2026-07-02T00:00:00Z", "out")]
    )
    assert checks(samples.read(tmp_path, EVENING).samples) == ["in"]


def test_a_sample_that_was_delivered_twice_counts_once(tmp_path: Path) -> None:
    once = sample("2026-07-01T20:00:00+00:00", status="healthy")
    again = {**once, "at": "2026-07-01T20:00:04+00:00", "status": "unhealthy"}
    other = {**once, "check": "database"}
    samples.append(tmp_path, [once, again, other])
    found = samples.read(tmp_path, EVENING)
    assert found.samples == [once, other]
    assert (found.doubled, found.torn) == (1, 0)


def test_a_line_that_a_kill_cut_short_is_counted_and_the_next_one_stands_by_itself(
    tmp_path: Path,
) -> None:
    samples.append(tmp_path, [sample("2026-07-01T20:00:00+00:00", "before")])
    with (tmp_path / FIRST).open("ab") as file:
        file.write('{"at":"2026-07-01T20:01:00+00:00","check":"密'.encode()[:-1])
    assert samples.read(tmp_path, EVENING).torn == 1
    samples.append(tmp_path, [sample("2026-07-01T20:02:00+00:00", "after")])
    found = samples.read(tmp_path, EVENING)
    assert checks(found.samples) == ["before", "after"]
    assert found.torn == 1


def test_a_line_that_lost_only_its_end_is_a_whole_one(tmp_path: Path) -> None:
    samples.append(tmp_path, [sample("2026-07-01T20:00:00+00:00")])
    file = tmp_path / FIRST
    file.write_bytes(file.read_bytes().rstrip(b"\n"))
    samples.append(tmp_path, [sample("2026-07-01T20:01:00+00:00")])
    found = samples.read(tmp_path, EVENING)
    assert (len(found.samples), found.torn) == (2, 0)


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"7",
        b"null",
        b'"at"',
        b"{}",
        b'{"at":"2026-07-01T20:00:00Z","check":"api"}',
        b'{"at":"yesterday","check":"api","slot":"s"}',
        b'{"at":"2026-07-01T20:00:00","check":"api","slot":"s"}',
        b'{"at":1782935400,"check":"api","slot":"s"}',
        b'{"at":"2026-07-01T20:00:00Z","check":["api"],"slot":"s"}',
        b'{"at":"2026-07-01T20:00:00Z","check":"\xff","slot":"s"}',
        b"\x00" * 64,
    ],
)
def test_a_line_that_is_no_sample_is_counted_and_stops_nothing(tmp_path: Path, line: bytes) -> None:
    (tmp_path / FIRST).write_bytes(line + b"\n\n")
    samples.append(tmp_path, [sample("2026-07-01T20:00:00+00:00")])
    found = samples.read(tmp_path, EVENING)
    assert (len(found.samples), found.torn) == (1, 1)
    assert len(samples.newest(tmp_path)) == 1


def test_files_of_somebody_else_are_left_alone(tmp_path: Path) -> None:
    samples.append(tmp_path, [sample("2026-07-01T20:00:00+00:00")])
    for name in ("notes.jsonl", "20260701.jsonl", "2026-W27-3.jsonl", "2026-07-01.jsonl.bak"):
        (tmp_path / name).write_text(json.dumps(sample("2026-07-01T20:00:00+00:00", "theirs")))
    (tmp_path / "2026-06-30.jsonl").mkdir()
    assert checks(samples.read(tmp_path, BOTH_DAYS).samples) == ["api"]
    assert checks(samples.newest(tmp_path)) == ["api"]
    assert samples.days(tmp_path) == [date(2026, 7, 1)]
    assert samples.prune(tmp_path, date(2030, 1, 1)) == [FIRST]
    assert len(list(tmp_path.iterdir())) == 5


def test_the_newest_sample_of_each_check_is_found_across_midnight(tmp_path: Path) -> None:
    samples.append(
        tmp_path,
        [
            sample("2026-06-30T23:59:00+00:00", "gone"),
            sample("2026-07-01T23:58:00+00:00", "api", n=1),
            sample("2026-07-01T23:59:00+00:00", "api", n=2),
            sample("2026-07-01T23:59:00+00:00", "database", n=3),
            sample("2026-07-02T00:00:00+00:00", "api", n=4),
        ],
    )
    found = {sample["check"]: sample["n"] for sample in samples.newest(tmp_path)}
    assert found == {"api": 4, "database": 3}


def test_the_newest_sample_is_that_of_the_latest_time_though_another_came_in_late(
    tmp_path: Path,
) -> None:
    samples.append(tmp_path, [sample("2026-07-01T20:02:00+00:00", n=2)])
    samples.append(tmp_path, [sample("2026-07-02T04:01:00+08:00", n=1)])
    (newest,) = samples.newest(tmp_path)
    assert newest["n"] == 2


def test_the_newest_sample_is_found_at_the_end_of_a_large_file(tmp_path: Path) -> None:
    many = [
        sample((MIDNIGHT + timedelta(seconds=n)).isoformat(), n=n, text="密" * 50)
        for n in range(2000)
    ]
    lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in many)
    (tmp_path / SECOND).write_text(lines)
    assert (tmp_path / SECOND).stat().st_size > samples.END_BYTES
    assert samples.newest(tmp_path) == many[-1:]


def test_samples_older_than_what_is_kept_are_removed_by_whole_days(tmp_path: Path) -> None:
    for day in (1, 2, 3):
        samples.append(tmp_path, [sample(f"2026-07-0{day}T12:00:00+00:00")])
    assert samples.prune(tmp_path, date(2026, 7, 3)) == [FIRST, SECOND]
    assert samples.prune(tmp_path, date(2026, 7, 3)) == []
    assert samples.days(tmp_path) == [date(2026, 7, 3)]


def test_secrets_are_masked_in_samples(tmp_path: Path) -> None:
    learn("hunter2")
    samples.append(
        tmp_path, [sample("2026-07-01T20:00:00+00:00", readings=[{"error": "no hunter2"}])]
    )
    assert "hunter2" not in (tmp_path / FIRST).read_text()


def test_a_secret_that_is_an_ordinary_word_does_not_make_samples_unfindable(
    tmp_path: Path,
) -> None:
    for word in ("ollama", "2026", "check"):
        learn(word)
    samples.append(tmp_path, [sample("2026-07-01T20:00:00+00:00", "ollama", error="ollama")])
    (found,) = samples.read(tmp_path, EVENING).samples
    assert (found["check"], found["slot"], found["error"]) == ("ollama", "2026-07-01T20:00", "***")


@pytest.mark.parametrize("text", ["\ud800", "\\\ud83d", "a\nb\u2028c", "\x00"])
def test_any_text_that_a_service_may_say_fits_into_one_line(tmp_path: Path, text: str) -> None:
    samples.append(tmp_path, [sample("2026-07-01T20:00:00+00:00", error=text)])
    assert (tmp_path / FIRST).read_bytes().count(b"\n") == 1
    assert (tmp_path / FIRST).read_text(encoding="utf-8")
    assert samples.read(tmp_path, EVENING).samples[0]["error"] == text


APPENDING = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ops_pipelines.storage import samples

folder, name = Path(sys.argv[1]), sys.argv[2]
for n in range(200):
    at = datetime(2026, 7, 1, 20, tzinfo=UTC) + timedelta(seconds=n)
    one = {"at": at.isoformat(), "check": name, "slot": str(n), "text": name * 3000}
    samples.append(folder, [one])
"""


def test_two_processes_that_append_at_once_leave_whole_lines(tmp_path: Path) -> None:
    command = [sys.executable, "-c", APPENDING, str(tmp_path)]
    started = [subprocess.Popen([*command, name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in started] == [0, 0]
    found = samples.read(tmp_path, EVENING)
    assert (len(found.samples), found.torn, found.doubled) == (400, 0, 0)


PRUNING = """
import sys
from datetime import date
from pathlib import Path
from ops_pipelines.storage import samples

sys.stdin.readline()
samples.prune(Path(sys.argv[1]), date(2027, 1, 1))
"""


def test_two_processes_may_remove_old_samples_at_once_while_a_third_one_reads(
    tmp_path: Path,
) -> None:
    for day in range(300):
        samples.append(tmp_path, [sample((MIDNIGHT - timedelta(days=day)).isoformat())])
    command = [sys.executable, "-c", PRUNING, str(tmp_path)]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(2)]
    for writer in started:
        assert writer.stdin is not None
        writer.stdin.write(b"\n")
        writer.stdin.close()
    whole = BOTH_DAYS.widened(timedelta(days=400))
    while any(writer.poll() is None for writer in started):
        assert samples.read(tmp_path, whole).torn == 0
        samples.newest(tmp_path)
    assert [writer.returncode for writer in started] == [0, 0]
    assert samples.days(tmp_path) == []


def test_a_folder_that_cannot_be_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"")
    with pytest.raises(StorageError, match=rf"{FIRST}: (Not a directory|File exists)"):
        samples.append(tmp_path / "state" / "samples", [sample("2026-07-01T20:00:00+00:00")])
    assert samples.read(tmp_path / "state" / "samples", EVENING).samples == []


def test_a_folder_that_we_may_not_use_is_told_of() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        samples.append(folder, [sample("2026-07-01T20:00:00+00:00")])
        (folder / FIRST).chmod(0o000)
        folder.chmod(0o555)
        with as_ordinary_user():
            with pytest.raises(StorageError, match=rf"{FIRST}: Permission denied"):
                samples.append(folder, [sample("2026-07-01T20:01:00+00:00")])
            with pytest.raises(StorageError, match=rf"{FIRST}: Permission denied"):
                samples.read(folder, EVENING)
            with pytest.raises(StorageError, match=rf"{FIRST}: Permission denied"):
                samples.prune(folder, date(2030, 1, 1))
        folder.chmod(0o755)


def test_a_full_disk_is_told_of_and_the_samples_before_and_after_are_whole(
    small_disk: Path,
) -> None:
    too_many = [
        sample((EVENING.start + n * timedelta(minutes=1)).isoformat(), text="x" * 1500)
        for n in range(200)
    ]
    with pytest.raises(StorageError, match=rf"{FIRST}: No space left on device"):
        samples.append(small_disk, too_many)
    found = samples.read(small_disk, EVENING)
    assert found.samples == too_many[: len(found.samples)]
    assert len(found.samples) > 20
    assert found.torn <= 1
    subprocess.run(["mount", "-o", "remount,size=128k", str(small_disk)], check=True)
    after = sample("2026-07-01T23:59:00+00:00")
    samples.append(small_disk, [after])
    again = samples.read(small_disk, EVENING)
    assert again.samples == [*found.samples, after]
    assert again.torn == found.torn
