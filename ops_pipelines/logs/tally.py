"""Adds up a batch of accepted lines into the tables of a rollup."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from ops_pipelines import quantiles
from ops_pipelines.logs import times
from ops_pipelines.logs.frames import Column, Frame, counted, grouped, length, where
from ops_pipelines.logs.plan import ERROR, HIT, LOAD, MISS, REQUEST

MOST_SLOW = 100
"""The worst requests of a day that are kept by name."""
NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True)
class Batch:
    """Accepted lines, column by column.

    Attributes:
        time_us: microseconds since 1970.
        flags: what each line is (`plan`).
        codes: for each dimension a code; 0 for none.
        amounts: the numbers that any line has; NaN for none.
        hashes: of requests; 0 for none.
    """

    time_us: npt.NDArray[np.int64]
    flags: npt.NDArray[np.uint8]
    codes: Mapping[str, Column]
    amounts: Mapping[str, npt.NDArray[np.float64]]
    hashes: npt.NDArray[np.uint64]


def tally(batch: Batch, zone: ZoneInfo, slow_seconds: float) -> dict[str, Frame]:
    """The tables of `batch`, by name.

    `hours` counts by hour and labels; `endpoint_latency` and `model_latency` are histograms of
    response times by hour; `minutes` and `minute_latency` the same by minute, without labels;
    `slow` has the worst requests, and `reuse` when which question was asked.
    """
    minute = (batch.time_us // times.MINUTE).astype(np.int32)
    hour = _hours(minute, zone)
    seconds = batch.amounts.get("response_time", np.full(len(minute), np.nan))
    is_request, is_error = (batch.flags & REQUEST) != 0, (batch.flags & ERROR) != 0
    is_timed = is_request & (seconds >= 0) & (seconds < np.inf)
    is_slow = is_timed & (seconds > slow_seconds)
    common = {
        "requests": is_request,
        "errors": is_error,
        "failed": is_request & is_error,
        "timed": is_timed,
        "response_ns": np.where(is_timed, np.rint(seconds * NANOSECONDS), 0),
    }
    by_label = {
        "lines": np.ones(len(minute), np.bool_),
        **common,
        "slow": is_slow,
        **_amounts(batch),
    }
    by_minute = {**common, "load_errors": is_error & ((batch.flags & LOAD) != 0)}
    timed = np.flatnonzero(is_timed)
    endpoint, provider, model = (batch.codes[n][timed] for n in ("endpoint", "provider", "model"))
    bucket = _buckets(seconds[timed])
    of_hour = {"hour": hour[timed], "failed": is_error[timed].astype(np.int8)}
    return {
        "hours": grouped({"hour": hour, **batch.codes}, by_label),
        "minutes": grouped({"minute": minute}, by_minute, _highs(batch, seconds, is_timed)),
        "endpoint_latency": counted({**of_hour, "endpoint": endpoint, "bucket": bucket}),
        "model_latency": counted(
            {**of_hour, "provider": provider, "model": model, "bucket": bucket}
        ),
        "minute_latency": counted({"minute": minute[timed], "bucket": bucket // quantiles.COARSE}),
        "slow": _slow(batch, hour, seconds, np.flatnonzero(is_slow)),
        "reuse": where(
            {"time_us": batch.time_us, "hash": batch.hashes}, is_request & (batch.hashes != 0)
        ),
    }


def worst(slow: Frame) -> Frame:
    """The `MOST_SLOW` slowest of each hour, the slowest first; of equal ones the earliest."""
    if not length(slow):
        return slow
    order = np.lexsort((slow["endpoint"], slow["time_us"], -slow["seconds"], slow["hour"]))
    ordered = where(slow, order)
    starts = np.searchsorted(ordered["hour"], ordered["hour"], side="left")
    return where(ordered, np.arange(len(order)) - starts < MOST_SLOW)


def _slow(
    batch: Batch, hour: Column, seconds: npt.NDArray[np.float64], rows: npt.NDArray[np.intp]
) -> Frame:
    columns = {
        "hour": hour, "time_us": batch.time_us,
        "seconds": seconds, "endpoint": batch.codes["endpoint"],
    }  # fmt: skip
    return worst(where(columns, rows))


def _amounts(batch: Batch) -> Frame:
    """What can be added up of the numbers that a log may have."""
    found: Frame = {}
    for name, values in batch.amounts.items():
        is_there = (values >= 0) & (values < np.inf)
        if name == "first_token_seconds":
            found["first_token_ns"] = np.where(is_there, np.rint(values * NANOSECONDS), 0)
            found["first_tokens"] = is_there
        elif name in ("tokens_input", "tokens_output"):
            found[name] = np.where(is_there, np.rint(values), 0)
        elif name == "batch_size":
            found["batch_items"] = np.where(is_there, np.rint(values), 0)
            found["batches"] = is_there
            limit = batch.amounts.get("batch_limit")
            if limit is not None:
                found["full_batches"] = is_there & (values >= limit)
    for name, flag in (("cache_hits", HIT), ("cache_misses", MISS)):
        if (is_so := (batch.flags & flag) != 0).any():
            found[name] = is_so
    return found


def _highs(
    batch: Batch, seconds: npt.NDArray[np.float64], is_timed: npt.NDArray[np.bool_]
) -> Frame:
    """Highest values; the lowest response time is the highest of the negative ones."""
    found: Frame = {
        "slowest": np.where(is_timed, seconds, -np.inf),
        "fastest": np.where(is_timed, -seconds, -np.inf),
    }
    in_flight = batch.amounts.get("in_flight")
    if in_flight is not None:
        found["in_flight"] = np.where(in_flight >= 0, in_flight, -np.inf)
    return found


def _buckets(seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
    """`quantiles.bucket` of each."""
    with np.errstate(divide="ignore"):
        found = np.ceil(np.log(seconds) / quantiles.LOG_GROWTH)
    return np.clip(found, quantiles.LOWEST, quantiles.HIGHEST).astype(np.int16)


def _hours(minute: npt.NDArray[np.int32], zone: ZoneInfo) -> npt.NDArray[np.int32]:
    """The minute in which the hour by the clocks of `zone` began."""
    past = minute % 60
    if _has_odd_hours(zone):
        quarters, index = np.unique(minute // 15, return_inverse=True)
        past = (minute + np.array([_shift(int(q), zone) for q in quarters])[index]) % 60
    return (minute - past).astype(np.int32)


@lru_cache
def _has_odd_hours(zone: ZoneInfo) -> bool:
    """Whether its hours ever begin in the middle of an hour of UTC."""
    months = range(0, 130 * 365 * 96, 30 * 96)
    return any(_shift(quarter, zone) for quarter in months)


@lru_cache(maxsize=4096)
def _shift(quarter: int, zone: ZoneInfo) -> int:
    """The minutes by which the hours of `zone` are ahead of UTC's, in a quarter since 1970."""
    offset = times.moment(quarter * 15 * times.MINUTE).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) // 60 % 60 if offset else 0
