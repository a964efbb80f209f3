import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.quantiles import quantile, summary

values = st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=200)


@given(values, st.floats(0, 1))
def test_a_quantile_is_the_one_that_numpy_finds(found: list[float], point: float) -> None:
    expected = float(np.quantile(found, point))
    assert quantile(sorted(found), point) == pytest.approx(expected, rel=1e-12, abs=1e-3)


@given(values)
def test_a_summary_is_the_same_whatever_the_order(found: list[float]) -> None:
    assert summary(found) == summary(found[::-1])


@given(values)
def test_quantiles_grow_and_stay_between_the_extremes(found: list[float]) -> None:
    points = summary(found)
    assert points is not None
    in_order = [min(found), points["p50"], points["p95"], points["p99"], max(found)]
    assert in_order == pytest.approx(sorted(in_order), rel=1e-12)


def test_the_median_of_two_values_lies_between_them() -> None:
    assert summary([1.0, 3.0]) == pytest.approx({"p50": 2.0, "p95": 2.9, "p99": 2.98})


def test_of_one_value_every_quantile_is_that_value() -> None:
    assert summary([0.25]) == {"p50": 0.25, "p95": 0.25, "p99": 0.25}


def test_no_values_have_no_quantiles() -> None:
    assert summary([]) is None
