"""Makes logs of lines that are well, and of lines that are bad in every way we know."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

START = datetime(2026, 11, 20, tzinfo=UTC)
ENDPOINTS = ("/api/query", "/api/chat", "/v1/embeddings", "/health", "/检索")
MODELS = (("openai", "gpt-4o"), ("openai", "o3"), ("local", "qwen-72b"), ("mistral", "large"))
ERRORS = ("timeout", "rate_limit", "bad_request")


def record(chance: random.Random, at: datetime) -> dict[str, Any]:
    """A line that is well."""
    provider, model = chance.choice(MODELS)
    found: dict[str, Any] = {
        "timestamp": timestamp(chance, at),
        "level": "INFO",
        "message": "request completed",
        "provider": provider,
        "model": model,
        "endpoint": chance.choice(ENDPOINTS),
        "response_time": round(chance.lognormvariate(-0.5, 1), 3),
        "status": 200,
        "request_id": f"{chance.getrandbits(48):012x}",
    }
    match chance.randrange(10):
        case 0:
            error = chance.choice(ERRORS)
            level = chance.choice(("ERROR", "error", "CRITICAL"))
            found |= {"level": level, "message": f"Request failed: {error}"}
            found |= {"error_type": error, "status": chance.choice((500, 503, "429"))}
        case 1:
            found |= {"message": "cache refreshed"}
            del found["response_time"], found["status"]
        case 2:
            found["message"] = f"请求 {found['request_id']} REQUEST 完成"
    return found


def timestamp(chance: random.Random, at: datetime) -> Any:
    """One of the ways in which a time may be written."""
    zone = timezone(timedelta(minutes=chance.choice((0, 480, -300, 330))))
    local = at.astimezone(zone)
    match chance.randrange(8):
        case 0:
            return local.isoformat(timespec=chance.choice(("seconds", "milliseconds")))
        case 1:
            return at.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
        case 2:
            return f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03}"
        case 3:
            return at.timestamp()
        case 4:
            return int(at.timestamp() * chance.choice((1, 1000, 1_000_000)))
        case 5:
            return f"{local:%Y-%m-%dT%H:%M:%S%z}"
    return at.isoformat().replace("+00:00", "Z")


def _cut(chance: random.Random, line: bytes) -> bytes:
    return line[: chance.randrange(1, len(line))]


def _nested(_: random.Random, line: bytes) -> bytes:
    return line.replace(b"}", b', "deep": ' + b"[" * 10_000 + b"]" * 10_000 + b"}")


def _replaced(old: bytes, new: bytes) -> "Spoil":
    return lambda _, line: line.replace(old, new, 1)


def _framed(before: bytes, after: bytes, without: int = 0) -> "Spoil":
    return lambda _, line: before + line[: len(line) - without] + after


def _instead(*lines: bytes) -> "Spoil":
    return lambda chance, _: chance.choice(lines)


Spoil = Callable[[random.Random, bytes], bytes]
SPOILS: tuple[Spoil, ...] = (
    _cut,
    _nested,
    _instead(b"", b"  \t", b"\r"),
    _instead(b"[1, 2]", b'"text"', b"42", b"null", b"true"),
    _replaced(b'"level": "', b'"level": '),
    _replaced(b'"request_id": "', b'"request_id": "\xff'),
    _replaced(b'"request_id": "', b'"request_id": "\\ud800'),
    _replaced(b'"status": 200', b'"status": NaN'),
    _replaced(b'"INFO"', b'"IN\tFO"'),
    _replaced(b"{", b'{"timestamp": "x", '),
    lambda _, line: line + b"," + line,
    _framed(b"", b', "level": "ERROR"}', 1),
    _framed(b"", b",}", 1),
    _framed(b"", b', "extra": {"a": [1, {"b": null}], "\xc3\xa9": "\\u00e9"}}', 1),
    _framed(b"", b"\r"),
    _framed(b"  ", b"  "),
)
"""Ways to make a line bad, or only odd."""
MISSING = object()
ODD_VALUES: dict[str, tuple[Any, ...]] = {
    "timestamp": (
        *(MISSING, MISSING, None, None, "", "yesterday", "2026-13-45T00:00:00Z", "2026-11-20"),
        *("2026-02-30T10:00:00Z", True, "2026-11-20T24:00:00Z", -1, 1e30, [1], {"at": 1}),
        "2026-11-2xT10:00:00Z",
    ),
    "response_time": ("0.25", "fast", None, True, [1], -1, 1e5, "", 3),
    "endpoint": (None, 7, 7.5, True, "", {"a": 1}, ["b"], "é" * 300),
    "level": (None, 50, True, "FATAL", "notice", ""),
    "message": (None, 5, ["request"], "REQUEST", "\u0000request"),
    "status": (None, "500", 500.0, True, [500]),
}


def bad(chance: random.Random, line: bytes, found: dict[str, Any]) -> bytes:
    """A line that is bad in one of many ways; or only odd."""
    place = chance.randrange(len(SPOILS) + len(ODD_VALUES))
    if place < len(SPOILS):
        return SPOILS[place](chance, line)
    field = list(ODD_VALUES)[place - len(SPOILS)]
    odd = {**found, field: chance.choice(ODD_VALUES[field])}
    kept = {name: value for name, value in odd.items() if value is not MISSING}
    return json.dumps(kept, ensure_ascii=chance.random() < 0.5).encode()


def lines(seed: int, count: int, bad_ratio: float = 0.1, hours: float = 30) -> Iterator[bytes]:
    """`count` lines, roughly in the order of time."""
    chance = random.Random(seed)
    for number in range(count):
        at = START + timedelta(hours=hours * number / count, seconds=chance.uniform(-60, 60))
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        found = record(chance, at)
        line = json.dumps(found, ensure_ascii=chance.random() < 0.9).encode()
        yield bad(chance, line, found) if chance.random() < bad_ratio else line
