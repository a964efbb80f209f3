"""A day's rollup by the hour: what a figure of the day is drawn from, and its document keeps."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from ops_pipelines import quantiles
from ops_pipelines.logs import times
from ops_pipelines.logs.frames import length
from ops_pipelines.logs.rollup import Rollup
from ops_pipelines.logs.summary import UNKNOWN

COUNTS = ("lines", "requests", "errors", "failed")
POINTS = {"p50": 0.5, "p95": 0.95}
BOUNDS_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the rows of a heat map, as Prometheus' clients have them; the last is open."""


class Hour(NamedTuple):
    """One hour of the log.

    Attributes:
        start: when it begins; aware, in UTC.
        counts: of `COUNTS`.
        error_types: error lines by type.
        histogram: response times `{bucket: count}`.
    """

    start: datetime
    counts: dict[str, int]
    error_types: dict[str, int]
    histogram: dict[int, int]

    @property
    def bands(self) -> list[int]:
        """How many response times lie in each row of a heat map, the fastest first."""
        found = [0] * (len(BOUNDS_SECONDS) + 1)
        for bucket, count in self.histogram.items():
            found[bisect_left(BOUNDS_SECONDS, quantiles.bucket_value(bucket))] += count
        return found

    def row(self, zone: ZoneInfo) -> dict[str, Any]:
        """It as a row of JSON values, its time in `zone`."""
        found = quantiles.of_histogram(self.histogram, POINTS) or {}
        return {
            "start": self.start.astimezone(zone).isoformat(),
            **self.counts,
            **{name: round(found[name], 6) if name in found else None for name in POINTS},
        }


def hours(rollup: Rollup) -> list[Hour]:
    """The hours that have lines, in their order."""
    starts = rollup.column("hours", "hour").astype(np.int64)
    distinct, place = np.unique(starts, return_inverse=True)
    sums = {name: np.bincount(place, rollup.column("hours", name)) for name in COUNTS}
    types, histograms = dict(_error_types(rollup)), dict(_histograms(rollup))
    return [
        Hour(
            times.moment(int(start) * times.MINUTE),
            {name: int(column[index]) for name, column in sums.items()},
            types.get(int(start), {}),
            histograms.get(int(start), {}),
        )
        for index, start in enumerate(distinct)
    ]


def _error_types(rollup: Rollup) -> Iterator[tuple[int, dict[str, int]]]:
    errors = rollup.column("hours", "errors")
    is_error = errors > 0
    codes = rollup.column("hours", "error_type")[is_error]
    labels = rollup.labels["error_type"]
    found: dict[int, Counter[str]] = {}
    for hour, code, count in zip(
        rollup.column("hours", "hour")[is_error], codes, errors[is_error], strict=True
    ):
        found.setdefault(int(hour), Counter())[labels[int(code)] or UNKNOWN] += int(count)
    yield from ((hour, dict(counts)) for hour, counts in found.items())


def _histograms(rollup: Rollup) -> Iterator[tuple[int, dict[int, int]]]:
    frame = rollup.tables.get("endpoint_latency", {})
    if not length(frame):
        return
    width = quantiles.HIGHEST - quantiles.LOWEST + 1
    key = frame["hour"].astype(np.int64) * width + frame["bucket"] - quantiles.LOWEST
    distinct, place = np.unique(key, return_inverse=True)
    counts = np.bincount(place, frame["count"]).astype(np.int64)
    hour, bucket = distinct // width, distinct % width + quantiles.LOWEST
    edges = np.flatnonzero(np.diff(hour, prepend=hour[0] - 1)).tolist()
    for start, end in zip(edges, [*edges[1:], len(hour)], strict=True):
        pairs = zip(bucket[start:end].tolist(), counts[start:end].tolist(), strict=True)
        yield int(hour[start]), dict(pairs)
