"""What changed against yesterday and the same weekday: each change, and what is none."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from ops_pipelines.logs.comparison import compare
from ops_pipelines.report import Severity

DAY = date(2026, 11, 24)
YESTERDAY, WEEK_AGO = DAY - timedelta(days=1), DAY - timedelta(days=7)


def model(requests: int, rate: float = 0.01, p50: float = 0.5, p95: float = 2.0) -> dict[str, Any]:
    quantiles = {"p50": p50, "p95": p95}
    return {"requests": requests, "error_rate": rate, "quantiles": quantiles}


def facts(
    requests: int = 10_000,
    rate: float | None = 0.01,
    p50: float | None = 0.5,
    p95: float | None = 2.0,
    errors: dict[str, int] | None = None,
    models: dict[str, Any] | None = None,
) -> dict[str, Any]:
    errors = {"timeout": 100} if errors is None else errors
    return {
        "total_requests": requests,
        "error_count": sum(errors.values()),
        "error_rate": rate,
        "error_types": errors,
        "quantiles": {"p50": p50, "p95": p95},
        "breakdown": {"models": models or {}},
    }


def codes(
    now: dict[str, Any],
    *,
    complete: bool = True,
    yesterday: dict[str, Any] | None = None,
    week_ago: dict[str, Any] | None = None,
) -> list[tuple[str, str]]:
    if yesterday is week_ago is None:
        yesterday = week_ago = facts()
    past = {day: found for day, found in ((YESTERDAY, yesterday), (WEEK_AGO, week_ago)) if found}
    found = compare(now, past, DAY, complete=complete).findings
    return [(finding.code, finding.subject) for finding in found]


def test_a_day_like_the_others_has_no_finding() -> None:
    assert codes(facts()) == []


def test_without_a_day_before_there_is_nothing_to_compare() -> None:
    found = compare(facts(errors={"new": 99}), {}, DAY, complete=True)
    assert found.findings == ()
    assert found.facts["yesterday"] is None
    assert found.facts["week_ago"] is None


def test_the_figures_of_each_day_stand_beside_one_another() -> None:
    found = compare(facts(rate=0.02), {YESTERDAY: facts(), WEEK_AGO: facts()}, DAY, complete=True)
    assert [found.facts[name]["day"] for name in ("today", "yesterday", "week_ago")] == [
        "2026-11-24", "2026-11-23", "2026-11-17",
    ]  # fmt: skip
    assert [found.facts[name]["error_rate"] for name in ("today", "yesterday")] == [0.02, 0.01]


# New error types


def test_an_error_type_that_no_day_of_the_week_had_is_new() -> None:
    now = facts(errors={"timeout": 100, "disk_full": 3})
    found = compare(now, {YESTERDAY: facts(), WEEK_AGO: facts()}, DAY, complete=True).findings
    (finding,) = found
    assert (finding.code, finding.subject) == ("logs.new_error_type", "disk_full")
    assert finding.facts == {"count": 3, "days": 2}
    assert finding.severity is Severity.WARNING


def test_two_errors_of_a_new_type_are_chance() -> None:
    assert codes(facts(errors={"timeout": 100, "disk_full": 2})) == []


def test_an_error_type_of_three_days_ago_is_not_new() -> None:
    past = {DAY - timedelta(days=3): facts(errors={"disk_full": 1}), YESTERDAY: facts()}
    now = facts(errors={"timeout": 100, "disk_full": 9})
    assert compare(now, past, DAY, complete=True).findings == ()


def test_an_error_type_of_eight_days_ago_is_new_again() -> None:
    past = {DAY - timedelta(days=8): facts(errors={"disk_full": 1}), YESTERDAY: facts()}
    now = facts(errors={"timeout": 100, "disk_full": 9})
    assert [f.code for f in compare(now, past, DAY, complete=True).findings] == [
        "logs.new_error_type"
    ]


# Error rates


def test_a_rate_that_rose_is_told_with_the_worse_of_both_days() -> None:
    past = {YESTERDAY: facts(rate=0.012), WEEK_AGO: facts(rate=0.010)}
    (finding,) = compare(facts(rate=0.03), past, DAY, complete=True).findings
    assert (finding.code, finding.subject) == ("logs.error_rate_up", "log")
    assert finding.facts == {"rate": 0.03, "usual_rate": 0.012, "usual_day": "2026-11-23"}


@pytest.mark.parametrize("usual", ["yesterday", "week_ago"])
def test_a_rate_that_one_of_both_days_had_as_well_is_none(usual: str) -> None:
    both = {"yesterday": facts(), "week_ago": facts()} | {usual: facts(rate=0.03)}
    now = facts(rate=0.03)
    assert codes(now, yesterday=both["yesterday"], week_ago=both["week_ago"]) == []


def test_a_large_rise_of_few_requests_is_chance() -> None:
    few = facts(200, 0.01)
    assert codes(facts(200, 0.03), yesterday=few, week_ago=few) == []


def test_a_sure_rise_that_nobody_would_notice_is_none() -> None:
    many = facts(10_000_000, 0.0010)
    assert codes(facts(10_000_000, 0.0020), yesterday=many, week_ago=many) == []


def test_the_model_that_fails_is_named() -> None:
    past = facts(models={"small": model(5000), "large": model(5000)})
    now = facts(rate=0.012, models={"small": model(5000), "large": model(5000, rate=0.04)})
    assert codes(now, yesterday=past, week_ago=past) == [("logs.error_rate_up", "large")]


def test_a_first_failure_after_days_without_any_is_told() -> None:
    past = facts(rate=0.0, errors={})
    now = facts(rate=0.01, errors={})
    assert codes(now, yesterday=past) == [("logs.error_rate_up", "log")]


def test_an_error_type_that_multiplied_is_told_even_where_the_rate_hides_it() -> None:
    past = facts(errors={"timeout": 100, "rate_limit": 10})
    now = facts(errors={"timeout": 100, "rate_limit": 60})
    assert codes(now, yesterday=past, week_ago=past) == [("logs.error_type_up", "rate_limit")]


def test_twice_the_errors_of_twice_the_requests_are_no_change() -> None:
    past = facts(6000, errors={"timeout": 60})
    assert codes(facts(11_000, errors={"timeout": 200}), yesterday=past) == []


# Response times


def test_a_model_that_became_slow_is_named_with_its_numbers() -> None:
    past = facts(models={"large": model(500), "small": model(500)})
    now = facts(models={"large": model(500, p95=3.5), "small": model(500)})
    found = compare(now, {YESTERDAY: past, WEEK_AGO: past}, DAY, complete=True).findings
    (finding,) = found
    assert (finding.code, finding.subject) == ("logs.slower", "large")
    assert finding.facts["seconds"] == 3.5
    assert finding.facts["usual_seconds"] == 2.0
    assert finding.facts["point"] == "p95"


def test_a_median_that_rose_below_an_old_tail_is_told() -> None:
    past = facts(models={"large": model(500)})
    now = facts(models={"large": model(500, p50=1.0)})
    assert codes(now, yesterday=past, week_ago=past) == [("logs.slower", "large")]


def test_a_model_of_few_requests_is_not_judged() -> None:
    past = facts(models={"large": model(99)})
    assert codes(facts(models={"large": model(99, p95=9)}), yesterday=past, week_ago=past) == []
    past = facts(models={"large": model(500)})
    assert codes(facts(models={"large": model(99, p95=9)}), yesterday=past, week_ago=past) == []


def test_a_rise_of_milliseconds_is_none() -> None:
    past = facts(p50=0.01, p95=0.02)
    assert codes(facts(p50=0.04, p95=0.08), yesterday=past, week_ago=past) == []


def test_a_new_model_is_compared_with_nothing() -> None:
    assert codes(facts(models={"new": model(500, rate=0.5, p95=60)})) == []


# Traffic


def test_half_the_requests_of_both_days_are_a_warning_and_twice_are_news() -> None:
    past = {YESTERDAY: facts(12_000), WEEK_AGO: facts(10_000)}
    fallen = compare(facts(4_900, errors={}), past, DAY, complete=True).findings
    risen = compare(facts(24_100), past, DAY, complete=True).findings
    assert [(f.code, f.severity, f.facts["usual"]) for f in (*fallen, *risen)] == [
        ("logs.traffic_fell", Severity.WARNING, 10_000),
        ("logs.traffic_rose", Severity.INFO, 12_000),
    ]


def test_a_sunday_is_not_compared_with_a_saturday_alone() -> None:
    now, saturday = facts(3_100, errors={}), facts(10_000)
    assert codes(now, yesterday=saturday, week_ago=facts(3_000)) == []


def test_the_traffic_of_a_day_that_goes_on_is_not_compared() -> None:
    assert codes(facts(200, errors={}), complete=False) == []
    assert codes(facts(0, None, None, None, errors={}), complete=False) == []


def test_a_day_without_any_request_has_lost_its_traffic() -> None:
    found = codes(facts(0, None, None, None, errors={}))
    assert found == [("logs.traffic_fell", "log")]


# What chance alone makes


def test_days_that_differ_by_chance_alone_hardly_ever_have_a_finding() -> None:
    """Three hundred days of 5,000 requests with 1 % failures: at most one false finding."""
    chance = random.Random(7)

    def by_chance() -> dict[str, Any]:
        failed = sum(chance.random() < 0.01 for _ in range(5000))
        times = sorted(chance.lognormvariate(-0.5, 1) for _ in range(500))
        return facts(5000, failed / 5000, times[250], times[475], {"timeout": failed})

    days = [by_chance() for _ in range(300)]
    false = [
        codes(now, yesterday=days[index - 1], week_ago=days[index - 7])
        for index, now in enumerate(days)
        if index >= 7
    ]
    assert sum(map(bool, false)) <= 1
