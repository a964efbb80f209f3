"""What gzip or zstd compressed, piece by piece as it was before, in bounded memory."""

import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any

import zstandard

inflating: ModuleType = zlib
with suppress(ImportError):  # there is not a wheel for every machine; it is three times as fast
    from isal import isal_zlib

    inflating = isal_zlib

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
UNREAD = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK\x03\x04": "zip", b"7z\xbc\xaf": "7z"}
"""How the files begin of which we can only say what they are."""
HEAD_BYTES = 5
PIECE_BYTES = 1 << 18
_ZSTD_BYTES = 1 << 10  # of input at once: each may become 32,000 bytes
_ERRORS: tuple[type[Exception], ...] = (zlib.error, inflating.error, zstandard.ZstdError)


class DamagedError(Exception):
    """The bytes end too early, or are not what a compressor writes."""


def is_compressed(head: bytes) -> bool:
    """Whether a file that begins with `head` can be inflated."""
    return head.startswith((GZIP, ZSTD))


def inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The content of all members that `pieces` hold, one after the other.

    Raises:
        DamagedError: after all that can be read.
    """
    data = next(pieces, b"")
    while data := _next_member(data, pieces):
        member, inflate = _member(data)
        while not member.eof:
            data = data or next(pieces, b"")
            try:
                found, rest = inflate(member, data)
            except _ERRORS as error:
                raise DamagedError(str(error)) from None
            if found:
                yield found
            elif not data:
                raise DamagedError("truncated")
            data = rest


def _next_member(data: bytes, pieces: Iterator[bytes]) -> bytes:
    """What begins with the next member; zeros before it are padding."""
    while len(data := data.lstrip(b"\0")) < HEAD_BYTES and (more := next(pieces, b"")):
        data += more
    return data


def _member(head: bytes) -> tuple[Any, Callable[[Any, bytes], tuple[bytes, bytes]]]:
    if head.startswith(GZIP):
        return inflating.decompressobj(31), _inflate_gzip
    if head.startswith(ZSTD):
        return zstandard.ZstdDecompressor().decompressobj(), _inflate_zstd
    raise DamagedError("trailing garbage")


def _inflate_gzip(member: Any, data: bytes) -> tuple[bytes, bytes]:
    """What comes out of `data`, and what of it is still to be read."""
    found = member.decompress(data, PIECE_BYTES)
    return found, member.unused_data if member.eof else member.unconsumed_tail


def _inflate_zstd(member: Any, data: bytes) -> tuple[bytes, bytes]:
    found, size = [], 0
    while data and size < PIECE_BYTES and not member.eof:
        found.append(member.decompress(data[:_ZSTD_BYTES]))
        size += len(found[-1])
        data = data[_ZSTD_BYTES:]
    return b"".join(found), member.unused_data + data
