import json
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from ops_pipelines.errors import InputError
from ops_pipelines.storage import versions
from ops_pipelines.storage.folder import Folder, LocalFolder
from ops_pipelines.storage.versions import Output, Version
from ops_pipelines_tests.storage.making import DAY, NEXT_DAY, NOON, true_hash

OUTPUT = Output("health_report", DAY)
CURRENT = f"health_report/{DAY}.json"
LATEST = "health_report/latest.json"


def write(
    folder: Folder,
    content: str,
    *,
    output: Output = OUTPUT,
    made_at: datetime = NOON,
    keep: int = 30,
) -> Version:
    """Store `content`; its data version says the same text, so that equal texts are equal."""
    return versions.write(
        folder,
        output,
        content.encode(),
        data_version=content.encode().hex().ljust(64, "0"),
        made_at=made_at,
        keep=keep,
    )


def contents(folder: Folder, output: Output = OUTPUT) -> list[str]:
    """Those of all versions, the oldest first."""
    return [(folder.read(v.name) or b"?").decode() for v in versions.versions(folder, output)]


def test_the_first_write_makes_a_version_the_current_one_and_the_latest(folder: Folder) -> None:
    version = write(folder, "a")
    assert version.is_new
    assert version.name == f"health_report/{DAY}/versions/20260701T120000Z-610000000000.json"
    for name in (version.name, CURRENT, LATEST):
        assert folder.read(name) == b"a"
    assert versions.partitions(folder, "health_report") == [DAY]


def test_an_output_without_partitions_has_only_its_latest(folder: Folder) -> None:
    output = Output("prometheus_rules", suffix="json")
    write(folder, "a", output=output)
    assert folder.names("prometheus_rules") == ["latest.json"]
    assert contents(folder, output) == ["a"]
    assert versions.partitions(folder, "prometheus_rules") == []


def test_a_table_lies_beside_a_document_and_neither_counts_as_the_other(folder: Folder) -> None:
    table = replace(OUTPUT, suffix="parquet")
    write(folder, "a")
    write(folder, "b", output=table)
    assert contents(folder) == ["a"]
    assert contents(folder, table) == ["b"]
    assert versions.partitions(folder, "health_report", "parquet") == [DAY]


def test_every_change_is_kept_and_the_last_one_is_current(folder: Folder) -> None:
    for minute, content in enumerate("abca"):
        write(folder, content, made_at=NOON + timedelta(minutes=minute))
    assert contents(folder) == ["a", "b", "c", "a"]
    assert folder.read(CURRENT) == b"a"


def test_versions_stand_in_the_order_of_writing_when_the_clock_stands_still_or_goes_back(
    folder: Folder,
) -> None:
    write(folder, "b", made_at=NOON)
    write(folder, "a", made_at=NOON)
    write(folder, "b", made_at=NOON - timedelta(days=400))
    later = write(folder, "a", made_at=NOON + timedelta(seconds=2.5))
    assert contents(folder) == ["b", "a", "b", "a"]
    assert later.made_at == NOON + timedelta(seconds=3)
    assert not write(folder, "a", made_at=NOON).is_new


def test_a_version_is_named_in_utc_by_whole_seconds(folder: Folder) -> None:
    made_at = datetime(2026, 7, 1, 20, 0, 0, 999_999, timezone(timedelta(hours=8)))
    version = write(folder, "a", made_at=made_at)
    assert version.id.startswith("20260701T120000Z-")
    assert versions.versions(folder, OUTPUT) == [version]


def test_the_latest_is_that_of_the_newest_partition(folder: Folder) -> None:
    write(folder, "new", output=Output("health_report", NEXT_DAY))
    write(folder, "old")
    assert folder.read(LATEST) == b"new"
    write(folder, "newer", output=Output("health_report", NEXT_DAY))
    assert folder.read(LATEST) == b"newer"


@pytest.mark.parametrize("keep", [1, 2, 3])
def test_of_the_versions_the_newest_stay_as_many_as_are_to_be_kept(
    folder: Folder, keep: int
) -> None:
    for content in "abcdef":
        write(folder, content, keep=keep)
        assert folder.read(CURRENT) == content.encode()
    assert contents(folder) == list("abcdef"[-keep:])


def test_keeping_fewer_takes_effect_though_nothing_changed(folder: Folder) -> None:
    for content in "abc":
        write(folder, content)
    write(folder, "c", keep=1)
    assert contents(folder) == ["c"]


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(-3, 3)), max_size=8), st.integers(1, 3)
)
def test_whatever_the_clock_does_the_current_version_is_always_kept(
    tmp_path_factory: pytest.TempPathFactory, writes: list[tuple[str, int]], keep: int
) -> None:
    folder = LocalFolder(tmp_path_factory.mktemp("data"))
    now = NOON
    expected: list[str] = []
    for content, seconds in writes:
        now += timedelta(seconds=seconds)
        write(folder, content, made_at=now, keep=keep)
        expected += [content] if expected[-1:] != [content] else []
        assert contents(folder) == expected[-keep:]
        assert folder.read(CURRENT) == folder.read(LATEST) == content.encode()


