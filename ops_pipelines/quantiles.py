"""Quantiles of measured values."""

from collections.abc import Iterable, Sequence

POINTS = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


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
