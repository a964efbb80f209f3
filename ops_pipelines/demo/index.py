"""Makes the document store in SQLite: passages of Markdown files, their words, their vectors."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from ops_pipelines.demo.vectors import Vector, packed
from ops_pipelines.demo.words import words

_TABLES = {
    "made_from": "CREATE TABLE made_from (signature TEXT NOT NULL)",
    "documents": """CREATE TABLE documents (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, title TEXT NOT NULL
    )""",
    "passages": """CREATE TABLE passages (
        id INTEGER PRIMARY KEY,
        document_id INTEGER NOT NULL REFERENCES documents (id),
        text TEXT NOT NULL,
        vector BLOB NOT NULL
    )""",
    "passage_words": "CREATE VIRTUAL TABLE passage_words USING fts5 (words)",
}


def index(
    database: Path, documents: Path, embed: Callable[[str], Vector], chunk_size: int, made_by: str
) -> bool:
    """Fill `database` from the files in `documents`; whether there was anything to do.

    `made_by` names what else the content depends on (the embedding model): on a change of it, or
    of a document, all is made anew, in one transaction. A passage has about `chunk_size`
    characters at most.
    """
    texts = {file.stem: file.read_text("utf-8") for file in sorted(documents.glob("*.md"))}
    signature = sha256(repr((made_by, chunk_size, texts)).encode()).hexdigest()
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        if _signature(connection) == signature:
            return False
        connection.execute("BEGIN IMMEDIATE")
        for table, creation in _TABLES.items():
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute(creation)
        connection.execute("INSERT INTO made_from VALUES (?)", [signature])
        for name, text in texts.items():
            heading, _, body = text.partition("\n")
            title = heading.removeprefix("#").strip()
            document = connection.execute(
                "INSERT INTO documents (name, title) VALUES (?, ?)", [name, title]
            ).lastrowid
            for passage in _passages(body, chunk_size):
                _insert(connection, document, title, passage, embed)
        connection.execute("COMMIT")
    return True


def _signature(connection: sqlite3.Connection) -> str | None:
    try:
        row = connection.execute("SELECT signature FROM made_from").fetchone()
    except sqlite3.OperationalError:  # a new database
        return None
    return str(row[0]) if row else None


def _insert(
    connection: sqlite3.Connection,
    document: int | None,
    title: str,
    passage: str,
    embed: Callable[[str], Vector],
) -> None:
    """Store one passage; its title counts among its words."""
    row = connection.execute(
        "INSERT INTO passages (document_id, text, vector) VALUES (?, ?, ?)",
        [document, passage, packed(embed(f"{title}\n{passage}"))],
    ).lastrowid
    connection.execute(
        "INSERT INTO passage_words (rowid, words) VALUES (?, ?)",
        [row, " ".join(words(f"{title}\n{passage}"))],
    )


def _passages(body: str, chunk_size: int) -> Iterator[str]:
    """The paragraphs of `body`; short neighbours together, as long as they fit `chunk_size`."""
    passage = ""
    for paragraph in filter(None, (part.strip() for part in body.split("\n\n"))):
        if passage and len(passage) + len(paragraph) > chunk_size:
            yield passage
            passage = ""
        passage = f"{passage}\n{paragraph}" if passage else paragraph
    if passage:
        yield passage
