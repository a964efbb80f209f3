import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ops_pipelines.config.gather import Wanted
from ops_pipelines.config.restore import Restored, in_place, to_folder
from ops_pipelines.config.snapshot import take
from ops_pipelines.errors import InputError, SnapshotError, StorageError
from ops_pipelines_tests.config.application import (
    NOON,
    Application,
    application,
    judge,
    opened,
    settle,
)
from ops_pipelines_tests.conftest import NOBODY, as_ordinary_user

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def app(tmp_path: Path) -> Application:
    made = application(tmp_path)
    made.back_up()
    return made


def restored_in_place(app: Application, name: str | None = None) -> Restored:
    return in_place(app.archive, app.archive.find(name or app.listed()[0]), LATER, judge)


def texts(app: Application) -> list[str]:
    with opened(app.database) as database:
        return [text for (text,) in database.execute("SELECT text FROM documents")]


def change_everything(app: Application) -> None:
    app.config.write_text("llm: {model: other}\n")
    app.secrets.write_text("LLM_KEY=other\n")
    settle(app.config, app.secrets)
    app.add_row("a newer row")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_another_folder_gets_every_file_readable_to_its_owner_alone(
    app: Application, tmp_path: Path
) -> None:
    folder = tmp_path / "deep" / "restored"
    found = to_folder(app.archive, app.archive.find("latest"), folder, LATER, judge)
    assert set(found.paths) == {
        str(folder / name) for name in (".env", "config/production.yaml", "rag_system.db")
    }
    assert (folder / ".env").read_bytes() == app.secrets.read_bytes()
    assert mode(folder) == mode(folder / "config") == 0o700
    assert mode(folder / ".env") == mode(folder / "rag_system.db") == 0o600
    with opened(folder / "rag_system.db") as database:
        assert database.execute("SELECT count(*) FROM documents").fetchone() == (200,)


def test_nothing_in_another_folder_is_overwritten(app: Application, tmp_path: Path) -> None:
    (tmp_path / "there" / "config").mkdir(parents=True)
    (tmp_path / "there" / "config" / "production.yaml").write_text("mine")
    with pytest.raises(InputError, match=r"production\.yaml is there already"):
        to_folder(app.archive, app.archive.find("latest"), tmp_path / "there", LATER, judge)
    assert not (tmp_path / "there" / ".env").exists()


def test_in_place_brings_everything_back(app: Application) -> None:
    before = (app.config.read_bytes(), app.secrets.read_bytes(), texts(app))
    change_everything(app)
    found = restored_in_place(app)
    assert set(found.paths) == {str(app.config), str(app.secrets), str(app.database)}
    assert (app.config.read_bytes(), app.secrets.read_bytes(), texts(app)) == before


def test_what_was_there_is_saved_first_and_can_be_had_back(app: Application) -> None:
    change_everything(app)
    newer = (app.config.read_bytes(), texts(app))
    saved = restored_in_place(app).saved
    assert saved == app.listed()[-1]
    restored_in_place(app, saved)
    assert (app.config.read_bytes(), texts(app)) == newer


def test_what_is_already_so_is_left_alone(app: Application) -> None:
    app.config.write_text("llm: {model: other}\n")
    settle(app.config)
    before = app.database.stat().st_ino
    found = restored_in_place(app)
    assert found.paths == (str(app.config),)
    assert set(found.unchanged) == {str(app.secrets), str(app.database)}
    assert app.database.stat().st_ino == before


def test_mode_and_owner_of_what_is_replaced_are_kept(app: Application) -> None:
    change_everything(app)
    for path, permissions in ((app.config, 0o640), (app.secrets, 0o600), (app.database, 0o664)):
        path.chmod(permissions)
        os.chown(path, NOBODY, 12)
    restored_in_place(app)
    for path, permissions in ((app.config, 0o640), (app.secrets, 0o600), (app.database, 0o664)):
        assert (path.stat().st_uid, path.stat().st_gid, mode(path)) == (NOBODY, 12, permissions)


def test_what_is_gone_comes_back_as_it_was(app: Application) -> None:
    app.secrets.chmod(0o640)
    os.chown(app.secrets, NOBODY, 12)
    name = app.back_up(NOON + timedelta(minutes=1)).snapshot.id
    app.secrets.unlink()
    restored_in_place(app, name)
    assert mode(app.secrets) == 0o640
    assert (app.secrets.stat().st_uid, app.secrets.stat().st_gid) == (NOBODY, 12)


