"""A day beside the days before it: the objective's error budget, and what got slower."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.health.trend import Trend, compare
from ops_pipelines.report import Severity
from ops_pipelines.settings.service import Service

DAY = date(2026, 11, 24)
SERVICE = Service.model_validate(
    {
        "name": "rag",
        "base_url": "http://127.0.0.1:1",
        "monitoring": {"slo": {"availability": 0.99}},
    },
    context={"folder": "/nowhere/services"},
)


def facts(
    unhealthy: float = 0, unknown: float = 0, p95: float | None = 0.1, probes: int = 1440
) -> dict[str, Any]:
    """A day of so many unhealthy and unknown seconds, whose component answered in `p95`."""
    healthy = 86_400 - unhealthy - unknown
    return {
        "seconds": {
            "healthy": healthy, "degraded": 0, "unknown": unknown, "unhealthy": unhealthy,
        },
        "components": {
            "llm": {"latency_seconds": None if p95 is None else {"p95": p95}, "probes": probes}
        },
    }  # fmt: skip


def beside(today: Mapping[str, Any], *before: Mapping[str, Any] | None) -> Trend:
    """`today` beside the days before it, the newest first; None is a day without a report."""
    days = (DAY - timedelta(days=back) for back in range(1, len(before) + 1))
    earlier = {day: {"facts": f} for day, f in zip(days, before, strict=True) if f}
    return compare(today, earlier, DAY, SERVICE)


def budget(found: Trend, span: str) -> tuple[Any, Any, int]:
    told = found.facts["objective"][span]
    return told["availability_ratio"], told["budget_left_ratio"], told["days"]


# The error budget


def test_a_day_without_trouble_has_its_whole_budget() -> None:
    assert budget(beside(facts()), "day") == (1.0, 1.0, 1)


def test_half_a_percent_of_trouble_is_half_of_the_budget_of_99_percent() -> None:
    assert budget(beside(facts(unhealthy=432)), "day") == (0.995, 0.5, 1)


def test_more_trouble_than_allowed_is_below_zero() -> None:
    assert budget(beside(facts(unhealthy=864 * 3)), "day") == (0.97, -2.0, 1)


def test_unknown_time_is_neither_good_nor_bad() -> None:
    assert budget(beside(facts(unhealthy=432, unknown=43_200)), "day") == (0.99, 0.0, 1)


def test_a_day_of_which_nothing_is_known_has_no_budget() -> None:
    assert budget(beside(facts(unknown=86_400)), "day") == (None, None, 1)


def test_a_week_and_a_month_count_the_days_that_have_a_report() -> None:
    found = beside(facts(), *[facts(unhealthy=864)] * 6, *[facts()] * 30)
    assert budget(found, "day")[1:] == (1.0, 1)
    assert budget(found, "week")[1:] == (pytest.approx(1 / 7, abs=1e-3), 7)
    assert budget(found, "month")[1:] == (0.8, 30)
    assert budget(beside(facts(), None, facts(), None), "week")[2] == 2


@given(st.lists(st.floats(0, 86_400), min_size=1, max_size=7))
def test_the_week_is_the_sum_of_its_days(unhealthy: list[float]) -> None:
    today, *before = [facts(unhealthy=seconds) for seconds in unhealthy]
    wanted = 1 - sum(unhealthy) / 86_400 / len(unhealthy)
    assert budget(beside(today, *before), "week")[0] == pytest.approx(wanted, abs=2e-6)


def test_a_budget_that_is_overspent_is_a_finding_of_the_shortest_span() -> None:
    found = beside(facts(), *[facts(unhealthy=2000)] * 29).findings
    assert [(f.code, f.severity, f.facts) for f in found] == [
        (
            "health.budget_spent",
            Severity.WARNING,
            {"days": 7, "availability_percent": 98.016, "objective_percent": 99.0},
        )
    ]


def test_an_old_trouble_spends_the_month_alone() -> None:
    found = beside(facts(), *[facts()] * 10, facts(unhealthy=86_400)).findings
    assert [(f.code, f.facts["days"]) for f in found] == [("health.budget_spent", 12)]


def test_one_day_alone_is_no_trend() -> None:
    assert beside(facts(unhealthy=50_000)).findings == ()
    before_it_was_looked_after = facts(unknown=86_400)
    found = beside(facts(unhealthy=50_000), before_it_was_looked_after)
    assert (budget(found, "week")[2], found.findings) == (1, ())


# Latency


def test_the_slowest_components_stand_beside_their_median_day_of_the_week() -> None:
    found = beside(facts(p95=0.2), *[facts(p95=s) for s in (0.1, 0.3, 9.0)], facts(p95=None))
    assert found.facts["latency_beside_week"] == [
        {"component": "llm", "p95_seconds": 0.2, "week_p95_seconds": 0.3}
    ]


@pytest.mark.parametrize(
    ("p95", "usual", "probes", "is_slower"),
    [
        (1.6, 1.0, 1440, True),
        (1.4, 1.0, 1440, False),  # less than half slower
        (0.09, 0.01, 1440, False),  # nine times slower, and nobody notices
        (0.5, 0.1, 19, False),  # too few probes for a p95
        (0.5, 0.1, 20, True),
        (0.5, None, 1440, False),
    ],
)
def test_slower_is_by_half_and_by_a_tenth_of_a_second(
    p95: float, usual: float | None, probes: int, *, is_slower: bool
) -> None:
    found = beside(facts(p95=p95, probes=probes), facts(p95=usual)).findings
    assert [f.code for f in found] == ["health.slower"] * is_slower
    if is_slower:
        assert found[0].facts == {"p95_seconds": p95, "week_p95_seconds": usual}


def test_days_of_more_than_a_week_ago_are_not_usual_any_more() -> None:
    found = beside(facts(p95=2.0), *[None] * 7, facts(p95=0.1))
    assert found.facts["latency_beside_week"][0]["week_p95_seconds"] is None


def test_a_component_that_is_new_has_no_usual_latency() -> None:
    before = facts()
    before["components"] = {}
    assert beside(facts(p95=5), before).findings == ()
