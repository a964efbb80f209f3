"""The report of a day of the log: its figures, its account, and what an operator should know."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from ops_pipelines.logs import comparison, hourly, summary
from ops_pipelines.logs.answer import CONTINUATION, rejected_ratio
from ops_pipelines.logs.days import Day
from ops_pipelines.report import Finding, Reason, Report, Severity
from ops_pipelines.settings.logs import Logs
from ops_pipelines.settings.service import Service
from ops_pipelines.window import day_window

CODE_VERSION = "1"
"""Goes up when the same day gives another report."""
ASSET = "log_report"
HIGH_ERROR_RATE = 0.1
"""That of the alert HighErrorRate: one request in ten."""
LEAST_REQUESTS = 20
"""Of fewer a single failure is more than one in twenty."""
ERROR_RATE_CODES = frozenset({"logs.error_rate_high", "logs.error_rate_up"})
LATENCY_CODES = frozenset({"logs.slow", "logs.slower"})


def summarize(
    found: Day, service: Service, day: date, now: datetime, earlier: Mapping[date, Any]
) -> Report:
    """The report of `day`; `earlier` are the facts of the reports of the days before it."""
    window = day_window(day, service.zone)
    complete = is_closed(service, day, now)
    facts = {
        **summary.facts(found.rollup, service.zone),
        "slow_seconds": settings_of(service).slow_seconds,
        "lines": dict(found.lines),
        "rejected_ratio": round(rejected_ratio(found.lines), 9),
        "hours": [hour.row(service.zone) for hour in hourly.hours(found.rollup)],
    }
    beside = comparison.compare(facts, earlier, day, complete=complete)
    return Report(
        service=service.name,
        asset=ASSET,
        window=window,
        complete=complete,
        made_at=now,
        facts={**facts, "comparison": beside.facts},
        findings=(
            *_of_lines(found.lines, settings_of(service), complete=complete),
            *_of_limits(facts, service),
            *beside.findings,
        ),
        inputs={"ranges": list(found.ranges), "rejected_samples": list(found.samples)},
    )


def settings_of(service: Service) -> Logs:
    """The `logs` section of a service that has one."""
    assert service.logs is not None  # noqa: S101 - only such services come here
    return service.logs


def is_closed(service: Service, day: date, now: datetime) -> bool:
    """Whether `day` has ended, and the time for late lines as well."""
    late = timedelta(minutes=settings_of(service).late_minutes)
    return day_window(day, service.zone).end + late <= now


def _of_lines(lines: Mapping[str, Any], logs: Logs, *, complete: bool) -> Iterator[Finding]:
    rejected = Counter(lines["rejected"])
    if not lines["read"]:
        severity = Severity.WARNING if complete else Severity.INFO
        yield Finding("logs.quiet_day", severity, "log")
    elif (ratio := rejected_ratio(lines)) > logs.max_rejected_ratio:
        del rejected[CONTINUATION]
        worst = Reason(f"logs.reason_{max(rejected, key=rejected.__getitem__)}")
        told = {
            "rejected": rejected.total(), "lines": lines["read"],
            "ratio": round(ratio, 6), "reason": worst.stored(),
        }  # fmt: skip
        severity = Severity.WARNING if lines["accepted"] else Severity.CRITICAL
        yield Finding("logs.too_many_rejected", severity, "log", told)


def _of_limits(facts: Mapping[str, Any], service: Service) -> Iterator[Finding]:
    """What is too much whatever other days were like."""
    if facts["total_requests"] < LEAST_REQUESTS:
        return
    if facts["error_rate"] > HIGH_ERROR_RATE:
        told = {"rate": facts["error_rate"], "limit": HIGH_ERROR_RATE}
        yield Finding("logs.error_rate_high", Severity.WARNING, "log", told)
    limit, p95 = service.monitoring.slo.latency_seconds, facts["quantiles"]["p95"]
    if p95 is not None and p95 > limit:
        told = {"p95_seconds": p95, "limit_seconds": limit}
        yield Finding("logs.slow", Severity.WARNING, "log", told)
