"""Writes to a database as fast as it can until its standard input is closed.

python -m ops_pipelines_tests.config.full_speed_writer DATABASE

Every transaction moves something between two accounts and counts itself, so that whoever sees half
of one can tell. At the end it prints how many it made, and the longest that one took.
"""

import json
import select
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from ops_pipelines_tests.config.application import opened

ACCOUNTS = 200
TOTAL = 1000 * ACCOUNTS


def prepare(path: Path, journal_mode: str, padding_bytes: int) -> None:
    with opened(path, journal_mode=journal_mode) as database:
        database.execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INT, pad BLOB)")
        database.execute("CREATE TABLE done (n INT)")
        database.execute("BEGIN")
        database.executemany(
            "INSERT INTO accounts VALUES (?, 1000, randomblob(?))",
            [(n, padding_bytes) for n in range(ACCOUNTS)],
        )
        database.execute("INSERT INTO done VALUES (0)")
        database.execute("CREATE TABLE log (n INT)")
        database.execute("COMMIT")


def is_consistent(path: Path) -> bool:
    """Whether a copy holds whole transactions only."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        (total,) = database.execute("SELECT sum(balance) FROM accounts").fetchone()
        (done,) = database.execute("SELECT n FROM done").fetchone()
        (last,) = database.execute("SELECT coalesce(max(n), 0) FROM log").fetchone()
        (whole,) = database.execute("PRAGMA integrity_check").fetchone()
    return (total, done, whole) == (TOTAL, last, "ok")


def write_on(path: Path) -> None:
    longest, n = 0.0, 0
    with closing(sqlite3.connect(path, isolation_level=None, timeout=120)) as database:
        database.execute("PRAGMA synchronous = OFF")
        while not select.select([sys.stdin], [], [], 0)[0]:
            n += 1
            started = time.monotonic()
            database.execute("BEGIN IMMEDIATE")
            one, other = n % ACCOUNTS, n * 7 % ACCOUNTS
            database.execute("UPDATE accounts SET balance = balance - 1 WHERE id = ?", (one,))
            database.execute("UPDATE accounts SET balance = balance + 1 WHERE id = ?", (other,))
            database.execute("DELETE FROM log WHERE n < ?", (n - 500,))
            database.execute("INSERT INTO log VALUES (?)", (n,))
            database.execute("UPDATE done SET n = ?", (n,))
            database.execute("COMMIT")
            longest = max(longest, time.monotonic() - started)
            if n == 1:
                sys.stdout.write("writing\n")
                sys.stdout.flush()
    sys.stdout.write(json.dumps({"transactions": n, "longest_seconds": longest}) + "\n")


if __name__ == "__main__":
    write_on(Path(sys.argv[1]))
