"""`config backup`, `snapshots`, `verify`, `diff`, `prune`, `restore`, as a user runs them."""

import json
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ops_pipelines_tests.cli.command import Outcome, ops
from ops_pipelines_tests.config.application import Application, application, opened, settle

CANARY = "sk-canary-4711"


@pytest.fixture
def app(tmp_path: Path) -> Application:
    made = application(tmp_path)
    made.config.write_text("llm: {provider: openai, model: gpt-4o, api_key: '${LLM_KEY}'}\n")
    settle(made.config)
    describe(made)
    return made


def describe(app: Application, more: str = "") -> None:
    folder = app.root / "services"
    folder.mkdir(exist_ok=True)
    (folder / "rag.yaml").write_text(
        "name: rag\nbase_url: http://127.0.0.1:1\ndata_dir: ../data\nconfig:\n"
        "  files: [../app/config/production.yaml, ../app/.env]\n"
        f"  databases: [../app/rag_system.db]\n{more}"
    )


def run(app: Application, *arguments: str | Path, language: str = "en") -> Outcome:
    found = ops(
        "--language", language, "--services", app.root / "services", *arguments, cwd=app.root
    )
    assert CANARY not in found.out + found.err
    assert "Traceback" not in found.err
    return found


def test_a_backup_says_what_it_kept_and_where(app: Application) -> None:
    found = run(app, "config", "backup", "--json")
    assert found.code == 0
    document = found.document
    folder = Path(document["path"])
    assert folder == app.root / "data/config_backup/snapshots" / document["snapshot"]
    assert {file["path"] for file in document["files"]} == {
        str(app.config),
        str(app.secrets),
        str(app.database),
    }
    assert all(set(file) == {"path", "sha256", "bytes"} for file in document["files"])
    assert document["verified"] is True
    assert document["valid"] is True
    assert document["schema_version"] == 1
    kept = folder / "files" / ".env"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_a_second_backup_of_the_same_is_the_same_snapshot(app: Application) -> None:
    first, second = (run(app, "config", "backup", "--json").document for _ in range(2))
    assert first["snapshot"] == second["snapshot"]
    assert (first["is_new"], second["is_new"]) == (True, False)
    assert "nothing has changed" in run(app, "config", "backup").out


def test_an_invalid_configuration_is_kept_marked_and_told_by_the_exit_code(
    app: Application,
) -> None:
    app.config.write_text("llm: {timeout: [\n")
    settle(app.config)
    found = run(app, "config", "backup", "--json")
    assert (found.code, found.document["valid"], found.document["verified"]) == (1, False, True)
    (row,) = run(app, "config", "snapshots", "--json").document["snapshots"]
    assert (row["valid"], row["verified"]) == (False, True)


def test_a_missing_file_publishes_nothing_and_is_named(app: Application) -> None:
    app.secrets.unlink()
    found = run(app, "config", "backup", "--json")
    assert found.code == 1
    assert found.document["snapshot"] is None
    assert [p["subject"] for p in found.document["problems"]] == [str(app.secrets)]
    assert f"{app.secrets} is missing" in found.err
    assert run(app, "config", "snapshots", "--json").document["snapshots"] == []


def test_what_the_configuration_mentions_and_no_snapshot_holds_is_told(app: Application) -> None:
    app.config.write_text("database: {url: 'postgresql://u:hunter2-canary@db/rag'}\n")
    settle(app.config)
    found = run(app, "config", "backup", "--json")
    (lacking,) = [f for f in found.document["findings"] if f["code"] == "backup.lacks_database"]
    assert lacking["subject"] == "PostgreSQL"
    assert "pg_dump" in lacking["action"]
    assert "hunter2" not in found.out


@pytest.mark.parametrize("action", [["backup"], ["verify"], ["prune"]])
def test_a_service_without_anything_to_keep_ends_with_2(
    app: Application, action: list[str]
) -> None:
    (app.root / "services" / "rag.yaml").write_text("name: rag\nbase_url: http://127.0.0.1:1\n")
    found = run(app, "config", *action)
    assert (found.code, found.out) == (2, "")
    assert "name nothing to keep" in found.err


