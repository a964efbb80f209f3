"""Reads the body of an answer as JSON, or says why it cannot be read."""

import codecs
import json
import zlib
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from ops_pipelines.report import Reason

MOST_BYTES = 1 << 20
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
# Codecs of Python that are no charsets; some take hours for a body of our size.
_NO_CHARSETS = {
    *("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7"),
}


def inflate(content: bytes, encoding: str) -> bytes | Reason:
    """Undo `Content-Encoding`; no more than `MOST_BYTES` come out, however small the input is.

    Deflate that lacks its wrapper, as some servers send it, is read as well.
    """
    if encoding in ("", "identity"):
        return content
    if encoding not in _WINDOW_BITS:
        return Reason("health.body_encoding", {"encoding": one_line(encoding, 40)})
    is_bare = encoding == "deflate" and int.from_bytes(content[:2], "big") % 31 != 0
    inflater = zlib.decompressobj(-15 if is_bare else _WINDOW_BITS[encoding])
    try:
        inflated = inflater.decompress(content, MOST_BYTES + 1)
    except zlib.error as error:
        return Reason("health.body_damaged", {"encoding": encoding, "detail": str(error)})
    if len(inflated) > MOST_BYTES:
        return Reason("health.body_too_large", {"most_bytes": MOST_BYTES})
    if not inflater.eof:
        return Reason("health.body_cut_off", {"encoding": encoding})
    if inflater.unused_data:
        return Reason("health.body_goes_on", {"encoding": encoding})
    return inflated


def parse(content: bytes, charset: str | None) -> Any:
    """The JSON value in `content`, or a `Reason` why there is none.

    Strict: what is not UTF-8 (or the charset that the answer names) and what is not JSON by the
    standard (NaN among it) is not read with a guess.
    """
    shown = one_line(charset or "utf-8", 40)
    try:
        text = content.decode(_codec(charset or "utf-8"))
    except UnicodeDecodeError as error:
        return Reason("health.body_not_text", {"charset": shown, "offset": error.start})
    except (LookupError, ValueError):
        return Reason("health.body_charset", {"charset": shown})
    if not text.strip():
        return Reason("health.body_empty")
    try:
        return json.loads(text, parse_constant=_reject_constant)
    except RecursionError:
        return Reason("health.body_too_deep")
    except json.JSONDecodeError as error:
        facts = {"line": error.lineno, "column": error.colno, "begins": one_line(text, 40)}
        return Reason("health.body_not_json", facts)
    except ValueError as error:  # a number of thousands of digits, or NaN
        return Reason("health.body_bad_number", {"detail": str(error)[:80]})


def one_line(value: Any, most: int) -> str:
    """What a service says, as one line of at most `most` printable characters.

    It goes to terminals, files and pages: no control character, no half of a surrogate pair.
    """
    try:
        text = str(value)
    except (RecursionError, ValueError):  # nested too deeply, or a number of too many digits
        return "…"
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:most]


def _codec(charset: str) -> str:
    name = codecs.lookup(charset).name
    if name in _NO_CHARSETS:
        raise LookupError(charset)
    return "utf-8-sig" if name == "utf-8" else name


def _reject_constant(name: str) -> None:
    raise ValueError(name)


def at(path: str, document: Any) -> Any:
    """What `document` has at a JMESPath; None where it has nothing."""
    try:
        return jmespath.search(path, document)
    except (JMESPathError, ValueError, TypeError, ArithmeticError, RecursionError):
        return None  # a function of the expression met a value that it cannot take
