"""A day of the log beside yesterday and the same weekday of last week: what changed, in numbers.

A change is told when it is large *and* not chance, against both days where both are there: so the
rhythm of a week is no finding, and the second day of a trouble is none either.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from ops_pipelines.report import Finding, Severity

Facts = Mapping[str, Any]
DAYS_BACK = {"yesterday": 1, "week_ago": 7}
LOOK_BACK_DAYS = 7
"""An error type is new when none of so many days had it."""
LEAST_REQUESTS = 100
"""Of fewer the p95 is one of the five slowest, and a rate moves by whole percents by chance."""
LEAST_NEW_ERRORS = 3
"""One or two errors of a new type may be a typing error of one client."""
LEAST_ERRORS = 10
CHANCE_SIGMA = 4.0
"""Standard deviations: by chance one day in 30,000; log traffic comes in bursts, so not fewer."""
RATE_RATIO, RATE_SHARE = 1.5, 0.005
"""An error rate has gone up when it is half as much again, and by half a percent of requests."""
TYPE_RATIO = 3.0
SLOWER_RATIO, SLOWER_SECONDS = 1.5, 0.1
"""As in health reports: half as long again, and by a tenth of a second that people notice."""
TRAFFIC_RATIO = 2.0
POINTS = ("p95", "p50")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison gives: figures of each day, and what an operator should know of them."""

    facts: dict[str, Any]
    findings: tuple[Finding, ...]


class Past(NamedTuple):
    """A figure of an earlier day."""

    day: date
    value: float


def compare(
    facts: Facts, earlier: Mapping[date, Facts], day: date, *, complete: bool
) -> Comparison:
    """The `day` with `facts` (`summary.facts`) beside those of the days before it.

    Of a day that is not complete the traffic is not compared.
    """
    days = {name: day - timedelta(days=back) for name, back in DAYS_BACK.items()}
    beside = {past: earlier[past] for past in days.values() if past in earlier}
    recent = [earlier[past] for past in earlier if timedelta() < day - past <= _LOOK_BACK]
    found = (
        *_new_error_types(facts, recent),
        *_more_errors(facts, beside),
        *_error_types_up(facts, beside),
        *_slower(facts, beside),
        *(_traffic(facts, beside) if complete else ()),
    )
    shown = {name: _figures(past, earlier.get(past)) for name, past in days.items()}
    return Comparison({"today": _figures(day, facts), **shown}, found)


_LOOK_BACK = timedelta(days=LOOK_BACK_DAYS)


