"""The document store: passages in SQLite, found by full-text search and ranked by their vectors.

Each call opens the database anew: what happens to the file is seen at once, as it would be with a
database server.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops_pipelines.demo.failures import RequestError
from ops_pipelines.demo.vectors import Vector, cosine, unpacked
from ops_pipelines.demo.words import words

_SEARCH = """
SELECT documents.name, documents.title, passages.text, passages.vector
FROM passage_words
JOIN passages ON passages.id = passage_words.rowid
JOIN documents ON documents.id = passages.document_id
WHERE passage_words MATCH ? ORDER BY bm25(passage_words), passages.id LIMIT ?
"""
_CANDIDATES = 5  # for each passage that is wanted, so many are ranked
_FUSION = 60  # the customary constant of reciprocal rank fusion


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document; `score` is the cosine between its vector and the question's."""

    document: str
    title: str
    text: str
    score: float


def search(database: Path, question: str, wanted: Vector, top_k: int) -> list[Passage]:
    """The `top_k` passages that fit `question` best; `wanted` is its vector.

    Full-text search finds candidates; their places in its order and in that of the vectors decide.

    Raises:
        RequestError: the database cannot be read.
    """
    match = " OR ".join(f'"{word}"' for word in dict.fromkeys(words(question)))
    if not match:
        return []
    by_text = [
        Passage(name, title, text, cosine(wanted, unpacked(stored)))
        for name, title, text, stored in _read(database, _SEARCH, match, top_k * _CANDIDATES)
    ]
    by_vector = sorted(by_text, key=lambda passage: -passage.score)
    weights = [
        (1 / (_FUSION + by_text.index(passage)) + 1 / (_FUSION + place), passage)
        for place, passage in enumerate(by_vector)
    ]
    return [passage for _, passage in sorted(weights, key=lambda pair: -pair[0])[:top_k]]


def count(database: Path) -> int:
    """The number of passages.

    Raises:
        RequestError: the database cannot be read.
    """
    [(passages,)] = _read(database, "SELECT count(*) FROM passages")
    return int(passages)


def _read(database: Path, statement: str, *values: str | int) -> list[tuple[Any, ...]]:
    address = f"{database.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=2)) as connection:
            return connection.execute(statement, values).fetchall()
    except sqlite3.Error as error:
        raise RequestError(500, "DatabaseError", f"the database cannot be read: {error}") from error
