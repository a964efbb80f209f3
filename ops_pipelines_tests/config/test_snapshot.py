import json
import os
import stat
import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from ops_pipelines.config import copies, manifest
from ops_pipelines.config.gather import Wanted
from ops_pipelines.config.manifest import Validity
from ops_pipelines.config.snapshot import take
from ops_pipelines.errors import SnapshotError, StorageError
from ops_pipelines_tests.config.application import (
    NOON,
    Application,
    application,
    judge,
    opened,
    settle,
)
from ops_pipelines_tests.conftest import as_ordinary_user


@pytest.fixture
def app(tmp_path: Path) -> Application:
    return application(tmp_path)


def modes(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): f"{stat.S_IMODE(path.stat().st_mode):o}"
        for path in folder.rglob("*")
    }


def test_a_snapshot_holds_the_files_with_their_places_below_their_common_folder(
    app: Application,
) -> None:
    taken = app.back_up()
    assert taken.is_new
    files = taken.snapshot.folder / "files"
    found = {str(path.relative_to(files)) for path in files.rglob("*") if path.is_file()}
    assert found == {".env", "config/production.yaml", "rag_system.db"}
    assert (files / ".env").read_bytes() == app.secrets.read_bytes()


def test_the_manifest_says_what_was_expected_and_what_was_found(app: Application) -> None:
    app.config.chmod(0o640)
    os.chown(app.config, 12, 34)
    document = json.loads((app.back_up().snapshot.folder / "manifest.json").read_bytes())
    assert document["expected"] == [str(app.config), str(app.secrets), str(app.database)]
    entries = {entry["path"]: entry for entry in document["files"]}
    config = entries[str(app.config)]
    assert (config["mode"], config["uid"], config["gid"]) == ("640", 12, 34)
    assert config["bytes"] == app.config.stat().st_size
    assert config["modified"] == "2023-11-14T22:13:20+00:00"
    database = entries[str(app.database)]
    assert database["kind"] == "sqlite"
    assert database["writer_blocked_seconds"] == 0
    assert len(database["rows_sha256"]) == 64
    assert document["validity"] == {"valid": True, "problems": {}}
    assert set(document["tools"]) == {"ops_pipelines", "python", "sqlite"}
    assert document["created"] == "2026-11-24T12:00:00.000+00:00"


