"""What the core says, in the form in which the Dagster UI shows it."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import dagster as dg

from ops_pipelines.config.difference import Change
from ops_pipelines.language import _
from ops_pipelines.report import Finding, Severity, Status

OWNERS = ["team:ops"]


def days_of(service_timezone: str, first: date) -> dg.DailyPartitionsDefinition:
    """Day partitions in a service's timezone, the current day included."""
    return dg.DailyPartitionsDefinition(
        start_date=first.isoformat(), timezone=service_timezone, end_offset=1
    )


def picture(svg: str) -> dg.MarkdownMetadataValue:
    """A figure. The UI draws it behind a "[Show Markdown]" link."""
    encoded = base64.b64encode(svg.encode()).decode()
    return dg.MetadataValue.md(f"![](data:image/svg+xml;base64,{encoded})")


def table(rows: Iterable[Mapping[str, Any]]) -> dg.TableMetadataValue:
    """Rows that show at a glance; the columns are those of the first row."""
    records = [
        dg.TableRecord({key: "" if cell is None else cell for key, cell in row.items()})
        for row in rows
    ]
    columns = [
        dg.TableColumn(name, "string" if isinstance(cell, str) else "float")
        for name, cell in (records[0].data.items() if records else {})
    ]
    return dg.MetadataValue.table(records, schema=dg.TableSchema(columns))


def findings_table(findings: Iterable[Finding]) -> dg.TableMetadataValue:
    """What an operator should know, the worst first."""
    return table(
        {
            _("severity"): _(str(finding.severity)),
            _("subject"): finding.subject,
            _("finding"): finding.message,
            _("what to do"): finding.action,
        }
        for finding in findings
    )


def changes_table(changes: Iterable[Change]) -> dg.TableMetadataValue:
    """What changed in configuration files; a value that is not there is an empty cell."""
    return table(
        {
            _("file"): change.file,
            _("path"): change.path,
            _("old"): _as_json(change.before),
            _("new"): _as_json(change.after),
        }
        for change in changes
    )


def _as_json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def check_severity(status: Status) -> dg.AssetCheckSeverity:
    """How a failed check of a status shows: only what is unhealthy is an error."""
    is_error = status is Status.UNHEALTHY
    return dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN


def finding_severity(severity: Severity | None) -> dg.AssetCheckSeverity:
    """How a failed check of findings shows: only a critical one is an error."""
    is_error = severity is Severity.CRITICAL
    return dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN
