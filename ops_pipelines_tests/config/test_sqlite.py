import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops_pipelines.config import sqlite
from ops_pipelines.errors import InputError, StorageError
from ops_pipelines_tests.config.application import opened
from ops_pipelines_tests.conftest import as_ordinary_user

MODES = ["wal", "delete", "truncate", "persist"]


def database_at(path: Path, mode: str = "wal", rows: int = 100) -> Path:
    with opened(path, journal_mode=mode) as database:
        database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
        database.execute("BEGIN")
        database.executemany("INSERT INTO t (b) VALUES (?)", [(f"row {n}",) for n in range(rows)])
        database.execute("COMMIT")
    return path


def rows_of(path: Path) -> list[tuple[object, ...]]:
    with opened(path) as database:
        return database.execute("SELECT * FROM t").fetchall()


@pytest.mark.parametrize("mode", MODES)
def test_a_copy_holds_every_row_and_leaves_nothing_behind(tmp_path: Path, mode: str) -> None:
    source = database_at(tmp_path / "source.db", mode)
    before = {path.name for path in tmp_path.iterdir()}
    sqlite.copy(source, tmp_path / "copy.db", 1)
    assert {path.name for path in tmp_path.iterdir()} == before | {"copy.db"}
    assert rows_of(tmp_path / "copy.db") == rows_of(source)
    assert sqlite.problems(tmp_path / "copy.db") == []


@pytest.mark.parametrize("page_size", [512, 1024, 65536])
def test_pages_of_any_size_are_copied(tmp_path: Path, page_size: int) -> None:
    with opened(tmp_path / "source.db", page_size=page_size) as database:
        database.execute("CREATE TABLE t (b TEXT)")
        database.execute("INSERT INTO t VALUES (?)", ("x" * 10_000,))
    sqlite.copy(tmp_path / "source.db", tmp_path / "copy.db", 1)
    assert rows_of(tmp_path / "copy.db") == [("x" * 10_000,)]


@pytest.mark.parametrize("mode", MODES)
def test_what_did_not_change_is_copied_to_the_same_bytes(tmp_path: Path, mode: str) -> None:
    source = database_at(tmp_path / "source.db", mode)
    sqlite.copy(source, tmp_path / "one.db", 1)
    sqlite.copy(source, tmp_path / "two.db", 1)
    assert (tmp_path / "one.db").read_bytes() == (tmp_path / "two.db").read_bytes()


def test_rows_that_are_only_in_the_write_ahead_log_are_copied(tmp_path: Path) -> None:
    source = database_at(tmp_path / "source.db")
    with opened(source, wal_autocheckpoint=0) as writer:
        writer.execute("INSERT INTO t (b) VALUES ('only in the log')")
        assert b"only in the log" not in source.read_bytes()
        sqlite.copy(source, tmp_path / "copy.db", 1)
    assert rows_of(tmp_path / "copy.db")[-1][1] == "only in the log"


def test_a_transaction_that_is_not_committed_is_not_copied(tmp_path: Path) -> None:
    source = database_at(tmp_path / "source.db")
    with opened(source) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM t")
        sqlite.copy(source, tmp_path / "copy.db", 1)
        writer.execute("ROLLBACK")
    assert len(rows_of(tmp_path / "copy.db")) == 100


