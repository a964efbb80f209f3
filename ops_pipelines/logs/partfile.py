"""A part of a log as bytes, to be kept: what was read once need not be read again."""

from collections import Counter
from datetime import date
from typing import Any

import msgspec
import numpy as np
import zstandard

from ops_pipelines.logs.account import Account, Sample
from ops_pipelines.logs.frames import Frame
from ops_pipelines.logs.ledger import Part
from ops_pipelines.logs.rollup import Rollup
from ops_pipelines.redaction import redact


class _Column(msgspec.Struct, array_like=True):
    kind: str
    data: bytes


class _Kept(msgspec.Struct, array_like=True):
    tables: dict[str, dict[str, _Column]]
    labels: dict[str, list[str | None]]
    account: dict[str, Any]
    ranges: dict[str, tuple[int, int]]


def encode(part: Part) -> bytes:
    """`part` as bytes."""
    tables = {
        name: {key: _Column(column.dtype.str, column.tobytes()) for key, column in frame.items()}
        for name, frame in part.rollup.tables.items()
    }
    ranges = {day.isoformat(): span for day, span in part.ranges.items()}
    kept = _Kept(tables, part.rollup.labels, _stored(part.account), ranges)
    return zstandard.compress(msgspec.msgpack.encode(kept), 1)


def decode(content: bytes) -> Part:
    """What `encode` was given.

    Raises:
        ValueError: these bytes are none of it.
    """
    try:
        kept = msgspec.msgpack.decode(zstandard.decompress(content), type=_Kept)
    except (zstandard.ZstdError, msgspec.MsgspecError) as error:
        raise ValueError(str(error)) from None
    tables = {name: _frame(columns) for name, columns in kept.tables.items()}
    ranges = {date.fromisoformat(day): span for day, span in kept.ranges.items()}
    return Part(Rollup(tables, kept.labels), _restored(kept.account), ranges)


def _frame(columns: dict[str, _Column]) -> Frame:
    return {key: np.frombuffer(column.data, column.kind) for key, column in columns.items()}


def _stored(account: Account) -> dict[str, Any]:
    return {
        "lines": account.lines,
        "dated": account.dated,
        "rejected": [(day and day.isoformat(), dict(c)) for day, c in account.rejected.items()],
        "orphans": dict(account.orphans),
        "days": [day and day.isoformat() for day in (account.first_day, account.last_day)],
        "span": [account.first_us, account.last_us],
        "samples": [
            (kept.reason, kept.line, redact(kept.text), kept.day and kept.day.isoformat())
            for kept in account.samples
        ],
    }


def _restored(stored: dict[str, Any]) -> Account:
    first_day, last_day = (day and date.fromisoformat(day) for day in stored["days"])
    first_us, last_us = stored["span"]
    samples = [
        Sample(reason, line, text, day and date.fromisoformat(day))
        for reason, line, text, day in stored["samples"]
    ]
    rejected = {
        day and date.fromisoformat(day): Counter(counts) for day, counts in stored["rejected"]
    }
    return Account(
        stored["lines"], stored["dated"], rejected, Counter(stored["orphans"]), first_day,
        last_day, first_us, last_us, samples,
    )  # fmt: skip
