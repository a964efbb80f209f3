"""What the UI shows of a round and of a report: tables, and asset checks."""

from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from ops_pipelines.defs.events import check_severity, table
from ops_pipelines.health.guide import of_round
from ops_pipelines.health.probe import overall
from ops_pipelines.health.sampler import Sampled
from ops_pipelines.language import _
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import samples


def component_row(entry: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """One component of a report, as a row."""
    name, facts = entry
    latency = facts["latency_seconds"] or {}
    return {
        _("component"): name,
        _("status"): _(facts["status"]),
        _("availability"): _percent(facts["availability_ratio"]),
        _("coverage"): _percent(facts["coverage_ratio"]),
        "p50 (s)": latency.get("p50"),
        "p95 (s)": latency.get("p95"),
        "p99 (s)": latency.get("p99"),
        _("last check"): facts["last_check"],
    }


def incident_row(incident: dict[str, Any], service: Service) -> dict[str, Any]:
    """One incident of a report, as a row."""
    start, end = (
        datetime.fromisoformat(time).astimezone(service.zone).isoformat(timespec="minutes")
        if time
        else _("it lasts")
        for time in (incident["start"], incident["end"])
    )
    reason = Reason.restored(incident["worst"]["reason"])
    return {
        _("component"): incident["name"],
        _("from"): start,
        _("until"): end,
        _("status"): _(str(incident["status"])),
        _("error"): str(reason) if reason else "",
    }


def _percent(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio * 100:.2f} %"


def round_metadata(sampled: Sampled) -> dict[str, Any]:
    """A round as metadata."""
    form = of_round(sampled.round, sampled.service)
    return {
        _("status"): _(form["overall_status"]),
        _("components"): table(
            {
                _("component"): name,
                _("status"): _(component["status"]),
                _("response time (s)"): component["response_time"],
                _("error"): component["error"],
            }
            for name, component in form["components"].items()
        ),
    }


def is_healthy(sampled: Sampled) -> dg.AssetCheckResult:
    """Whether all components were healthy in a round."""
    status = overall(sampled.round.readings, sampled.service)
    return dg.AssetCheckResult(
        check_name="service_is_healthy",
        asset_key=dg.AssetKey([sampled.service.key, "health_samples"]),
        passed=status is Status.HEALTHY,
        severity=check_severity(status),
        metadata=round_metadata(sampled),
    )


def is_fresh(service: Service, now: datetime) -> dg.AssetCheckResult:
    """Judged before a round is made by hand; without any sample yet there is nothing to judge."""
    newest = max((s["at"] for s in samples.newest(service.samples_folder)), default=None)
    age = (now - datetime.fromisoformat(newest)) if newest else timedelta()
    limit = timedelta(seconds=2 * service.health.interval_seconds + 60)
    return dg.AssetCheckResult(
        check_name="samples_are_fresh",
        asset_key=dg.AssetKey([service.key, "health_samples"]),
        passed=age <= limit,
        severity=dg.AssetCheckSeverity.WARN,
        description=_("The last round was {age} s ago, wanted at most {limit} s.").format(
            age=round(age.total_seconds()), limit=round(limit.total_seconds())
        ),
        metadata={"age_seconds": round(age.total_seconds(), 1)},
    )
