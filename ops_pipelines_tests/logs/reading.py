"""Reads bytes as a log, in the ways in which tests want it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ops_pipelines.logs import planning
from ops_pipelines.logs.account import Account
from ops_pipelines.logs.analysis import Analysis, analyze
from ops_pipelines.logs.ledger import Reading
from ops_pipelines.logs.lines import blocks
from ops_pipelines.logs.rollup import Rollup, added
from ops_pipelines.logs.scan import Scan
from ops_pipelines.logs.sources import find
from ops_pipelines.settings.line_reading import LineReading

UTC = ZoneInfo("UTC")


def how(
    settings: Mapping[str, Any] | LineReading | None = None, zone: ZoneInfo = UTC, **more: Any
) -> Reading:
    """How lines are read by `settings`, the keys of a `logs` section that are about lines."""
    given = settings if isinstance(settings, LineReading) else LineReading(**(settings or {}))
    return Reading(planning.make(given, zone), zone, **more)


def scanned(
    content: bytes, reading: Reading | None = None, pieces: int = 1 << 18
) -> tuple[Rollup, Account]:
    """What a stretch that holds `content` comes to, read in pieces of so many bytes."""
    scan = Scan(reading or how())
    for block in blocks(content[at : at + pieces] for at in range(0, len(content), pieces)):
        scan.feed(block)
    part = scan.part()
    return added([part.rollup]), part.account.ended()


def analyzed(*paths: str | Path, reading: Reading | None = None, processes: int = 1) -> Analysis:
    """What files come to."""
    return analyze(find(map(str, paths)), reading or how(), processes)


def cells(rollup: Rollup) -> dict[tuple[Any, ...], dict[str, int]]:
    """The table of hours: by hour since 1970 and labels."""
    frame = rollup.tables.get("hours", {})
    if not frame:
        return {}
    names = ("endpoint", "provider", "model", "error_type")
    columns = ("lines", "requests", "errors", "failed", "timed")
    return {
        (int(frame["hour"][row]) // 60, *(rollup.labels[n][int(frame[n][row])] for n in names)): {
            column: int(frame[column][row]) for column in columns
        }
        for row in range(len(frame["hour"]))
    }


def latency(rollup: Rollup) -> dict[tuple[Any, ...], int]:
    """The histograms by hour since 1970, failure and endpoint."""
    frame = rollup.tables["endpoint_latency"]
    return {
        (
            int(frame["hour"][row]) // 60,
            bool(frame["failed"][row]),
            rollup.labels["endpoint"][int(frame["endpoint"][row])],
            int(frame["bucket"][row]),
        ): int(frame["count"][row])
        for row in range(len(frame["hour"]))
    }


def joined(lines: Iterable[bytes]) -> bytes:
    """Lines as a file has them."""
    return b"".join(line + b"\n" for line in lines)
