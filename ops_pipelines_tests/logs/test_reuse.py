import math
from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.logs.reuse import reuse


def plainly(asked: list[tuple[int, int]]) -> Counter[tuple[float, float]]:
    """The same, question by question."""
    found: Counter[tuple[float, float]] = Counter()
    ordered = sorted(asked)
    for place, (time_us, question) in enumerate(ordered):
        before = [p for p in range(place) if ordered[p][1] == question]
        if not before:
            found[-1.0, 0.0] += 1
            continue
        between = len({q for _, q in ordered[before[-1] + 1 : place]})
        found[(time_us - ordered[before[-1]][0]) / 1e6, between] += 1
    return found


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 6)), min_size=1, max_size=60))
def test_gaps_and_questions_between_are_as_when_counted_one_by_one(
    asked: list[tuple[int, int]],
) -> None:
    table = reuse(
        {
            "time_us": np.array([time for time, _ in asked]),
            "hash": np.array([question for _, question in asked], np.uint64),
        }
    )
    found = list(zip(table["gap_seconds"], table["distinct_between"], table["count"], strict=True))
    expected: Counter[tuple[int | None, int | None]] = Counter()
    for (gap, between), count in plainly(asked).items():
        step = (
            None
            if gap < 0
            else 0
            if gap == 0
            else max(0, math.ceil(4 * math.log2(gap / 1e-3) - 1e-9))
        )
        expected[
            step if gap else -1, math.ceil(4 * math.log2(between) - 1e-9) if between else None
        ] += count
    assert sum(count for *_, count in found) == len(asked)
    seen: Counter[tuple[int | None, int | None]] = Counter()
    for gap, between, count in found:
        step = None if gap < 0 else -1 if gap == 0 else round(4 * math.log2(gap / 1e-3))
        seen[step, round(4 * math.log2(between)) if between else None] += int(count)
    assert seen == expected


def test_a_bound_is_never_below_its_value_and_less_than_a_fifth_above() -> None:
    gaps = [1, 2, 3, 10, 59, 3600]
    times = np.cumsum([0, *gaps]) * 1_000_000
    table = reuse({"time_us": times, "hash": np.ones(len(times), np.uint64)})
    bounds = [gap for gap in table["gap_seconds"] if gap >= 0]
    assert len(bounds) == len(gaps)
    for gap, bound in zip(gaps, bounds, strict=True):
        assert gap <= bound * (1 + 1e-9) < gap * 1.19 * (1 + 1e-9)
    assert all(left < right for left, right in pairwise(bounds))
