"""Tables of small integers and numbers: rows with equal keys become one, with their sums.

A frame is a dict of equally long columns. Adding up is exact for whole numbers up to 2**53, in any
order of the rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
Frame = dict[str, Column]
Integers = npt.NDArray[np.int64]

DENSE, DENSE_SUMS = 16, 4
"""A table with a place for each possible key is faster, up to so many places for each row."""


def length(frame: Mapping[str, Column]) -> int:
    """How many rows it has."""
    return len(next(iter(frame.values()), ()))


def where(frame: Mapping[str, Column], rows: npt.NDArray[Any]) -> Frame:
    """The rows of `frame` that `rows`, a mask or places, choose."""
    return {name: column[rows] for name, column in frame.items()}


def stacked(frames: Iterable[Mapping[str, Column]], highs: Sequence[str] = ()) -> Frame:
    """One frame below the other; a column that one lacks is 0 there, or below all for `highs`."""
    frames = list(frames)
    kinds = {name: column.dtype for frame in frames for name, column in frame.items()}

    def column_of(frame: Mapping[str, Column], name: str) -> Column:
        if name in frame:
            return frame[name]
        return np.full(length(frame), -np.inf if name in highs else 0, kinds[name])

    return {name: np.concatenate([column_of(frame, name) for frame in frames]) for name in kinds}


def grouped(
    keys: Mapping[str, Column],
    sums: Mapping[str, Column],
    highs: Mapping[str, Column] | None = None,
) -> Frame:
    """A row for each distinct row of `keys`, in their order: with sums, and highest values."""
    kinds = {name: _sum_type(column) for name, column in sums.items()}
    packing = _packing(keys)
    if packing and packing.is_dense(length(keys), DENSE_SUMS):
        packed = _packed(keys, packing)
        places = np.flatnonzero(np.bincount(packed))
        found = _unpacked(places, keys, packing)
        for name, column in sums.items():
            found[name] = np.bincount(packed, column)[places].astype(kinds[name])
        for name, column in (highs or {}).items():
            highest = np.full(packing.size, -np.inf)
            np.maximum.at(highest, packed, column)
            found[name] = highest[places]
        return found
    order, starts = _order(keys, packing)
    found = where(keys, order[starts])
    for name, column in sums.items():
        found[name] = np.add.reduceat(column[order], starts, dtype=kinds[name])
    for name, column in (highs or {}).items():
        found[name] = np.maximum.reduceat(column[order], starts)
    return found


def counted(keys: Mapping[str, Column]) -> Frame:
    """A row for each distinct row of `keys`, in their order, with their number."""
    packing = _packing(keys)
    if packing and packing.is_dense(length(keys), DENSE):
        counts = np.bincount(_packed(keys, packing))
        places = np.flatnonzero(counts)
        found = _unpacked(places, keys, packing)
        counts = counts[places]
    else:
        order, starts = _order(keys, packing)
        found = where(keys, order[starts])
        counts = np.diff(starts, append=len(order))
    found["count"] = counts.astype(np.int32)
    return found


def _sum_type(column: Column) -> npt.DTypeLike:
    return np.int32 if column.dtype == np.bool_ else column.dtype


class _Packing(NamedTuple):
    """How the keys of a row become one number: the least of each, how many, and their weight."""

    lows: Sequence[int]
    sizes: Sequence[int]
    strides: Sequence[int]
    size: int

    def is_dense(self, rows: int, most: int) -> bool:
        """Whether there are at most `most` possible numbers for each of `rows`."""
        return self.size <= most * rows + 1024


def _packing(keys: Mapping[str, Column]) -> _Packing | None:
    """None where the number would be too large."""
    lows, sizes = [], []
    for column in keys.values():
        low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
        lows.append(low)
        sizes.append(high - low + 1)
    strides = [1]
    for size in reversed(sizes[1:]):
        strides.insert(0, strides[0] * size)
    total = strides[0] * sizes[0]
    return _Packing(lows, sizes, strides, total) if total < 1 << 63 else None


def _packed(keys: Mapping[str, Column], packing: _Packing) -> Integers:
    packed = np.zeros(length(keys), np.int64)
    for column, low, stride in zip(keys.values(), packing.lows, packing.strides, strict=True):
        packed += column if stride == 1 else np.multiply(column, stride, dtype=np.int64)
        packed -= low * stride
    return packed


def _unpacked(places: Integers, keys: Mapping[str, Column], packing: _Packing) -> Frame:
    return {
        name: (places // stride % size + low).astype(column.dtype)
        for (name, column), low, size, stride in zip(
            keys.items(), packing.lows, packing.sizes, packing.strides, strict=True
        )
    }


def _order(keys: Mapping[str, Column], packing: _Packing | None) -> tuple[Integers, Integers]:
    """The rows in the order of their keys, and where in it each distinct one begins."""
    if packing is None:
        order = np.lexsort(list(keys.values())[::-1])
        columns = [column[order] for column in keys.values()]
    else:
        packed = _packed(keys, packing)
        # Frames are stacked in the order of time mostly: this sort is fast on what is sorted.
        order = np.argsort(packed, kind="stable")
        columns = [packed[order]]
    is_new = np.zeros(len(order), np.bool_)
    is_new[:1] = True
    for column in columns:
        is_new[1:] |= column[1:] != column[:-1]
    return order, np.flatnonzero(is_new)