@pytest.mark.parametrize(
    "action", [["verify", "nonsense"], ["verify"], ["diff", "latest"], ["restore", "latest"]]
)
def test_a_snapshot_that_is_not_there_ends_with_2(app: Application, action: list[str]) -> None:
    found = run(app, "config", *action)
    assert (found.code, found.out) == (2, "")
    assert "there is no snapshot" in found.err


def test_snapshots_are_listed_with_what_is_known_of_them(app: Application) -> None:
    run(app, "config", "backup")
    app.add_row()
    run(app, "config", "backup")
    (app.archive.folder / "notes.txt").write_text("mine")
    document = run(app, "config", "snapshots", "--json").document
    assert len(document["snapshots"]) == 2
    for row in document["snapshots"]:
        assert set(row) == {"snapshot", "created", "valid", "verified", "bytes"}
        assert row["bytes"] > 0
    assert document["foreign"] == ["notes.txt"]
    assert document["snapshots"][0]["snapshot"] in run(app, "config", "snapshots").out


def test_verify_finds_a_damaged_snapshot_and_the_list_remembers_it(app: Application) -> None:
    name = run(app, "config", "backup", "--json").document["snapshot"]
    assert run(app, "config", "verify", name, "--json").document == {
        "schema_version": 1,
        "snapshot": name,
        "verified": True,
        "problems": [],
    }
    (app.archive.folder / name / "files" / ".env").write_text("LLM_KEY=forged\n")
    found = run(app, "config", "verify", "--json")
    assert (found.code, found.document["verified"]) == (1, False)
    assert [p["code"] for p in found.document["problems"]] == ["backup.file_damaged"]
    (row,) = run(app, "config", "snapshots", "--json").document["snapshots"]
    assert row["verified"] is False


def test_diff_says_what_changed_by_meaning(app: Application) -> None:
    first = run(app, "config", "backup", "--json").document["snapshot"]
    app.config.write_text(
        f"llm:\n  # moved\n  model: 'gpt-4o'\n  provider: openai\n  api_key: {CANARY}\n  n: 1\n"
    )
    settle(app.config)
    live = run(app, "config", "diff", first, "--json").document["changes"]
    assert [(c["path"], c["from"], c["to"]) for c in live] == [
        ("llm.api_key", "${LLM_KEY}", "***"),
        ("llm.n", None, 1),
    ]
    second = run(app, "config", "backup", "--json").document["snapshot"]
    assert run(app, "config", "diff", first, second, "--json").document["changes"] == live
    assert run(app, "config", "diff", "latest", "--json").document["changes"] == []


def test_a_changed_database_is_a_difference(app: Application) -> None:
    run(app, "config", "backup")
    app.add_row()
    (change,) = run(app, "config", "diff", "latest", "--json").document["changes"]
    assert change["file"] == str(app.database)
    assert change["from"] != change["to"]


def test_prune_lists_first_and_then_removes(app: Application) -> None:
    describe(app, "  keep: {days: 1, minimum: 2}\n")
    run(app, "config", "backup")
    for name in ("20200101T000000.000Z", "20200102T000000.000Z", "20200103T000000.000Z"):
        backdate(app, name)
    app.add_row()
    run(app, "config", "backup")
    told = run(app, "config", "prune", "--dry-run", "--json").document
    assert len(told["removed"]) == 2
    assert len(run(app, "config", "snapshots", "--json").document["snapshots"]) == 5
    done = run(app, "config", "prune", "--json").document
    assert (done["removed"], done["kept"]) == (told["removed"], told["kept"])
    left = run(app, "config", "snapshots", "--json").document["snapshots"]
    assert [row["snapshot"] for row in left] == done["kept"]


def backdate(app: Application, stamp: str) -> None:
    """Make a copy of the newest snapshot that was taken long ago."""
    newest = app.archive.snapshots()[-1]
    assert newest.manifest
    name = f"{stamp}-{newest.id.rpartition('-')[2]}"
    shutil.copytree(newest.folder, app.archive.folder / name)
    manifest = app.archive.folder / name / "manifest.json"
    document = json.loads(manifest.read_text())
    created = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T00:00:00.000+00:00"
    manifest.write_text(json.dumps({**document, "created": created}))