def test_a_transaction_that_a_crash_cut_short_is_rolled_back(tmp_path: Path) -> None:
    source = database_at(tmp_path / "source.db", "delete", rows=2000)
    crash = f"""
import os, signal, sqlite3
database = sqlite3.connect({str(source)!r}, isolation_level=None)
database.execute("PRAGMA cache_size = 5")
database.execute("BEGIN")
database.execute("UPDATE t SET b = 'never committed, and long enough to spill to the disk'")
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", crash], check=False).returncode == -signal.SIGKILL
    assert Path(f"{source}-journal").stat().st_size > 0
    assert b"never committed" in source.read_bytes()
    sqlite.copy(source, tmp_path / "copy.db", 1)
    assert rows_of(tmp_path / "copy.db")[0] == (1, "row 0")


def test_a_log_lets_the_writer_go_on_and_a_journal_makes_it_wait(tmp_path: Path) -> None:
    blocked = {}
    for mode in ("wal", "delete"):
        source = database_at(tmp_path / f"{mode}.db", mode)
        blocked[mode] = sqlite.copy(source, tmp_path / f"{mode}-copy.db", 1)
    assert blocked["wal"] == 0
    assert blocked["delete"] > 0


def locked(path: Path) -> Callable[[], None]:
    """Lock the database for good; the function that ends it."""
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    holder.execute("INSERT INTO t (b) VALUES ('x')")
    return holder.close


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_locked_database_is_waited_for_and_then_named(tmp_path: Path, mode: str) -> None:
    source = database_at(tmp_path / "source.db", mode)
    with opened(source):
        pass
    unlock = locked(source)
    with pytest.raises(InputError, match="locked by another process") as caught:
        sqlite.copy(source, tmp_path / "copy.db", 0.2)
    assert str(source) in str(caught.value)
    threading.Timer(0.3, unlock).start()
    sqlite.copy(source, tmp_path / "copy2.db", 20)
    assert len(rows_of(tmp_path / "copy2.db")) == 100


def torn(path: Path) -> None:
    """Overwrite the middle of the database."""
    content = bytearray(path.read_bytes())
    content[4096 : len(content) - 100] = os.urandom(len(content) - 4196)
    path.write_bytes(content)


def cut(path: Path) -> None:
    """Lose the end of the database."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("damage", [torn, cut])
def test_damage_is_found_in_the_copy_or_on_the_way_to_it(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    source = database_at(tmp_path / "source.db", "delete", rows=5000)
    damage(source)
    found = ""
    try:
        sqlite.copy(source, tmp_path / "copy.db", 1)
    except InputError as error:
        found = error.code
    assert found == "backup.database_corrupt" or sqlite.problems(tmp_path / "copy.db")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "backup.database_empty"),
        (b"this is a text file, and no database at all" * 50, "backup.not_a_database"),
        (os.urandom(8192), "backup.not_a_database"),
        (b"SQLite format 3\0" + b"\0" * 4080, "backup.not_a_database"),
    ],
)
def test_what_is_no_database_is_called_so(tmp_path: Path, content: bytes, code: str) -> None:
    source = tmp_path / "source.db"
    source.write_bytes(content)
    with pytest.raises(InputError) as caught:
        sqlite.copy(source, tmp_path / "copy.db", 1)
    assert caught.value.code == code
    assert source.read_bytes() == content


def test_a_full_disk_is_an_error_of_the_copy_and_not_of_the_database(
    tmp_path: Path, small_disk: Path
) -> None:
    source = database_at(tmp_path / "source.db", rows=5000)
    with pytest.raises(StorageError, match="disk is full"):
        sqlite.copy(source, small_disk / "copy.db", 1)


def test_a_user_without_permission_is_told_which_file_it_is(public_path: Path) -> None:
    source = database_at(public_path / "source.db")
    source.chmod(0o600)
    with as_ordinary_user(), pytest.raises(InputError, match="cannot be opened") as caught:
        sqlite.copy(source, public_path / "copy.db", 1)
    assert str(source) in str(caught.value)


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_user_who_may_only_read_can_copy_what_is_in_use(public_path: Path, mode: str) -> None:
    folder = public_path / "app"
    folder.mkdir(mode=0o755)
    source = database_at(folder / "source.db", mode)
    with opened(source) as writer:
        writer.execute("INSERT INTO t (b) VALUES ('in use')")
        with as_ordinary_user():
            sqlite.copy(source, public_path / "copy.db", 1)
    assert rows_of(public_path / "copy.db")[-1][1] == "in use"