def crash_of_a_writer(app: Application) -> dict[Path, bytes]:
    """A service that was killed in the middle of writing; what it left in its -wal and -shm."""
    crash = f"""
import os, signal, sqlite3
database = sqlite3.connect({str(app.database)!r}, isolation_level=None)
database.execute("PRAGMA wal_autocheckpoint = 0")
for n in range(300):
    database.execute("UPDATE documents SET text = 'newer ' || text || ?", (n,))
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", crash], check=False)
    left = {path: path.read_bytes() for path in app.database.parent.glob("*.db-*")}
    assert {path.name for path in left} == {"rag_system.db-wal", "rag_system.db-shm"}
    return left


@pytest.mark.parametrize("is_database_lost", [False, True])
def test_a_stale_log_does_not_reach_the_restored_database(
    app: Application, is_database_lost: bool
) -> None:
    """A -wal of other content beside a database is what corrupts it."""
    stale = crash_of_a_writer(app)
    if is_database_lost:
        app.database.unlink()
    found = restored_in_place(app)
    assert not any(path.exists() for path in stale)
    with opened(app.database) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert texts(app)[0] == "document 0"
    if is_database_lost:
        saved = {path.read_bytes() for path in Path(found.saved or "").rglob("*.db-*")}
        assert saved == set(stale.values()), "the log may hold the last rows that there are"


def test_a_link_stays_a_link(app: Application) -> None:
    change_everything(app)
    real = app.config.with_name("real.yaml")
    app.config.rename(real)
    app.config.symlink_to(real)
    restored_in_place(app)
    assert app.config.is_symlink()
    assert "api_key" in real.read_text()


def lose_secrets(app: Application) -> None:
    app.secrets.unlink()


def ruin_database(app: Application) -> None:
    app.database.write_bytes(b"ruined" * 2000)


def lose_folder(app: Application) -> None:
    app.config.unlink()
    app.config.parent.rmdir()


@pytest.mark.parametrize("disaster", [lose_secrets, ruin_database, lose_folder])
def test_a_disaster_is_what_restoring_is_for(
    app: Application, disaster: Callable[[Application], None]
) -> None:
    before = {path: path.read_bytes() for path in (app.config, app.secrets)}
    disaster(app)
    left = {path.read_bytes() for path in app.root.joinpath("app").rglob("*") if path.is_file()}
    found = restored_in_place(app)
    assert {path: path.read_bytes() for path in before} == before
    assert texts(app)[0] == "document 0"
    assert found.saved
    saved = {path.read_bytes() for path in Path(found.saved).rglob("*") if path.is_file()}
    assert left == saved, "what was left is kept byte by byte, though no snapshot can hold it"
    assert mode(Path(found.saved)) == 0o700


def test_a_snapshot_that_does_not_restore_replaces_nothing(
    app: Application, tmp_path: Path
) -> None:
    snapshot = app.archive.find("latest")
    (snapshot.folder / "files" / ".env").write_text("LLM_KEY=forged\n")
    change_everything(app)
    before = (app.secrets.read_bytes(), texts(app))
    with pytest.raises(SnapshotError, match=r"\.env is not what was stored") as caught:
        restored_in_place(app)
    assert str(snapshot.folder / "files") in str(caught.value)
    with pytest.raises(SnapshotError):
        to_folder(app.archive, snapshot, tmp_path / "there", LATER, judge)
    assert (app.secrets.read_bytes(), texts(app)) == before
    assert not (tmp_path / "there").exists()


def test_who_may_not_replace_a_file_replaces_none(public_path: Path) -> None:
    app = application(public_path, "delete")
    with as_ordinary_user():
        app.back_up()
    app.config.write_text("llm: {model: other}\n")
    app.secrets.write_text("LLM_KEY=other\n")
    settle(app.config, app.secrets)
    (public_path / "app").chmod(0o777)
    before = (app.config.read_bytes(), app.secrets.read_bytes())
    with as_ordinary_user(), pytest.raises(StorageError, match="nothing was replaced"):
        restored_in_place(app)
    assert (app.config.read_bytes(), app.secrets.read_bytes()) == before
    assert not list(app.root.rglob("*.restoring"))


def test_a_process_that_goes_on_with_the_old_database_is_named(app: Application) -> None:
    change_everything(app)
    script = f"held = open({str(app.database)!r}); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as service:
        assert service.stdout
        service.stdout.readline()
        found = restored_in_place(app).findings
        service.communicate(b"\n")
    assert [(f.code, f.subject, f.facts["pid"]) for f in found] == [
        ("restore.still_open", str(app.database), service.pid)
    ]


def test_files_of_older_settings_are_restored_as_the_manifest_has_them(app: Application) -> None:
    """What the service file lists today plays no part."""
    wanted = Wanted("rag", (str(app.secrets),))
    take(app.archive, wanted, LATER, judge)
    change_everything(app)
    assert len(restored_in_place(app).paths) == 3
