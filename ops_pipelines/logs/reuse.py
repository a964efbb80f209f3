"""How soon questions come again: what a cache of a given age and size would have answered."""

import numpy as np
import numpy.typing as npt

from ops_pipelines.logs.frames import Column, Frame, grouped

PER_OCTAVE = 4
"""Buckets between a number and its double: their bounds are powers of the fourth root of two."""
_MICROSECONDS = 1e6
Integers = npt.NDArray[np.int64]


def reuse(asked: Frame) -> Frame:
    """How often a question came again after so long, with so many other questions in between.

    `asked` has the time and the hash of each. A row has the upper bounds of both buckets, and how
    often that was; a question that came for the first time has the gap -1.
    """
    order = np.lexsort((asked["hash"], asked["time_us"]))
    time, hashes = asked["time_us"][order], asked["hash"][order]
    before = _before(hashes)
    again = np.flatnonzero(before >= 0)
    gap = (time[again] - time[before[again]]) / _MICROSECONDS
    between = _distinct_between(before, again)
    first = len(hashes) - len(again)
    keys = {
        "gap_seconds": np.concatenate((_bound(gap, 1e-3), [-1.0] * bool(first))),
        "distinct_between": np.concatenate((_bound(between, 1), [0.0] * bool(first))),
    }
    counts = np.concatenate((np.ones(len(again)), [float(first)] * bool(first)))
    return _counted(keys, counts)


def _before(hashes: Column) -> Integers:
    """For each question the place where it was asked before; -1 for none."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    found = np.full(len(hashes), -1, np.int64)
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    found[order[same + 1]] = order[same]
    return found


def _distinct_between(before: Integers, again: Integers) -> Integers:
    """The number of different questions between each place in `again` and the one before it.

    Those are the places `j` in between whose own place before is earlier: `before[j] < before[i]`.
    All of the `before[i] + 1` places up to there are, so that it is enough to count such places
    left of `i`; which is done for halves of growing blocks, as in a merge sort.
    """
    count = len(before)
    found = -(before[again] + 1)
    places, width = np.arange(count), count + 1
    ranks, size = before + 1, 1  # sorted within blocks of so many places
    while size < count:
        ranks = np.sort(ranks + places // size * width, kind="stable") % width
        ordered = ranks + places // size * width
        is_right = again // size % 2 == 1
        left = again[is_right] // size - 1
        wanted = before[again[is_right]] + 1 + left * width
        found[is_right] += np.searchsorted(ordered, wanted) - left * size
        size *= 2
    return found


def _bound(values: npt.NDArray[np.float64] | Integers, least: float) -> npt.NDArray[np.float64]:
    """The upper bound of each value's bucket; 0 for 0."""
    steps = np.ceil(PER_OCTAVE * np.log2(np.maximum(values, least) / least) - 1e-9)
    return np.where(values == 0, 0.0, least * 2.0 ** (steps / PER_OCTAVE))


def _counted(keys: Frame, counts: npt.NDArray[np.float64]) -> Frame:
    ranks, columns = {}, {}
    for name, values in keys.items():
        columns[name], ranks[name] = np.unique(values, return_inverse=True)
    found = grouped(ranks, {"count": counts.astype(np.int64)})
    return {**{name: columns[name][found[name]] for name in keys}, "count": found["count"]}
