"""What a rollup says: the figures of the operations guide, and those behind them."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ops_pipelines import quantiles
from ops_pipelines.logs import times
from ops_pipelines.logs.frames import length, where
from ops_pipelines.logs.rollup import Rollup
from ops_pipelines.logs.tally import MOST_SLOW, NANOSECONDS

POINTS = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}
UNKNOWN = "unknown"
"""The type of an error that names none."""
BY = {"endpoints": "endpoint", "providers": "provider", "models": "model"}


def facts(rollup: Rollup, zone: ZoneInfo) -> dict[str, Any]:
    """The figures of a rollup; JSON values only."""
    total = {name: rollup.total("hours", name) for name in ("requests", "errors", "failed", "slow")}
    return {
        "total_requests": total["requests"],
        "error_count": total["errors"],
        "error_rate": _ratio(total["failed"], total["requests"]),
        "error_types": _error_types(rollup),
        **_response_times(rollup),
        **{name: _lines_of(rollup, dimension) for name, dimension in BY.items()},
        "slow_requests": slow_requests(rollup, zone),
        "slow_request_count": total["slow"],
        "tokens": {kind: rollup.total("hours", f"tokens_{kind}") for kind in ("input", "output")},
        "first_token_seconds": _mean(rollup, "first_token_ns", "first_tokens"),
        "breakdown": {name: breakdown(rollup, dimension) for name, dimension in BY.items()},
        "folded": dict(rollup.folded),
    }


def breakdown(rollup: Rollup, dimension: str) -> dict[str, dict[str, Any]]:
    """For each value of a dimension: requests, errors and response times, the busiest first."""
    labels = rollup.labels[dimension]
    sums = {
        name: _by_code(rollup, "hours", dimension, name)
        for name in ("lines", "requests", "errors", "failed", "timed", "response_ns")
    }
    latency = histograms(rollup, dimension)
    found = {}
    for code in np.argsort(-sums["lines"], kind="stable"):
        label = labels[code]
        if label is None or not sums["lines"][code]:
            continue
        requests, timed = int(sums["requests"][code]), int(sums["timed"][code])
        found[label] = {
            "requests": requests,
            "error_count": int(sums["errors"][code]),
            "error_rate": _ratio(int(sums["failed"][code]), requests),
            "avg_response_time": _ratio(sums["response_ns"][code] / NANOSECONDS, timed),
            "quantiles": _quantiles(latency.get(label, {})),
        }
    return found


def histograms(rollup: Rollup, dimension: str) -> dict[str | None, dict[int, int]]:
    """The histogram `{bucket: count}` of response times for each value of a dimension."""
    table = "endpoint_latency" if dimension == "endpoint" else "model_latency"
    frame = rollup.tables.get(table, {})
    found: dict[str | None, dict[int, int]] = {}
    if not length(frame):
        return found
    codes, buckets = frame[dimension].astype(np.int64), frame["bucket"].astype(np.int64)
    width = quantiles.HIGHEST - quantiles.LOWEST + 1
    packed, place = np.unique(codes * width + buckets - quantiles.LOWEST, return_inverse=True)
    counts = np.bincount(place, frame["count"])
    for key, count in zip(packed, counts, strict=True):
        histogram = found.setdefault(rollup.labels[dimension][int(key // width)], {})
        histogram[int(key % width) + quantiles.LOWEST] = int(count)
    return found


def histogram(rollup: Rollup) -> dict[int, int]:
    """The histogram of all response times."""
    total: Counter[int] = Counter()
    for counts in histograms(rollup, "endpoint").values():
        total.update(counts)
    return dict(total)


def slow_requests(rollup: Rollup, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The worst requests, the slowest first."""
    frame = rollup.tables.get("slow", {})
    if not length(frame):
        return []
    labels = rollup.labels["endpoint"]
    order = np.lexsort((frame["endpoint"], frame["time_us"], -frame["seconds"]))[:MOST_SLOW]
    worst = where(frame, order)
    return [
        {
            "timestamp": iso(int(time_us), zone),
            "response_time": round(float(seconds), 6),
            "endpoint": labels[int(code)] or UNKNOWN,
        }
        for time_us, seconds, code in zip(
            worst["time_us"], worst["seconds"], worst["endpoint"], strict=True
        )
    ]


def iso(time_us: int, zone: ZoneInfo) -> str:
    """A time as people read it, in `zone`."""
    return times.moment(time_us).astimezone(zone).isoformat(timespec="milliseconds")


def _response_times(rollup: Rollup) -> dict[str, Any]:
    slowest, fastest = rollup.column("minutes", "slowest"), rollup.column("minutes", "fastest")
    has_any = rollup.total("hours", "timed") > 0
    most, least = None, None
    if has_any:  # 9 ms must not become 0.009000000000000001 s
        most, least = round(float(slowest.max()), 9), round(-float(fastest.max()), 9)
    found = _quantiles(histogram(rollup))
    if most is not None and least is not None:
        found = {
            n: v if v is None else round(min(max(v, least), most), 6) for n, v in found.items()
        }
    return {
        "avg_response_time": _mean(rollup, "response_ns", "timed"),
        "max_response_time": most,
        "min_response_time": least,
        "quantiles": found,
    }


def _quantiles(counts: Mapping[int, int]) -> dict[str, float | None]:
    found = quantiles.of_histogram(counts, POINTS) or {}
    return {name: round(found[name], 6) if name in found else None for name in POINTS}


def _error_types(rollup: Rollup) -> dict[str, int]:
    errors = _by_code(rollup, "hours", "error_type", "errors")
    return _named(
        (label or UNKNOWN, int(count))
        for label, count in zip(rollup.labels["error_type"], errors, strict=True)
    )


def _lines_of(rollup: Rollup, dimension: str) -> dict[str, int]:
    """The lines that name each value of a dimension."""
    lines = _by_code(rollup, "hours", dimension, "lines")
    return _named(
        (label, int(count))
        for label, count in zip(rollup.labels[dimension], lines, strict=True)
        if label is not None
    )


def _named(pairs: Any) -> dict[str, int]:
    """Counts by name, the largest first; those of one name are added."""
    counts: Counter[str] = Counter()
    for name, count in pairs:
        counts[name] += count
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return {name: count for name, count in ordered if count}


def _by_code(rollup: Rollup, table: str, dimension: str, column: str) -> Any:
    codes = rollup.column(table, dimension).astype(np.int64)
    values = rollup.column(table, column)
    return np.bincount(codes, values, minlength=len(rollup.labels[dimension]))


def _mean(rollup: Rollup, nanoseconds: str, count: str) -> float | None:
    total = float(rollup.column("hours", nanoseconds).sum())
    return _ratio(total / NANOSECONDS, rollup.total("hours", count))


def _ratio(part: float, whole: int) -> float | None:
    return round(float(part) / whole, 9) if whole else None
