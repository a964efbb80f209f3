"""Masks secrets at every way out.

Every value that came into the settings from the environment (`${NAME}`) is learned here. Texts,
documents, samples, log records and what the command line prints pass through `redact` or
`redact_tree`, which know it in every spelling in which a service or a library may echo it.
"""

import base64
import logging
import re
from functools import lru_cache
from html.entities import codepoint2name
from typing import Any
from urllib.parse import unquote

MASK = "***"
SHORTEST = 4  # a shorter value cannot be told from ordinary text; masking it would shred all of it
LONG = 8  # such a value is masked in small and large letters: header fields and hosts lose the case
_PLAIN_WORDS = {"true", "false", "none", "null", "healthy", "unhealthy", "degraded", "unknown"}
_ESCAPES = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}

_secrets: set[str] = set()


def learn(secret: str) -> None:
    """Mask `secret` from here on, wherever it would leave this process."""
    secret = secret.strip()
    if len(secret) >= SHORTEST and secret.lower() not in _PLAIN_WORDS:
        _secrets.add(secret)


def learn_credentials(user: str, password: str) -> None:
    """Mask a password, and the form that it has in an `Authorization: Basic` header.

    Both may be percent-encoded, as they stand in a URL.
    """
    for name, secret in {(user, password), (unquote(user), unquote(password))}:
        learn(secret)
        learn(base64.b64encode(f"{name}:{secret}".encode()).decode())


def redact(text: str) -> str:
    """`text` with every learned secret masked."""
    pattern = _pattern(len(_secrets))
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
            _mask(record)
        return record

    guarded.guards = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(guarded)


def _mask(record: logging.LogRecord) -> None:
    if isinstance(record.args, tuple):
        record.args = tuple(redact(a) if isinstance(a, str) else a for a in record.args)
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit: logging will say so
        text = f"{record.msg} {record.args}"
    if (masked := redact(text)) != text:
        record.msg, record.args = masked, ()
    if record.exc_info:
        record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
    if record.stack_info:
        record.stack_info = redact(record.stack_info)


@lru_cache(maxsize=1)
def _pattern(count: int) -> re.Pattern[str] | None:
    """What matches the `count` secrets; they only become more, so that it is never out of date."""
    longest_first = sorted(_secrets, key=len, reverse=True)
    return re.compile("|".join(map(_spelled, longest_first))) if count else None


def _spelled(secret: str) -> str:
    """A pattern for `secret` in the spellings of URLs, JSON, HTML and Python, mixed at will."""
    pattern = "".join(map(_character, secret))
    return f"(?i:{pattern})" if len(secret) >= LONG else pattern


def _character(character: str) -> str:
    """A pattern for one character, itself or escaped; an escape may have been escaped again."""
    if character.isascii() and character.isalnum():
        return character
    point = ord(character)
    utf8 = character.encode(errors="surrogatepass").hex(" ").split()
    utf16 = character.encode("utf-16-be", errors="surrogatepass").hex(" ", 2).split()
    spellings = [  # those that begin with the character itself stand behind the longer ones
        "".join(rf"\\{{1,4}}u{unit}" for unit in utf16),
        "".join(rf"\\{{1,4}}x{byte}" for byte in utf8),
        "".join(f"%(?:25)*{byte}" for byte in utf8),
        f"&(?:#{point}|#x{point:x}|{codepoint2name.get(point, f'#{point}')});",
        r"\\{0,4}" + re.escape(character),
    ]
    if letter := _ESCAPES.get(character):
        spellings.append(rf"\\{{1,4}}{letter}")
    if character.isspace():
        spellings += [r"\+", r"\s"]
    return f"(?i:{'|'.join(spellings)})"