def test_only_the_owner_can_read_what_a_snapshot_holds(app: Application) -> None:
    found = modes(app.back_up().snapshot.folder / "files")
    assert found == {
        ".env": "600",
        "config": "700",
        "config/production.yaml": "600",
        "rag_system.db": "600",
    }
    assert stat.S_IMODE(app.archive.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(next(app.archive.folder.glob("2*")).stat().st_mode) == 0o700


def test_nothing_but_snapshots_is_left_when_one_was_taken(app: Application) -> None:
    app.back_up()
    left = {path.name for path in app.archive.folder.iterdir()}
    assert left == {".lock", *app.listed()}


def test_a_set_that_did_not_change_is_tested_again_and_not_written_again(
    app: Application,
) -> None:
    first = app.back_up().snapshot
    again = app.back_up(NOON + timedelta(days=1))
    assert not again.is_new
    assert app.listed() == [first.id]
    assert again.snapshot.verification
    assert again.snapshot.verification.current_at == "2026-11-25T12:00:00+00:00"


def change_config(app: Application) -> None:
    app.config.write_text("llm: {timeout: 60}\n")
    settle(app.config)


def change_mode(app: Application) -> None:
    app.secrets.chmod(0o600)


@pytest.mark.parametrize("change", [change_config, change_mode, Application.add_row])
def test_a_change_of_a_file_of_its_mode_or_of_a_row_makes_a_new_snapshot(
    app: Application, change: Callable[[Application], None]
) -> None:
    app.back_up()
    change(app)
    assert app.back_up(NOON + timedelta(hours=1)).is_new
    assert len(app.listed()) == 2


def test_a_newest_snapshot_that_was_damaged_is_not_taken_for_a_backup(app: Application) -> None:
    damaged = app.back_up().snapshot
    (damaged.folder / "files" / ".env").write_text("LLM_KEY=other\n")
    assert app.back_up(NOON + timedelta(hours=1)).is_new
    assert [s.verified for s in app.archive.snapshots()] == [False, True]


def test_snapshots_are_ordered_whatever_the_clock_does(app: Application) -> None:
    names = []
    for hours in (0, 0, -5, -5, 1):
        app.add_row()
        names.append(app.back_up(NOON + timedelta(hours=hours)).snapshot.id)
    assert names == sorted(set(names)) == app.listed()
    assert manifest.created_at(names[3]) == NOON + timedelta(milliseconds=3)


def test_going_back_to_what_was_makes_a_new_snapshot(app: Application) -> None:
    before = app.config.read_bytes()
    for content in (before, b"llm: {}\n", before):
        app.config.write_bytes(content)
        settle(app.config)
        assert app.back_up().is_new


def test_everything_that_is_missing_is_named_in_one_go_and_earlier_snapshots_stay(
    app: Application,
) -> None:
    first = app.back_up().snapshot.id
    app.config.unlink()
    app.secrets.unlink()
    app.secrets.mkdir()
    with pytest.raises(SnapshotError) as caught:
        app.back_up()
    found = {(finding.code, finding.subject) for finding in caught.value.findings}
    assert found == {("backup.missing", str(app.config)), ("backup.no_file", str(app.secrets))}
    assert "2 problem(s)" in str(caught.value)
    assert app.listed() == [first]


def overwrite(content: bytes) -> Callable[[Application], None]:
    def damage(app: Application) -> None:
        app.database.write_bytes(content)
        for suffix in ("-wal", "-shm"):
            Path(f"{app.database}{suffix}").unlink(missing_ok=True)

    return damage


def corrupt(app: Application) -> None:
    with opened(app.database, journal_mode="delete"):
        pass
    content = bytearray(app.database.read_bytes())
    content[4096:8192] = b"\x13" * 4096
    app.database.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (overwrite(b""), "backup.database_empty"),
        (overwrite(b"no database" * 500), "backup.not_a_database"),
        (corrupt, "backup.database_corrupt"),
        (lambda app: app.database.unlink(), "backup.missing"),
    ],
)
def test_a_database_that_is_not_whole_is_named_and_nothing_is_lost(
    app: Application, damage: Callable[[Application], None], code: str
) -> None:
    first = app.back_up().snapshot.id
    damage(app)
    with pytest.raises(SnapshotError) as caught:
        app.back_up()
    assert caught.value.code == "backup.not_taken"
    assert [(f.code, f.subject) for f in caught.value.findings] == [(code, str(app.database))]
    assert caught.value.findings[0].action
    assert app.listed() == [first]
    assert not list(app.archive.folder.glob(".*.*"))


def test_a_locked_database_is_named_and_nothing_is_lost(app: Application) -> None:
    first = app.back_up().snapshot.id
    with opened(app.database, locking_mode="EXCLUSIVE") as holder:
        holder.execute("BEGIN EXCLUSIVE")
        holder.execute("DELETE FROM documents")
        with pytest.raises(SnapshotError) as caught:
            app.back_up()
    assert [finding.code for finding in caught.value.findings] == ["backup.database_locked"]
    assert app.listed() == [first]


def test_two_bad_databases_are_both_named(app: Application, tmp_path: Path) -> None:
    other = tmp_path / "app" / "other.db"
    other.write_bytes(b"")
    app.database.write_bytes(b"?" * 5000)
    wanted = Wanted("rag", (), (str(app.database), str(other)), 0.2)
    with pytest.raises(SnapshotError) as caught:
        take(app.archive, wanted, NOON, judge)
    assert {finding.subject for finding in caught.value.findings} == set(wanted.databases)


def test_a_file_that_may_not_be_read_is_named(public_path: Path) -> None:
    app = application(public_path)
    app.secrets.chmod(0o600)
    with as_ordinary_user(), pytest.raises(SnapshotError) as caught:
        app.back_up()
    found = [(finding.code, finding.subject) for finding in caught.value.findings]
    assert found == [("backup.unreadable", str(app.secrets))]


def test_an_archive_that_may_not_be_written_is_named(public_path: Path) -> None:
    app = application(public_path)
    app.back_up()
    with as_ordinary_user(), pytest.raises(StorageError, match="Permission denied") as caught:
        app.back_up()
    assert str(app.archive.folder) in str(caught.value)


