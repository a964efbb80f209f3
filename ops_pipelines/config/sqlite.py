"""SQLite databases: copied while they are written to, checked, and summed up."""

import hashlib
import marshal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ops_pipelines.errors import InputError, StorageError

SIDECARS = ("-wal", "-shm", "-journal")
_MOST_PROBLEMS = 5
_MARSHAL_VERSION = 2  # the last one whose bytes depend on nothing but the values
_CODES = {
    sqlite3.SQLITE_BUSY: "backup.database_locked",
    sqlite3.SQLITE_LOCKED: "backup.database_locked",
    sqlite3.SQLITE_NOTADB: "backup.not_a_database",
    sqlite3.SQLITE_CORRUPT: "backup.database_corrupt",
    sqlite3.SQLITE_CANTOPEN: "backup.database_unreadable",
    sqlite3.SQLITE_PERM: "backup.database_unreadable",
    sqlite3.SQLITE_READONLY: "backup.database_unreadable",
}


def copy(source: Path, target: Path, busy_seconds: float) -> float:
    """Copy the database `source`, as it is at one moment, to the new file `target`.

    Returns how long a writer could have been kept waiting, in seconds: with a write-ahead log not
    at all, else while the pages were copied. `target` is not flushed to the disk.

    Raises:
        InputError: `source` stayed locked for `busy_seconds`, or is no whole, readable database.
        StorageError: `target` cannot be written.
    """
    # Opened for writing where that is allowed, as the service itself would: only then is a
    # transaction that a crash cut short rolled back, and is no -wal or -shm left behind.
    with (
        _speaking(source, target),
        closing(_open(source, "mode=rw", busy_seconds)) as database,
        closing(sqlite3.connect(target, isolation_level=None)) as copied,
    ):
        copied.execute("PRAGMA journal_mode = OFF")
        copied.execute("PRAGMA synchronous = OFF")
        # Reading begins here, and here it may wait; backup() itself would wait for ever.
        database.execute("BEGIN")
        _value(database, "SELECT count(*) FROM sqlite_schema")
        if _value(database, "PRAGMA page_count") == 0:
            raise InputError("backup.database_empty", subject=str(source))
        keeps_log = _value(database, "PRAGMA journal_mode") == "wal"
        started = time.monotonic()
        database.backup(copied)  # in one step: a step more would begin again after each write
        seconds = time.monotonic() - started
        return 0.0 if keeps_log else seconds


def problems(copied: Path) -> list[str]:
    """What `PRAGMA integrity_check` has to say about a copy; nothing where it is whole.

    A database that sorts by rules which only its application has cannot be checked that way.
    """
    try:
        with closing(_open(copied, "mode=ro&immutable=1")) as database:
            found = database.execute(f"PRAGMA integrity_check({_MOST_PROBLEMS})").fetchall()
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        return [] if name == "SQLITE_ERROR_MISSING_COLLSEQ" else [str(error)]
    return [line for (line,) in found if line != "ok"]


def rows_digest(copied: Path) -> str:
    """A SHA-256 over schema and rows of a copy, whatever pages they lie in.

    Virtual tables need modules that only the application has; what they hold lies in tables of
    their own, which are read.

    Raises:
        InputError: it cannot be read to its end.
    """
    digest = hashlib.sha256()
    with _speaking(copied, copied), closing(_open(copied, "mode=ro&immutable=1")) as database:
        database.text_factory = _text
        for statement in ("PRAGMA user_version", "PRAGMA application_id", _SCHEMA):
            _add(digest.update, database, statement)
        for (name,) in database.execute(_TABLES).fetchall():
            quoted = name.replace('"', '""')
            _add(digest.update, database, f'SELECT * FROM "{quoted}"')  # noqa: S608 - its own name
    return digest.hexdigest()


_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
_TABLES = """SELECT name FROM sqlite_schema
    WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name"""


def _text(content: bytes) -> str:
    """Text of a database, be it UTF-8 or not."""
    return content.decode(errors="surrogateescape")


def _add(update: Callable[[bytes], None], database: sqlite3.Connection, statement: str) -> None:
    for row in database.execute(statement):
        update(marshal.dumps(row, _MARSHAL_VERSION))
    update(b"\x00")


def _open(path: Path, how: str, busy_seconds: float = 0) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}", uri=True, timeout=busy_seconds, isolation_level=None
    )


def _value(database: sqlite3.Connection, statement: str) -> object:
    (found,) = database.execute(statement).fetchone()
    return found


@contextmanager
def _speaking(source: Path, target: Path) -> Iterator[None]:
    """Turns what SQLite raises into a sentence for the operator."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what extends it
        if code == sqlite3.SQLITE_FULL:
            raise StorageError("storage.failed", where=str(target), detail=str(error)) from error
        said = _CODES.get(code, "backup.database_failed")
        raise InputError(said, subject=str(source), detail=str(error)) from error
