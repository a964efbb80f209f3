"""A day's rollup as tables to be stored, and back: with labels, times and seconds for people.

`log_rollup` counts by hour and labels; `log_latency` has histograms of response times, by hour and
endpoint, and by hour, provider and model, failures apart; `log_minutes` has a row for each minute
of the day; `log_reuse` says how soon questions came again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ops_pipelines.logs import times
from ops_pipelines.logs.frames import Frame, length, where
from ops_pipelines.logs.plan import DIMENSIONS
from ops_pipelines.logs.reuse import reuse
from ops_pipelines.logs.rollup import Rollup
from ops_pipelines.logs.tally import NANOSECONDS
from ops_pipelines.storage.arrow import pa

HOURS, LATENCY, MINUTES, REUSE = "log_rollup", "log_latency", "log_minutes", "log_reuse"
ASSETS = (LATENCY, MINUTES, REUSE, HOURS)
"""The outputs, in the order in which they are written: the one that people look at is the last."""
COUNTS = (
    *("lines", "requests", "errors", "failed", "timed", "response_ns", "slow"),
    *("tokens_input", "tokens_output", "first_tokens", "first_token_ns"),
    *("cache_hits", "cache_misses", "batches", "batch_items", "full_batches"),
)
"""What is counted by hour and labels: all lines, requests, error lines, requests that are errors,
requests with a response time and the sum of those, slow ones; and what else a log may say."""
MINUTE_COUNTS = ("requests", "errors", "load_errors", "failed", "timed", "response_ns")
_LATENCIES = {"endpoint_latency": ("endpoint",), "model_latency": ("provider", "model")}


def tables(rollup: Rollup, start_minute: int, end_minute: int) -> "dict[str, pa.Table]":
    """The tables of the day between two minutes since 1970, by the names of their outputs."""
    return {
        HOURS: _hours(rollup),
        LATENCY: _latency(rollup),
        MINUTES: _minutes(rollup, start_minute, end_minute),
        REUSE: _reuse(rollup),
    }


def restored(found: "Mapping[str, pa.Table]") -> Rollup:
    """The rollup of a day from its stored tables `HOURS` and `LATENCY`."""
    hours, latency = found[HOURS], found[LATENCY]
    labels: dict[str, list[str | None]] = {}
    codes: dict[str, dict[str | None, int]] = {}
    for name in DIMENSIONS:
        known = {value for table in found.values() if name in table.column_names
                 for value in table[name].unique().to_pylist()}  # fmt: skip
        labels[name] = [None, *sorted(known - {None})]
        codes[name] = {label: code for code, label in enumerate(labels[name])}

    def coded(table: "pa.Table", name: str) -> Any:
        return np.array([codes[name][value] for value in table[name].to_pylist()], np.int32)

    frames: dict[str, Frame] = {
        "hours": {
            "hour": _minutes_since_1970(hours["hour"]),
            **{name: coded(hours, name) for name in DIMENSIONS},
            **{name: _count(hours, name) for name in COUNTS},
        }
    }
    is_model = np.array(latency["by"].to_pylist()) == "model"
    for name, dimensions in _LATENCIES.items():
        rows = is_model if name == "model_latency" else ~is_model
        frame = {
            "hour": _minutes_since_1970(latency["hour"]),
            "failed": latency["failed"].to_numpy().astype(np.int8),
            **{dimension: coded(latency, dimension) for dimension in dimensions},
            "bucket": latency["bucket"].to_numpy(),
            "count": latency["count"].to_numpy(),
        }
        frames[name] = where(frame, rows) if length(frame) else frame
    return Rollup(frames, labels)


def _hours(rollup: Rollup) -> "pa.Table":
    return pa.table(
        {
            "hour": _moments(rollup.column("hours", "hour")),
            **{name: _labels(rollup, "hours", name) for name in DIMENSIONS},
            **_sums(rollup, "hours", COUNTS),
        }
    )


def _latency(rollup: Rollup) -> "pa.Table":
    parts = []
    for name, dimensions in _LATENCIES.items():
        count = length(rollup.tables.get(name, {}))
        by = _texts([name.removesuffix("_latency")])
        nothing = pa.nulls(count, pa.dictionary(pa.int32(), pa.string()))
        parts.append(
            pa.table(
                {
                    "by": by.take(_array(np.zeros(count), pa.int32())),
                    "hour": _moments(rollup.column(name, "hour")),
                    "failed": _array(rollup.column(name, "failed"), pa.bool_()),
                    **{
                        label: _labels(rollup, name, label) if label in dimensions else nothing
                        for label in ("endpoint", "provider", "model")
                    },
                    "bucket": _array(rollup.column(name, "bucket"), pa.int16()),
                    "count": _array(rollup.column(name, "count"), pa.int32()),
                }
            )
        )
    return pa.concat_tables(parts).unify_dictionaries()


def _minutes(rollup: Rollup, start_minute: int, end_minute: int) -> "pa.Table":
    """A row for each minute, be it without lines; histograms as lists of buckets and counts."""
    minutes = np.arange(start_minute, end_minute)
    place = rollup.column("minutes", "minute").astype(np.int64) - start_minute

    def spread(column: Any, nothing: float) -> Any:
        whole = np.full(len(minutes), nothing)
        whole[place] = column
        return whole

    columns = {"minute": _moments(minutes)}
    for name in MINUTE_COUNTS:
        columns |= _stored(name, spread(rollup.column("minutes", name), 0))
    for name, sign in (("slowest", 1), ("fastest", -1), ("in_flight", 1)):
        if name in rollup.tables.get("minutes", {}):
            high = spread(rollup.column("minutes", name), -np.inf)
            columns[name] = _array(sign * high, pa.float64(), ~np.isfinite(high))
        else:
            columns[name] = pa.nulls(len(minutes), pa.float64())
    frame = rollup.tables.get("minute_latency", {})
    at = np.searchsorted(frame.get("minute", minutes[:0]), [*minutes, end_minute])
    for name, kind in (("bucket", pa.int16()), ("count", pa.int32())):
        values = _array(frame.get(name, minutes[:0]), kind)
        columns[f"{name}s"] = pa.ListArray.from_arrays(_array(at, pa.int32()), values)
    return pa.table(columns)


def _reuse(rollup: Rollup) -> "pa.Table":
    asked = rollup.tables.get("reuse", {})
    found = reuse(asked) if length(asked) else {}
    names = {"gap_seconds": pa.float64(), "distinct_between": pa.float64(), "count": pa.int64()}
    return pa.table({n: _array(found.get(n, np.zeros(0)), kind) for n, kind in names.items()})


def _sums(rollup: Rollup, table: str, names: tuple[str, ...]) -> "dict[str, pa.Array]":
    found: dict[str, pa.Array] = {}
    for name in names:
        found |= _stored(name, rollup.column(table, name))
    return found


def _stored(name: str, column: Any) -> "dict[str, pa.Array]":
    """A column under its stored name: nanoseconds become seconds."""
    if name.endswith("_ns"):
        return {f"{name[:-3]}_seconds": _array(column / NANOSECONDS, pa.float64())}
    return {name: _array(column, pa.int64())}


def _count(table: "pa.Table", name: str) -> Any:
    if name.endswith("_ns"):
        return np.rint(table[f"{name[:-3]}_seconds"].to_numpy() * NANOSECONDS)
    return table[name].to_numpy()


def _labels(rollup: Rollup, table: str, name: str) -> "pa.Array":
    codes = rollup.column(table, name).astype(np.int32)
    indices = _array(codes - 1, pa.int32(), codes == 0)
    return pa.DictionaryArray.from_arrays(indices, _texts(rollup.labels[name][1:]))


def _moments(minutes: Any) -> "pa.Array":
    return _array(minutes.astype(np.int64) * times.MINUTE, pa.int64()).cast(
        pa.timestamp("us", tz="UTC")
    )


def _minutes_since_1970(column: "pa.ChunkedArray") -> Any:
    return column.cast(pa.int64()).to_numpy() // times.MINUTE


def _texts(labels: Sequence[str | None]) -> "pa.Array":
    encoded = [(label or "").encode(errors="backslashreplace") for label in labels]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    data = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), data)


def _array(values: Any, kind: "pa.DataType", is_null: Any = None) -> "pa.Array":
    """An array of numpy's as one of Arrow's; `pa.array` would load all of pandas for it."""

    def bits(flags: Any) -> "pa.Buffer":
        return pa.py_buffer(np.packbits(flags.astype(np.bool_), bitorder="little"))

    data = (
        bits(values)
        if pa.types.is_boolean(kind)
        else pa.py_buffer(np.ascontiguousarray(values, kind.to_pandas_dtype()))
    )
    return pa.Array.from_buffers(
        kind, len(values), [None if is_null is None else bits(~is_null), data]
    )
