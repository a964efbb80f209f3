"""Masks secrets at every way out.

Every value that came into the settings from the environment (`${NAME}`) is learned here, with the
forms in which a service or a library may echo it. Texts, documents, samples, log records and what
the command line prints pass through `redact` or `redact_tree`.
"""

import base64
import json
import logging
import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 4  # a shorter value cannot be told from ordinary text; masking it would shred all of it
_PLAIN_WORDS = {"true", "false", "none", "null", "healthy", "unhealthy", "degraded", "unknown"}

_secrets: set[str] = set()


def learn(secret: str) -> None:
    """Mask `secret` from here on, wherever it would leave this process."""
    if len(secret) < SHORTEST or secret.lower() in _PLAIN_WORDS:
        return
    _secrets.update(form for form in _forms(secret) if len(form) >= SHORTEST)
    _pattern.cache_clear()


def learn_credentials(user: str, password: str) -> None:
    """Mask a password, and the form that it has in an `Authorization: Basic` header."""
    learn(password)
    learn(base64.b64encode(f"{user}:{password}".encode()).decode())


def redact(text: str) -> str:
    """`text` with every learned secret masked."""
    pattern = _pattern()
    return pattern.sub(MASK, text) if pattern else text


def redact_tree(value: Any) -> Any:
    """A JSON value with every learned secret masked, in keys too."""
    match value:
        case str():
            return redact(value)
        case dict():
            return {redact_tree(key): redact_tree(item) for key, item in value.items()}
        case list() | tuple():
            return [redact_tree(item) for item in value]
        case _:
            return value


def guard_logs() -> None:
    """Mask secrets in every log record of this process, those of libraries included."""
    make_record = logging.getLogRecordFactory()
    if getattr(make_record, "guards", False):
        return

    def guarded(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
        if _secrets:
            record.msg, record.args = redact(record.getMessage()), ()
        return record

    guarded.guards = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(guarded)


def _forms(secret: str) -> set[str]:
    """The spellings of one secret in URLs, JSON and Python text."""
    return {
        secret,
        secret.strip(),
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
    }


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str] | None:
    longest_first = sorted(_secrets, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None