def test_a_user_who_may_only_read_cannot_copy_a_log_that_nobody_has_open(
    public_path: Path,
) -> None:
    folder = public_path / "app"
    folder.mkdir(mode=0o755)
    source = database_at(folder / "source.db", "wal")
    with as_ordinary_user(), pytest.raises(InputError, match="cannot be opened"):
        sqlite.copy(source, public_path / "copy.db", 1)


def test_rules_and_modules_that_only_the_application_has_are_no_damage(tmp_path: Path) -> None:
    source = tmp_path / "source.db"
    with opened(source) as database:
        database.create_collation("pinyin", lambda one, other: (one < other) - (one > other))
        database.execute("CREATE TABLE t (b TEXT COLLATE pinyin)")
        database.execute("CREATE INDEX i ON t (b)")
        database.executemany("INSERT INTO t VALUES (?)", [(str(n),) for n in range(50)])
        database.execute("CREATE VIRTUAL TABLE words USING fts5 (text)")
        database.execute("INSERT INTO words VALUES ('refund period')")
        database.execute("PRAGMA writable_schema = 1")
        database.execute(
            "INSERT INTO sqlite_schema VALUES"
            " ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING vec0 (embedding float[4])')"
        )
    sqlite.copy(source, tmp_path / "copy.db", 1)
    assert sqlite.problems(tmp_path / "copy.db") == []
    assert sqlite.rows_digest(tmp_path / "copy.db") == sqlite.rows_digest(tmp_path / "copy.db")


VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.binary(),
)
ROWS = st.lists(st.tuples(VALUES, VALUES), max_size=8)
quickly = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def digest_of(folder: Path, rows: list[tuple[object, object]]) -> str:
    path = folder / "law.db"
    path.unlink(missing_ok=True)
    with opened(path, journal_mode="off") as database:
        database.execute("CREATE TABLE t (a, b)")
        database.executemany("INSERT INTO t VALUES (?, ?)", rows)
    return sqlite.rows_digest(path)


def kinds(rows: list[tuple[object, object]]) -> list[tuple[str, str]]:
    """What tells rows apart: 1, 1.0, '1' and x'31' are four values."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE t (a, b)")
        database.executemany("INSERT INTO t VALUES (?, ?)", rows)
        return database.execute(
            "SELECT typeof(a) || quote(a), typeof(b) || quote(b) FROM t"
        ).fetchall()


@quickly
@given(ROWS, ROWS)
def test_two_databases_have_one_digest_when_their_rows_are_the_same_and_only_then(
    tmp_path: Path, one: list[tuple[object, object]], other: list[tuple[object, object]]
) -> None:
    is_same = kinds(one) == kinds(other)
    assert (digest_of(tmp_path, one) == digest_of(tmp_path, other)) is is_same
    assert digest_of(tmp_path, one) == digest_of(tmp_path, list(one))


def test_the_digest_sees_no_pages_and_sees_the_schema(tmp_path: Path) -> None:
    path = database_at(tmp_path / "t.db", "delete", rows=3000)
    with opened(path) as database:
        database.execute("DELETE FROM t WHERE a % 2")
    before = sqlite.rows_digest(path)
    with opened(path) as database:
        database.execute("VACUUM")
    assert sqlite.rows_digest(path) == before
    with opened(path) as database:
        database.execute("CREATE INDEX i ON t (b)")
    assert sqlite.rows_digest(path) != before


def test_text_that_is_not_utf8_is_summed_up_as_well(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    with opened(path) as database:
        database.execute("CREATE TABLE t (b TEXT)")
        database.execute("INSERT INTO t VALUES (CAST(x'ff41' AS TEXT))")
    one = sqlite.rows_digest(path)
    with opened(path) as database:
        database.execute("UPDATE t SET b = CAST(x'fe41' AS TEXT)")
    assert sqlite.rows_digest(path) != one
