"""Quantiles: of measured values, and of histograms that add up.

A histogram counts values in buckets that grow by `GROWTH`, so that any quantile of it is within
1 % of the value's true one, and two histograms are added bucket by bucket (DDSketch: Masson, Rim
and Lee, 2019, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error
guarantees").
"""

import math
from collections.abc import Iterable, Mapping, Sequence

POINTS = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
ACCURACY = 0.01
GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
LOG_GROWTH = math.log(GROWTH)
COARSE = 4
"""So many buckets are one where there are few values for each: in a minute."""
LOWEST, HIGHEST = -1400, 1400
"""The buckets of 7e-13 and 1.4e12; what is beyond counts there, and 0 in the lowest."""


def quantile(ordered: Sequence[float], point: float) -> float:
    """The value below which the share `point` of `ordered` lies.

    `ordered` is sorted and not empty. Between two values it is interpolated linearly (type 7 of
    Hyndman and Fan, 1996: the default of NumPy and R).
    """
    position = point * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def summary(values: Iterable[float]) -> dict[str, float] | None:
    """`{p50, p95, p99}` of `values`; None when there are none."""
    ordered = sorted(values)
    if not ordered:
        return None
    return {name: quantile(ordered, point) for name, point in POINTS.items()}


def bucket(value: float) -> int:
    """The bucket that counts `value`, which is not negative."""
    if value <= 0:
        return LOWEST
    return min(max(math.ceil(math.log(value) / LOG_GROWTH), LOWEST), HIGHEST)


def bucket_value(number: int) -> float:
    """The value that stands for all of a bucket: within 1 % of each."""
    return 0.0 if number <= LOWEST else 2 * GROWTH**number / (GROWTH + 1)


def coarse_value(number: int) -> float:
    """The value that stands for all of a coarse bucket: within 4 % of each."""
    growth = GROWTH**COARSE
    return (
        0.0
        if number <= LOWEST // COARSE
        else 2 * growth**number * GROWTH ** (COARSE - 1) / (growth + 1)
    )


def of_histogram(counts: Mapping[int, int], points: Mapping[str, float]) -> dict[str, float] | None:
    """The value at each of `points` of a histogram `{bucket: count}`; None when it is empty.

    It is that of the value whose rank is nearest, not interpolated.
    """
    total = sum(counts.values())
    if not total:
        return None
    ordered = sorted(counts)
    found = {}
    for name, point in points.items():
        rank = math.floor(point * (total - 1) + 0.5)
        passed = 0
        for number in ordered:
            passed += counts[number]
            if passed > rank:
                found[name] = bucket_value(number)
                break
    return found
