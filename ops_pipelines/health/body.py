"""Reads the body of an answer as JSON, or says why it cannot be read."""

import codecs
import json
import zlib
from typing import Any

from ops_pipelines.report import Reason

MOST_BYTES = 1 << 20
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def inflate(content: bytes, encoding: str) -> bytes | Reason:
    """Undo `Content-Encoding`; no more than `MOST_BYTES` come out, however small the input is."""
    if encoding in ("", "identity"):
        return content
    if encoding not in _WINDOW_BITS:
        return Reason("health.body_encoding", {"encoding": encoding})
    try:
        inflated = zlib.decompressobj(_WINDOW_BITS[encoding]).decompress(content, MOST_BYTES + 1)
    except zlib.error as error:
        return Reason("health.body_damaged", {"encoding": encoding, "detail": str(error)})
    if len(inflated) > MOST_BYTES:
        return Reason("health.body_too_large", {"most_bytes": MOST_BYTES})
    return inflated


def parse(content: bytes, charset: str | None) -> Any:
    """The JSON value in `content`, or a `Reason` why there is none.

    Strict: what is not UTF-8 (or the charset that the answer names) and what is not JSON by the
    standard (NaN among it) is not read with a guess.
    """
    try:
        codec = codecs.lookup(charset or "utf-8").name
        text = content.decode("utf-8-sig" if codec == "utf-8" else codec)
    except LookupError:
        return Reason("health.body_charset", {"charset": charset})
    except UnicodeDecodeError as error:
        return Reason(
            "health.body_not_text", {"charset": charset or "utf-8", "offset": error.start}
        )
    if not text.strip():
        return Reason("health.body_empty")
    try:
        return json.loads(text, parse_constant=_reject_constant)
    except RecursionError:
        return Reason("health.body_too_deep")
    except json.JSONDecodeError as error:
        facts = {"line": error.lineno, "column": error.colno, "begins": _beginning(text)}
        return Reason("health.body_not_json", facts)
    except ValueError as error:  # a number of thousands of digits, or NaN
        return Reason("health.body_bad_number", {"detail": str(error)[:80]})


def _reject_constant(name: str) -> None:
    raise ValueError(name)


def _beginning(text: str) -> str:
    return " ".join(text.split())[:40]
