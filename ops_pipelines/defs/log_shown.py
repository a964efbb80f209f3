"""What the UI shows of the files of a log, of a day's rollup and of its report; and the checks."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import dagster as dg

from ops_pipelines.defs.days import Made
from ops_pipelines.defs.events import findings_table, picture, table
from ops_pipelines.language import _
from ops_pipelines.logs import day_tables, hourly, plot, reports
from ops_pipelines.logs.answer import rejected_ratio
from ops_pipelines.logs.day_report import ERROR_RATE_CODES, LATENCY_CODES, settings_of
from ops_pipelines.logs.history import History
from ops_pipelines.logs.observed import Seen
from ops_pipelines.logs.reports import StoredDay
from ops_pipelines.messages import say
from ops_pipelines.settings.service import Service
from ops_pipelines.window import day_window

MOST_ROWS = 20
MOST_FILES = 100


def files_metadata(service: Service, seen: Seen) -> dict[str, Any]:
    """The files of a log, the newest first."""
    newest = sorted(seen.files, key=lambda file: file.modified, reverse=True)
    return {
        "file_count": len(seen.files),
        "total_bytes": seen.size,
        _("files"): table(
            {
                _("file"): file.source.name,
                _("bytes"): file.source.size,
                _("first line"): _local(file.first, service),
                _("modified"): _local(file.modified, service),
                _("bytes an hour"): round(file.bytes_per_hour or 0),
            }
            for file in newest[:MOST_FILES]
        ),
        **_unread(seen.failed, _("not read")),
        **_unread(seen.skipped, _("left out")),
    }


def made(
    service: Service, day: date, stored: StoredDay, history: History, *, is_late: bool
) -> list[Made]:
    """The rollup and the report of a day, with what the UI shows of them."""
    why = {_("why it was kept"): str(stored.kept)} if stored.kept else {}
    common = {**why, "kept": bool(stored.kept), "late": is_late}
    return [
        Made(
            dg.AssetKey([service.key, "log_rollup"]),
            day_tables.version_of(stored.day),
            {**_rollup_metadata(service, day, stored, history), **common},
            (_are_accounted_for(service, stored),),
        ),
        Made(
            dg.AssetKey([service.key, "log_report"]),
            stored.document["data_version"],
            {**_report_metadata(service, day, stored), **common},
            (
                _is_normal(service, stored, "error_rate_is_normal", ERROR_RATE_CODES, "error_rate"),
                _is_normal(service, stored, "latency_is_normal", LATENCY_CODES, "p95"),
            ),
        ),
    ]


def _rollup_metadata(
    service: Service, day: date, stored: StoredDay, history: History
) -> dict[str, Any]:
    return {
        **_lines(stored.day.lines),
        _("rejected"): _rejected(stored.day.lines),
        _("rejected lines"): table(_samples(stored.day.samples)),
        _("read from"): table(
            {
                _("file"): span.get("name", span["content"]),
                _("from byte"): span["start"],
                _("to byte"): span["end"],
            }
            for span in stored.day.ranges[:MOST_ROWS]
        ),
        **({"lines_of_no_day": history.undated.total()} if history.undated else {}),
        **_unread(history.failed, _("not read")),
        _("file"): dg.MetadataValue.path(day_tables.path(service, day)),
    }


def _report_metadata(service: Service, day: date, stored: StoredDay) -> dict[str, Any]:
    facts = stored.document["facts"]
    quantiles = facts["quantiles"]
    numbers = {
        "total_requests": facts["total_requests"],
        "error_count": facts["error_count"],
        "error_rate": facts["error_rate"],
        "avg_response_time": facts["avg_response_time"],
        **{name: quantiles[name] for name in ("p50", "p95", "p99")},
        "slow_request_count": facts["slow_request_count"],
    }
    figure = plot.day(hourly.hours(stored.day.rollup), day_window(day, service.zone), service)
    return {
        **{name: value for name, value in numbers.items() if value is not None},
        _("findings"): findings_table(stored.findings),
        _("beside other days"): table(_days(facts["comparison"])),
        **{
            title: table(_breakdown(facts["breakdown"][name]))
            for title, name in ((_("endpoints"), "endpoints"), (_("models"), "models"))
            if facts["breakdown"][name]
        },
        _("errors"): table(
            {_("type"): name, _("count"): count}
            for name, count in list(facts["error_types"].items())[:MOST_ROWS]
        ),
        _("day"): picture(figure),
        _("file"): dg.MetadataValue.path(reports.path(service, day)),
        "complete": stored.document["complete"],
    }


def _are_accounted_for(service: Service, stored: StoredDay) -> dg.AssetCheckResult:
    lines = stored.day.lines
    ratio, most = rejected_ratio(lines), settings_of(service).max_rejected_ratio
    said = lines["accepted"] + lines["outside_window"] + sum(lines["rejected"].values())
    return dg.AssetCheckResult(
        check_name="lines_are_accounted_for",
        asset_key=dg.AssetKey([service.key, "log_rollup"]),
        passed=lines["read"] == said and ratio <= most,
        severity=dg.AssetCheckSeverity.ERROR,
        description=_("{ratio:.2%} of lines were rejected, wanted at most {most:.2%}.").format(
            ratio=ratio, most=most
        ),
        metadata={
            **_lines(lines),
            _("rejected"): _rejected(lines),
            _("rejected lines"): table(_samples(stored.day.samples)),
        },
    )


def _is_normal(
    service: Service, stored: StoredDay, name: str, codes: Collection[str], figure: str
) -> dg.AssetCheckResult:
    found = [finding for finding in stored.findings if finding.code in codes]
    facts = stored.document["facts"]
    value = facts["quantiles"].get(figure, facts.get(figure))
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=dg.AssetKey([service.key, "log_report"]),
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(finding.message for finding in found) or None,
        metadata={
            **({} if value is None else {figure: value}),
            _("findings"): findings_table(found),
        },
    )


def _lines(lines: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "lines_read": lines["read"],
        "lines_accepted": lines["accepted"],
        "lines_rejected": sum(lines["rejected"].values()),
        "rejected_ratio": rejected_ratio(lines),
    }


def _rejected(lines: Mapping[str, Any]) -> dg.TableMetadataValue:
    return table(
        {_("reason"): say(f"logs.reason_{reason}", {}), _("lines"): count}
        for reason, count in lines["rejected"].items()
    )


def _samples(samples: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for sample in list(samples)[:MOST_ROWS]:
        yield {
            _("place"): f"{sample['file']}:{sample['line']}",
            _("reason"): say(f"logs.reason_{sample['reason']}", {}),
            _("text"): sample["text"],
        }


def _days(comparison: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for figures in filter(None, comparison.values()):
        yield {
            _("day"): figures["day"],
            _("requests"): figures["total_requests"],
            _("errors"): figures["error_count"],
            _("error rate"): _percent(figures["error_rate"]),
            "p50 (s)": figures["p50"],
            "p95 (s)": figures["p95"],
        }


def _breakdown(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, facts in list(found.items())[:MOST_ROWS]:
        yield {
            _("name"): name,
            _("requests"): facts["requests"],
            _("errors"): facts["error_count"],
            _("error rate"): _percent(facts["error_rate"]),
            "p50 (s)": facts["quantiles"]["p50"],
            "p95 (s)": facts["quantiles"]["p95"],
        }


def _unread(found: Mapping[str, Any], title: str) -> dict[str, Any]:
    rows = [{_("file"): name, _("reason"): str(reason)} for name, reason in found.items()]
    return {title: table(rows)} if rows else {}


def _percent(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio * 100:.2f} %"


def _local(moment: Any, service: Service) -> str:
    return moment.astimezone(service.zone).isoformat(timespec="seconds") if moment else ""
