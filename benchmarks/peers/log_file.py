"""Writes a log for benchmarks: 30 days, ten models, eight endpoints, and lines that are bad.

log_lines(chance, count, shape) gives the lines; `shape` says what is odd about them.
"""

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

START = datetime(2026, 10, 21, tzinfo=UTC)
DAYS = 30
LINE_BYTES = 255  # in the mean
OFFSETS = [*[8.0] * 5, *[0.0] * 4, -5.0, 5.5, None]
MODELS = [
    ("openai", "gpt-4o"), ("openai", "gpt-4o-mini"), ("openai", "o3"), ("local", "llama-70b"),
    ("anthropic", "claude-sonnet"), ("anthropic", "claude-haiku"), ("local", "qwen-72b"),
    ("google", "gemini-pro"), ("google", "gemini-flash"), ("mistral", "mistral-large"),
]  # fmt: skip
ENDPOINTS = [
    "/api/query", "/api/chat", "/api/embed", "/api/rerank", "/api/summarise",
    "/v1/completions", "/v1/files", "/health",
]  # fmt: skip
ERRORS = ["timeout", "rate_limit", "auth", "upstream_5xx", "bad_request", "context_length"]
BAD_TIMES = ["2026-13-45T00:00:00Z", "yesterday", "", "2026-09-21", "2026-11-20T24:00:00Z", True]


@dataclass(frozen=True)
class Shape:
    """What is odd: the share of bad lines, times and latencies of another type, an envelope."""

    bad_ratio: float = 0.01
    epoch: bool = False
    text_latency: bool = False
    docker: bool = False


def write(path: Path, size: int, shape: Shape) -> None:
    """Write about `size` bytes; the same every time."""
    chance = random.Random(1)
    count = size // LINE_BYTES
    with path.open("wb") as file:
        for number in range(count):
            at = START + timedelta(days=DAYS * number / count, seconds=chance.random() * 1.5)
            file.write(_line(chance, at, shape) + b"\n")


def pack(path: Path) -> Path:
    """The same compressed."""
    packed = path.with_suffix(".gz")
    with path.open("rb") as plain, gzip.open(packed, "wb", 6) as file:
        while piece := plain.read(1 << 20):
            file.write(piece)
    return packed


def _line(chance: random.Random, at: datetime, shape: Shape) -> bytes:
    record = _record(chance, at, shape)
    if chance.random() < shape.bad_ratio:
        return _bad(chance, record)
    text = json.dumps(record)
    if shape.docker:
        text = json.dumps({"log": text + "\n", "stream": "stdout", "time": at.isoformat()})
    return text.encode()


def _record(chance: random.Random, at: datetime, shape: Shape) -> dict[str, Any]:
    provider, model = MODELS[int(chance.random() ** 1.6 * 10)]
    seconds: Any = round(chance.lognormvariate(-0.2, 0.9), 3)
    number = f"{chance.getrandbits(48):012x}"
    kind = chance.random()
    found = {
        "timestamp": at.timestamp() if shape.epoch else _time(chance, at),
        "level": "INFO",
        "message": f"Request {number} completed" if kind < 0.2 else "request completed",
        "provider": provider,
        "model": model,
        "endpoint": ENDPOINTS[int(chance.random() ** 1.5 * 8)],
        "response_time": str(seconds) if shape.text_latency else seconds,
        "status": 200,
        "request_id": number,
        "user": f"u{chance.randrange(5000)}",
    }
    if 0.82 < kind < 0.9:
        found |= {"level": chance.choice(["INFO", "WARNING"]), "message": "cache refreshed"}
        del found["response_time"], found["status"]
    elif kind >= 0.9:
        error = chance.choice(ERRORS)
        level = "ERROR" if chance.random() < 0.95 else "CRITICAL"
        found |= {"level": level, "message": f"upstream request failed: {error}", "status": 500}
        found["error_type"] = error
    return found


def _time(chance: random.Random, at: datetime) -> Any:
    if chance.random() < 0.005:
        return round(at.timestamp(), 3)
    offset = chance.choice(OFFSETS)
    spec = "milliseconds" if chance.random() < 0.9 else "seconds"
    if offset is None:
        return at.replace(tzinfo=None).isoformat(timespec=spec)
    local = at.astimezone(timezone(timedelta(hours=offset)))
    return local.isoformat(timespec=spec).replace("+00:00", "Z")


def _bad(chance: random.Random, record: dict[str, Any]) -> bytes:
    text = json.dumps(record)
    match chance.randrange(7):
        case 0:
            return chance.choice([b"", b"  \t"])
        case 1:
            return text[: chance.randrange(1, len(text) - 2)].encode()
        case 2:
            return f"{text},{text}".encode()
        case 3:
            return text.encode().replace(b'"user": "', b'"user": "\xff')
        case 4:
            return chance.choice([b"[1, 2, 3]", b'"text"', b"42", b"null"])
        case 5:
            return json.dumps({k: v for k, v in record.items() if k != "timestamp"}).encode()
    return json.dumps({**record, "timestamp": chance.choice(BAD_TIMES)}).encode()


def lines(path: Path) -> Iterator[bytes]:
    """The lines of a file."""
    with path.open("rb") as file:
        for line in file:
            yield line.removesuffix(b"\n")