@pytest.mark.parametrize("lost", [[CURRENT, LATEST], [LATEST]])
def test_the_same_write_again_completes_one_that_was_killed(
    folder: Folder, lost: list[str]
) -> None:
    write(folder, "a")
    write(folder, "b", made_at=NOON + timedelta(minutes=1))
    for name in lost:  # as a writer leaves it that was killed before this step
        folder.write(name, b"a")
    again = write(folder, "b", made_at=NOON + timedelta(minutes=2))
    assert not again.is_new
    assert folder.read(CURRENT) == folder.read(LATEST) == b"b"
    assert contents(folder) == ["a", "b"]


def test_a_first_write_that_was_killed_is_completed_too(folder: Folder) -> None:
    version = write(folder, "a")
    folder.remove(CURRENT)
    folder.remove(LATEST)
    assert versions.partitions(folder, "health_report") == []
    assert write(folder, "a") == version
    assert folder.read(CURRENT) == folder.read(LATEST) == b"a"


def test_what_said_something_else_before_the_kill_counts_from_the_next_write_on(
    folder: Folder,
) -> None:
    write(folder, "a")
    write(folder, "b")
    folder.write(CURRENT, b"a")  # killed before b became current; now it is a again
    write(folder, "a")
    assert contents(folder) == ["a", "b", "a"]
    assert folder.read(CURRENT) == b"a"


def test_files_of_somebody_else_are_no_versions_and_no_partitions(folder: Folder) -> None:
    write(folder, "a")
    ours = f"health_report/{DAY}/versions"
    for name in (
        f"{ours}/20260701T120000Z-610000000000.json.bak",
        f"{ours}/20269999T999999Z-610000000000.json",
        f"{ours}/README.json",
        "health_report/notes.json",
        "health_report/zzz (copy).json",
        "health_report/zzz (copy)/versions/x.json",
        "health_report/zzz/versions/x.txt",
    ):
        folder.write(name, b"x")
    assert contents(folder) == ["a"]
    assert versions.partitions(folder, "health_report") == [DAY]
    write(folder, "b", keep=1)
    assert folder.read(LATEST) == b"b"
    assert folder.read("health_report/notes.json") == b"x"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", ".hidden", "-x", "latest", "versions", "a\n", "日"]
)
def test_a_name_that_would_lead_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="is no name of an output or a partition"):
        Output("health_report", name)
    with pytest.raises(InputError, match="is no name of an output or a partition"):
        Output(name)


@pytest.mark.parametrize("partition", ["2026-07-01", "2026.07.01", "a.json", "0", "A_b-c"])
def test_an_ordinary_name_is_a_partition(folder: Folder, partition: str) -> None:
    write(folder, "a", output=Output("health_report", partition))
    assert versions.partitions(folder, "health_report") == [partition]


def writers(location: str, *, count: int, keep: int) -> list[tuple[int, str]]:
    """Two processes that write to one output at the same time: how each ended."""
    command = [sys.executable, "-m", "ops_pipelines_tests.storage.writer", location]
    started = [
        subprocess.Popen(
            [*command, name, str(count), str(keep)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for writer in started:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    ended = []
    for writer in started:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in started:
        errors = writer.communicate(timeout=60)[1]
        ended.append((writer.returncode, errors))
    return ended


def test_two_writers_at_once_both_leave_their_versions_and_a_whole_current_one(
    location: str, folder: Folder
) -> None:
    assert writers(location, count=8, keep=1000) == [(0, "")] * 2
    stored = [json.loads(text) for text in contents(folder)]
    assert all(document["data_version"] == true_hash(document) for document in stored)
    for name in ("one", "two"):
        written = [d["facts"]["n"] for d in stored if d["facts"]["writer"] == name]
        assert sorted(set(written)) == list(range(8))
    for name in (CURRENT, LATEST):
        assert json.loads(folder.read(name) or b"") in stored


def test_two_writers_that_both_remove_what_is_old_never_remove_the_current_version(
    tmp_path: Path,
) -> None:
    assert writers(str(tmp_path), count=40, keep=1) == [(0, "")] * 2
    folder = LocalFolder(tmp_path)
    (only,) = contents(folder)
    assert folder.read(CURRENT) == folder.read(LATEST) == only.encode()


class CountingFolder(LocalFolder):
    """A folder that remembers where its user looked for names."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.seen: list[str] = []

    @override
    def names(self, parent: str) -> list[str]:
        self.seen.append(parent)
        return super().names(parent)


def test_a_write_looks_into_two_folders_however_many_partitions_there_are(tmp_path: Path) -> None:
    folder = CountingFolder(tmp_path)
    for day in range(40):
        write(folder, "a", output=Output("health_report", str(NOON.date() + timedelta(days=day))))
    folder.seen.clear()
    write(folder, "b")
    assert folder.seen == [f"health_report/{DAY}/versions", "health_report"]
