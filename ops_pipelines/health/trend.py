"""A day beside the days before it: the objective with what is left of its error budget, latency."""

import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ops_pipelines.coverage import rounded_down
from ops_pipelines.report import Finding, Severity
from ops_pipelines.settings.service import Service

SPANS = {"day": 1, "week": 7, "month": 30}
SLOWER_RATIO = 1.5
SLOWER_SECONDS = 0.1
SLOWEST = 5
LEAST_PROBES = 20
"""Of fewer the p95 is the slowest one: one hiccup of a young day."""
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trend:
    """What a comparison gives: facts, and what an operator should know of them."""

    facts: dict[str, Any]
    findings: tuple[Finding, ...]


def compare(facts: Facts, earlier: Mapping[date, Facts], day: date, service: Service) -> Trend:
    """The `day` with `facts` beside the stored reports of the days before it."""
    objective = service.monitoring.slo.availability
    spans = {
        name: _budget([facts, *_before(earlier, day, days - 1)], objective)
        for name, days in SPANS.items()
    }
    latency = _latency(facts, _before(earlier, day, SPANS["week"]))
    return Trend(
        {"objective": {"availability_ratio": objective, **spans}, "latency_beside_week": latency},
        (*_spent(spans, objective, service), *_slower(latency, facts)),
    )


def _before(earlier: Mapping[date, Facts], day: date, days: int) -> list[Facts]:
    """The facts of those of the last `days` days before `day` that have a report."""
    first = day - timedelta(days=days)
    return [report["facts"] for other, report in earlier.items() if first <= other < day]


def _budget(days: list[Facts], objective: float) -> dict[str, Any]:
    """Availability over those `days` of which anything is known, and what is left of its budget.

    The error budget is the time that may be unhealthy: (1 - objective) of the known time (Google,
    Site Reliability Workbook, chapter 2), of which a share is left. Below 0 it is overspent.
    """
    seconds = {status: sum(day["seconds"][status] for day in days) for status in days[0]["seconds"]}
    known = sum(seconds.values()) - seconds["unknown"]
    if not known:
        return {"availability_ratio": None, "budget_left_ratio": None, "days": len(days)}
    bad = seconds["unhealthy"] / known
    return {
        "availability_ratio": rounded_down(1 - bad),
        "budget_left_ratio": rounded_down(1 - bad / (1 - objective), 4),
        "days": sum(day["seconds"]["unknown"] < sum(day["seconds"].values()) for day in days),
    }


def _latency(facts: Facts, week: list[Facts]) -> list[dict[str, Any]]:
    """The slowest components, the slowest first, each beside its median day of the week before."""
    found = []
    for name, component in facts["components"].items():
        if component["latency_seconds"] is not None:
            now = component["latency_seconds"]["p95"]
            past = [p95 for day in week if (p95 := _p95(day, name)) is not None]
            usual = round(statistics.median(past), 6) if past else None
            found.append({"component": name, "p95_seconds": now, "week_p95_seconds": usual})
    return sorted(found, key=lambda entry: -float(entry["p95_seconds"]))[:SLOWEST]


def _p95(day: Facts, name: str) -> float | None:
    latency = day["components"].get(name, {}).get("latency_seconds")
    return latency["p95"] if latency else None


def _spent(spans: Facts, objective: float, service: Service) -> Iterable[Finding]:
    """The shortest span over a day that has overspent its budget; a day alone is no trend."""
    for name in ("week", "month"):
        left = spans[name]["budget_left_ratio"]
        if left is not None and left < 0 and spans[name]["days"] > 1:
            facts = {
                "days": spans[name]["days"],
                "availability_percent": round(spans[name]["availability_ratio"] * 100, 3),
                "objective_percent": round(objective * 100, 3),
            }
            yield Finding("health.budget_spent", Severity.WARNING, service.name, facts)
            return


def _slower(latency: Iterable[Facts], facts: Facts) -> Iterable[Finding]:
    for entry in latency:
        now, usual = entry["p95_seconds"], entry["week_p95_seconds"]
        probes = facts["components"][entry["component"]]["probes"]
        if usual is None or probes < LEAST_PROBES:
            continue
        if now > usual * SLOWER_RATIO and now - usual > SLOWER_SECONDS:
            slower = {"p95_seconds": now, "week_p95_seconds": usual}
            yield Finding("health.slower", Severity.WARNING, entry["component"], slower)