def _figures(day: date, facts: Facts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    return {
        "day": day.isoformat(),
        "total_requests": facts["total_requests"],
        "error_count": facts["error_count"],
        "error_rate": facts["error_rate"],
        "p50": facts["quantiles"]["p50"],
        "p95": facts["quantiles"]["p95"],
    }


def _new_error_types(facts: Facts, recent: list[Facts]) -> Iterator[Finding]:
    known = {name for past in recent for name in past["error_types"]}
    for name, count in facts["error_types"].items() if recent else ():
        if name not in known and count >= LEAST_NEW_ERRORS:
            told = {"count": count, "days": len(recent)}
            yield Finding("logs.new_error_type", Severity.WARNING, name, told)


def _more_errors(facts: Facts, beside: Mapping[date, Facts]) -> Iterator[Finding]:
    """Where more requests fail: over all, and by model."""
    for name, now in _subjects(facts).items():
        then = {day: _subjects(past).get(name) for day, past in beside.items()}
        enough = {day: past for day, past in then.items() if past and _is_enough(past)}
        if not (enough and _is_enough(now)):
            continue
        day = max(enough, key=lambda day: enough[day]["error_rate"])
        rate, usual = now["error_rate"], enough[day]["error_rate"]
        counts = (rate * now["requests"], now["requests"])
        pasts = (usual * enough[day]["requests"], enough[day]["requests"])
        is_large = rate >= RATE_RATIO * usual and rate - usual >= RATE_SHARE
        if is_large and _is_no_chance(counts, pasts):
            told = {"rate": rate, "usual_rate": usual, "usual_day": day.isoformat()}
            yield Finding("logs.error_rate_up", Severity.WARNING, name, told)


def _error_types_up(facts: Facts, beside: Mapping[date, Facts]) -> Iterator[Finding]:
    """Which errors come far more often, for each request."""
    requests = facts["total_requests"]
    for name, count in facts["error_types"].items():
        pasts = {
            day: (past["error_types"].get(name, 0), past["total_requests"])
            for day, past in beside.items()
            if past["total_requests"] >= LEAST_REQUESTS
        }
        if not pasts or count < LEAST_ERRORS or requests < LEAST_REQUESTS:
            continue
        day = max(pasts, key=lambda day: pasts[day][0] / pasts[day][1])
        errors, then = pasts[day]
        is_large = count / requests >= TYPE_RATIO * errors / then
        if errors and is_large and _is_no_chance((count, requests), pasts[day]):
            told = {"count": count, "usual_count": errors, "usual_day": day.isoformat()}
            yield Finding("logs.error_type_up", Severity.WARNING, name, told)


def _slower(facts: Facts, beside: Mapping[date, Facts]) -> Iterator[Finding]:
    """What takes longer: all requests, or a model; told once each, by the p95 or the median."""
    for name, now in _subjects(facts).items():
        pasts = {day: found for day, past in beside.items() if (found := _subjects(past).get(name))}
        for point in POINTS:
            usual = _highest(pasts, point)
            seconds = now["quantiles"][point]
            if usual is None or seconds is None or not _is_enough(now):
                continue
            gained = seconds - usual.value
            if seconds >= SLOWER_RATIO * usual.value and gained >= SLOWER_SECONDS:
                told = {
                    "point": point, "seconds": seconds,
                    "usual_seconds": usual.value, "usual_day": usual.day.isoformat(),
                }  # fmt: skip
                yield Finding("logs.slower", Severity.WARNING, name, told)
                break


def _highest(pasts: Mapping[date, Facts], point: str) -> Past | None:
    found = (
        Past(day, past["quantiles"][point])
        for day, past in pasts.items()
        if _is_enough(past) and past["quantiles"][point] is not None
    )
    return max(found, key=lambda past: past.value, default=None)


def _traffic(facts: Facts, beside: Mapping[date, Facts]) -> Iterator[Finding]:
    """Whether there are half, or twice, the requests of both days."""
    requests = facts["total_requests"]
    pasts = [Past(day, past["total_requests"]) for day, past in beside.items()]
    if not pasts or min(past.value for past in pasts) < LEAST_REQUESTS:
        return
    least, most = min(pasts, key=lambda p: p.value), max(pasts, key=lambda p: p.value)
    if requests * TRAFFIC_RATIO <= least.value:
        yield _moved("logs.traffic_fell", Severity.WARNING, requests, least)
    elif requests >= TRAFFIC_RATIO * most.value:
        yield _moved("logs.traffic_rose", Severity.INFO, requests, most)


def _moved(code: str, severity: Severity, requests: int, usual: Past) -> Finding:
    told = {"requests": requests, "usual": usual.value, "usual_day": usual.day.isoformat()}
    return Finding(code, severity, "log", told)


def _subjects(facts: Facts) -> dict[str, Facts]:
    """What is compared, by name: all requests, and those of each model."""
    whole = {"requests": facts["total_requests"], "error_rate": facts["error_rate"]}
    return {"log": {**whole, "quantiles": facts["quantiles"]}, **facts["breakdown"]["models"]}


def _is_enough(facts: Facts) -> bool:
    return bool(facts["requests"] >= LEAST_REQUESTS)


def _is_no_chance(now: tuple[float, float], then: tuple[float, float]) -> bool:
    """Whether `(events, requests)` are more events a request than chance makes of those of `then`.

    The difference of two Poisson rates over its standard deviation under the hypothesis that both
    are one (the score test: Gu, Ng, Tang and Schucany, 2008, "Testing the ratio of two Poisson
    rates").
    """
    (events, requests), (past_events, past_requests) = now, then
    common = (events + past_events) / (requests + past_requests)
    deviation = math.sqrt(common * (1 / requests + 1 / past_requests))
    return events / requests - past_events / past_requests > CHANCE_SIGMA * deviation
