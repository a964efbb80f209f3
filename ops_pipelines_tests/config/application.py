"""A RAG service as a backup meets it: configuration, secrets, a database, and its archive."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ops_pipelines.config.archive import Archive
from ops_pipelines.config.gather import Wanted
from ops_pipelines.config.manifest import Validity
from ops_pipelines.config.snapshot import Taken, take

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WELL = Validity(valid=True, problems={})


def judge(_places: Mapping[str, Path]) -> Validity:
    """Finds everything valid."""
    return WELL


@dataclass(frozen=True)
class Application:
    """The folder of a service, and where its snapshots lie."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "app" / "config" / "production.yaml"

    @property
    def secrets(self) -> Path:
        return self.root / "app" / ".env"

    @property
    def database(self) -> Path:
        return self.root / "app" / "rag_system.db"

    @property
    def archive(self) -> Archive:
        return Archive(self.root / "data" / "config_backup")

    @property
    def wanted(self) -> Wanted:
        files = (str(self.config), str(self.secrets))
        return Wanted("rag", files, (str(self.database),), busy_seconds=0.2)

    def back_up(self, now: datetime = NOON) -> Taken:
        return take(self.archive, self.wanted, now, judge)

    def listed(self) -> list[str]:
        return [snapshot.id for snapshot in self.archive.snapshots()]

    def add_row(self, text: str = "one more") -> None:
        with opened(self.database) as database:
            database.execute("INSERT INTO documents (text) VALUES (?)", (text,))


@contextmanager
def opened(path: Path, **options: object) -> Iterator[sqlite3.Connection]:
    """A database whose statements take effect at once; closed at the end."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as database:
        for name, value in options.items():
            database.execute(f"PRAGMA {name} = {value}")
        yield database


def settle(*paths: Path) -> None:
    """Make files look as if they had been written a while ago."""
    for path in paths:
        os.utime(path, (1.7e9, 1.7e9))


def application(root: Path, journal_mode: str = "wal") -> Application:
    """A service in `root` that has been running for a while."""
    made = Application(root)
    made.config.parent.mkdir(parents=True)
    made.config.write_text("database:\n  path: rag_system.db\nllm:\n  api_key: ${LLM_KEY}\n")
    made.secrets.write_text("LLM_KEY=sk-canary-4711\n")
    made.secrets.chmod(0o644)
    with opened(made.database, journal_mode=journal_mode) as database:
        database.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY, text TEXT, vector BLOB)")
        rows = ((f"document {n}", bytes(range(n % 250))) for n in range(200))
        database.execute("BEGIN")
        database.executemany("INSERT INTO documents (text, vector) VALUES (?, ?)", rows)
        database.execute("COMMIT")
    settle(made.config, made.secrets)
    return made