def test_restore_to_a_folder(app: Application, tmp_path: Path) -> None:
    name = run(app, "config", "backup", "--json").document["snapshot"]
    found = run(app, "config", "restore", name, "--to", tmp_path / "there", "--json")
    assert found.code == 0
    assert set(found.document["restored"]) == {
        str(tmp_path / "there" / file)
        for file in (".env", "config/production.yaml", "rag_system.db")
    }
    again = run(app, "config", "restore", name, "--to", tmp_path / "there")
    assert again.code == 2
    assert "nothing is overwritten" in again.err


def test_restore_goes_to_a_folder_of_its_own_by_default(app: Application) -> None:
    name = run(app, "config", "backup", "--json").document["snapshot"]
    assert run(app, "config", "restore", "latest").code == 0
    assert (app.root / f"restored-{name}" / ".env").read_bytes() == app.secrets.read_bytes()


def test_restore_in_place_saves_what_is_there(app: Application) -> None:
    before = app.config.read_bytes()
    first = run(app, "config", "backup", "--json").document["snapshot"]
    app.config.write_text("llm: {provider: ollama}\n")
    settle(app.config)
    told = run(app, "config", "restore", first, "--in-place", "--dry-run", "--json").document
    assert told["restored"] == [str(app.config)]
    assert {change["path"] for change in told["changes"]} >= {"llm.provider", "llm.model"}
    assert app.config.read_text() == "llm: {provider: ollama}\n"
    done = run(app, "config", "restore", first, "--in-place", "--json").document
    assert done["restored"] == [str(app.config)]
    assert app.config.read_bytes() == before
    saved = Path(app.archive.folder / done["saved"] / "files/config/production.yaml")
    assert saved.read_text() == "llm: {provider: ollama}\n"


def test_a_dry_run_to_a_folder_writes_nothing(app: Application, tmp_path: Path) -> None:
    run(app, "config", "backup")
    found = run(app, "config", "restore", "latest", "--to", tmp_path / "there", "--dry-run")
    assert found.code == 0
    assert "would be restored" in found.out
    assert not (tmp_path / "there").exists()


def test_a_damaged_snapshot_is_not_restored(app: Application) -> None:
    name = run(app, "config", "backup", "--json").document["snapshot"]
    (app.archive.folder / name / "files" / ".env").write_text("LLM_KEY=forged\n")
    found = run(app, "config", "restore", name, "--in-place", "--json")
    assert (found.code, found.document["restored"]) == (1, [])
    assert app.secrets.read_text() == f"LLM_KEY={CANARY}\n"


def test_a_backup_beside_another_says_who_is_at_work(app: Application) -> None:
    hold = (
        "import sys, time\nfrom pathlib import Path\n"
        "from ops_pipelines.config.archive import Archive\n"
        "with Archive(Path(sys.argv[1])).lock('prune'):\n"
        "    print('held', flush=True)\n    time.sleep(1.5)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(app.archive.root)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        assert run(app, "config", "backup").code == 0, "it waits"


def test_an_object_store_keeps_its_snapshots_on_this_machine_and_says_so(
    app: Application,
) -> None:
    file = app.root / "services" / "rag.yaml"
    file.write_text(file.read_text().replace("../data", "memory://ops/rag\nstate_dir: ../state"))
    found = run(app, "config", "backup", "--json")
    assert Path(found.document["path"]).is_relative_to(app.root / "state")
    assert "backup.local_only" in {finding["code"] for finding in found.document["findings"]}


def test_everything_is_said_in_chinese_as_well(app: Application) -> None:
    run(app, "config", "backup")
    app.secrets.unlink()
    found = run(app, "config", "backup", language="zh")
    assert "缺失" in found.err or "不存在" in found.err
    assert "配置" in run(app, "config", "snapshots", language="zh").out
    with opened(app.database):
        pass