def test_a_full_disk_is_named_and_earlier_snapshots_stay(
    app: Application, small_disk: Path
) -> None:
    small = Wanted("rag", (str(app.secrets),))
    archive = type(app.archive)(small_disk / "config_backup")
    first = take(archive, small, NOON, judge).snapshot.id
    with pytest.raises(StorageError, match=r"No space left on device|disk is full"):
        take(archive, Wanted("rag", (), (str(app.database),)), NOON, judge)
    assert [snapshot.id for snapshot in archive.snapshots()] == [first]
    assert not list(archive.folder.glob(".*.*"))
    assert not take(archive, small, NOON, judge).is_new


def test_a_file_that_is_being_written_is_kept_as_it_is_afterwards(app: Application) -> None:
    def write_slowly() -> None:
        for part in range(8):
            with app.config.open("a") as file:
                file.write(f"part_{part}: true\n")
            time.sleep(0.15)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    time.sleep(0.05)
    taken = app.back_up()
    writer.join()
    kept = (taken.snapshot.folder / "files" / "config" / "production.yaml").read_bytes()
    assert kept == app.config.read_bytes()


def test_a_file_that_is_replaced_over_and_over_is_waited_for(app: Application) -> None:
    ends = threading.Event()

    def replace() -> None:
        while not ends.wait(0.01):
            app.config.unlink(missing_ok=True)
            time.sleep(0.005)
            app.config.write_text(f"now: {time.monotonic()}\n")

    app.config.write_text("now: 0\n")
    replacer = threading.Thread(target=replace)
    replacer.start()
    threading.Timer(1, ends.set).start()
    try:
        assert app.back_up().snapshot.verified
    except SnapshotError as error:  # it was away at the very first look
        assert [finding.code for finding in error.findings] == ["backup.missing"]  # noqa: PT017
    replacer.join()


def test_a_file_that_never_comes_to_rest_is_an_error(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "PATIENCE_SECONDS", 0.5)
    ends = threading.Event()

    def write_on() -> None:
        while not ends.wait(0.01):
            app.config.write_text(f"now: {time.monotonic()}\n")

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        with pytest.raises(SnapshotError) as caught:
            app.back_up()
    finally:
        ends.set()
        writer.join()
    assert [finding.code for finding in caught.value.findings] == ["backup.keeps_changing"]
    assert app.listed() == []


def test_what_is_invalid_is_kept_and_marked_so(app: Application) -> None:
    def judge_badly(places: Mapping[str, Path]) -> Validity:
        assert places[str(app.config)].read_bytes() == app.config.read_bytes()
        assert places[str(app.config)] != app.config
        return Validity(valid=False, problems={"critical": 2})

    taken = take(app.archive, app.wanted, NOON, judge_badly)
    assert taken.snapshot.valid is False
    assert taken.snapshot.verified


def test_what_does_not_restore_is_not_published(app: Application) -> None:
    def judge_on_a_bad_disk(places: Mapping[str, Path]) -> None:
        with places[str(app.config)].open("ab") as stored:
            stored.write(b"!")  # after it was copied, before it is restored

    with pytest.raises(SnapshotError, match="nothing was published") as caught:
        take(app.archive, app.wanted, NOON, judge_on_a_bad_disk)

    assert [finding.code for finding in caught.value.findings] == ["backup.file_damaged"]
    assert app.listed() == []


def test_a_path_that_is_named_twice_is_kept_once_as_a_database(app: Application) -> None:
    wanted = Wanted("rag", (str(app.secrets), str(app.database)), (str(app.database),))
    kept = take(app.archive, wanted, NOON, judge).snapshot.manifest
    assert kept
    assert [entry.kind for entry in kept.files] == ["file", "sqlite"]


def test_files_without_a_common_folder_are_kept_by_their_whole_paths() -> None:
    assert copies.places(["/app/config/a.yaml", "/etc/app/.env"]) == {
        "/app/config/a.yaml": "app/config/a.yaml",
        "/etc/app/.env": "etc/app/.env",
    }
    assert copies.places(["/app/config/a.yaml"]) == {"/app/config/a.yaml": "a.yaml"}
    assert copies.places([]) == {}


def test_a_file_of_somebody_else_is_no_snapshot_and_stays(app: Application) -> None:
    kept = app.back_up().snapshot.id
    foreign = [
        "notes.txt",
        "20261124T120000.000Z-000000000000",
        "20269999T990000.000Z-abcdefabcdef",
    ]
    for name in foreign:
        (app.archive.folder / name).mkdir()
    app.back_up()
    assert app.listed() == [kept]
    assert app.archive.foreign() == sorted(foreign)
