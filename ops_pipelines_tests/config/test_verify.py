import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_pipelines.config.archive import Archive, Snapshot
from ops_pipelines.config.manifest import Validity
from ops_pipelines.config.verify import verify
from ops_pipelines.errors import InputError, StorageError
from ops_pipelines.report import Severity
from ops_pipelines_tests.config.application import NOON, Application, application, judge

LATER = NOON + timedelta(days=3)


@pytest.fixture
def app(tmp_path: Path) -> Application:
    made = application(tmp_path)
    made.back_up()
    return made


def only(archive: Archive) -> Snapshot:
    (snapshot,) = archive.snapshots()
    return snapshot


def test_a_whole_snapshot_restores_and_leaves_no_trace_of_the_test(app: Application) -> None:
    found = verify(app.archive, only(app.archive), LATER, judge)
    assert found.verified
    assert found.problems == ()
    assert {path.name for path in app.archive.folder.iterdir()} == {".lock", *app.listed()}


def test_the_test_is_remembered_and_is_no_new_look_at_the_service(app: Application) -> None:
    verify(app.archive, only(app.archive), LATER, judge)
    remembered = only(app.archive).verification
    assert remembered
    assert remembered.at == LATER.isoformat()
    assert remembered.current_at == NOON.isoformat()


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def name_other_rows(folder: Path) -> None:
    """A manifest whose digest of the rows is another database's; no hash covers it."""
    file = folder / "manifest.json"
    document = json.loads(file.read_bytes())
    for entry in document["files"]:
        if entry["rows_sha256"]:
            entry["rows_sha256"] = "0" * 64
    file.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda folder: flip(folder / "files" / ".env"), "backup.file_damaged"),
        (lambda folder: flip(folder / "files" / "rag_system.db"), "backup.file_damaged"),
        (lambda folder: (folder / "files" / ".env").unlink(), "backup.file_unreadable"),
        (lambda folder: shutil.rmtree(folder / "files"), "backup.file_unreadable"),
        (lambda folder: (folder / "files" / ".env").write_bytes(b""), "backup.file_damaged"),
        (name_other_rows, "backup.rows_differ"),
        (lambda folder: flip(folder / "manifest.json"), "backup.manifest_damaged"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), "backup.manifest_damaged"),
    ],
)
def test_damage_from_outside_is_found_named_and_remembered(
    app: Application, damage: Callable[[Path], None], code: str
) -> None:
    damage(only(app.archive).folder)
    found = verify(app.archive, only(app.archive), LATER, judge)
    assert not found.verified
    assert code in {problem.code for problem in found.problems}
    assert all(problem.message and problem.action for problem in found.problems)
    assert not only(app.archive).verified


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_changed_byte_of_any_stored_file_passes(app: Application, data: st.DataObject) -> None:
    files = only(app.archive).folder / "files"
    path = data.draw(st.sampled_from(sorted(p for p in files.rglob("*") if p.is_file())))
    before = path.read_bytes()
    at = data.draw(st.integers(0, len(before) - 1))
    by = data.draw(st.integers(1, 255))
    path.write_bytes(before[:at] + bytes([before[at] ^ by]) + before[at + 1 :])
    try:
        assert not verify(app.archive, only(app.archive), LATER, judge).verified
    finally:
        path.write_bytes(before)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_manifest_with_a_changed_byte_never_says_something_else(
    app: Application, data: st.DataObject
) -> None:
    """It is damaged, or what matters in it is what it was: path, content, mode and owner."""
    snapshot = only(app.archive)
    file = snapshot.folder / "manifest.json"
    before = file.read_bytes()
    at = data.draw(st.integers(0, len(before) - 1))
    file.write_bytes(before[:at] + bytes([data.draw(st.integers(0, 255))]) + before[at + 1 :])
    try:
        found = only(app.archive).manifest
        assert found is None or (snapshot.manifest and found.content == snapshot.manifest.content)
    finally:
        file.write_bytes(before)


def test_a_manifest_that_leads_out_of_its_folder_is_not_believed(app: Application) -> None:
    snapshot = only(app.archive)
    assert snapshot.manifest
    for stored in ("../../.ssh/authorized_keys", "/etc/passwd", ""):
        first = replace(snapshot.manifest.files[0], stored=stored)
        other = replace(snapshot.manifest, files=(first, *snapshot.manifest.files[1:]))
        (snapshot.folder / "manifest.json").write_text(json.dumps(other.document()))
        assert only(app.archive).manifest is None


def test_a_renamed_snapshot_is_not_believed(app: Application) -> None:
    only(app.archive).folder.rename(app.archive.folder / "20300101T000000.000Z-abcdefabcdef")
    assert only(app.archive).manifest is None


def test_a_verification_that_cannot_be_read_counts_as_none(app: Application) -> None:
    for text in ("", "[]", '{"verified": "yes", "at": "", "current_at": "", "problems": []}'):
        (only(app.archive).folder / "verification.json").write_text(text)
        assert not only(app.archive).verified


def test_the_restored_configuration_is_judged_where_it_was_restored(app: Application) -> None:
    seen: list[Mapping[str, Path]] = []

    def look(places: Mapping[str, Path]) -> Validity:
        assert places[str(app.secrets)].read_bytes() == app.secrets.read_bytes()
        beside = places[str(app.config)].parent.parent / ".env"
        assert beside == places[str(app.secrets)]
        seen.append(places)
        return Validity(valid=True, problems={})

    assert verify(app.archive, only(app.archive), LATER, look).verified
    assert len(seen) == 1


def test_other_rules_than_those_of_the_day_it_was_taken_are_told_and_no_fault(
    app: Application,
) -> None:
    def judge_badly(_places: Mapping[str, Path]) -> Validity:
        return Validity(valid=False, problems={"critical": 1})

    found = verify(app.archive, only(app.archive), LATER, judge_badly)
    assert found.verified
    assert [(p.code, p.severity) for p in found.problems] == [("backup.now_invalid", Severity.INFO)]


def test_a_full_disk_says_nothing_about_the_snapshot(app: Application, small_disk: Path) -> None:
    archive = Archive(small_disk / "config_backup")
    archive.root.mkdir()
    shutil.copytree(app.archive.folder, archive.folder)
    filler = small_disk / "filler"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(b"x" * 65536)
    with pytest.raises(StorageError):
        verify(archive, only(archive), LATER, judge)
    assert only(archive).verified
    filler.unlink()


def test_the_newest_snapshot_is_called_latest(app: Application) -> None:
    first = app.listed()[0]
    app.add_row()
    second = app.back_up(LATER).snapshot.id
    assert app.archive.find("latest").id == second
    assert app.archive.find(first).id == first
    with pytest.raises(InputError, match="no snapshot other"):
        app.archive.find("other")
