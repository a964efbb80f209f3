"""A log analysis for people, in the manner of the operations guide."""

from collections.abc import Mapping, Sequence
from typing import Any

from ops_pipelines.cli import output
from ops_pipelines.language import _
from ops_pipelines.messages import say
from ops_pipelines.report import Finding, Severity

MOST_NAMES = 10
MOST_SLOW = 5
SAMPLE_WIDTH = 80


def show(document: Mapping[str, Any], findings: Sequence[Finding], slow_seconds: float) -> None:
    """Print it; what makes all figures doubtful comes first."""
    grave = [finding for finding in findings if finding.severity is Severity.CRITICAL]
    output.findings(grave)
    output.say(_("📊 Log analysis"))
    output.say("=" * 50)
    start, end = (document["window"][edge] for edge in ("start", "end"))
    output.say(_("Time: {start} – {end}").format(start=start or "-", end=end or "-"))
    for line in figures(document):
        output.say(line)
    _names(_("🔧 Providers:"), document["providers"])
    _names(_("🤖 Models:"), document["models"])
    _breakdown(document["breakdown"]["endpoints"])
    _names(_("❌ Errors by type:"), document["error_types"])
    _slow(document, slow_seconds)
    _lines(document["lines"])
    _samples(document["rejected_samples"])
    _files(document["files"])
    output.findings(finding for finding in findings if finding not in grave)


def emit(document: Mapping[str, Any], findings: Sequence[Finding], *, stream: bool) -> None:
    """Print it as one JSON document; of a stream in one line."""
    rendered = [finding.rendered() for finding in findings]
    output.emit({**document, "findings": rendered}, stream=stream)


def figures(document: Mapping[str, Any]) -> list[str]:
    """How many requests and errors there are, and how long requests took."""
    rate = document["error_rate"]
    said = [
        _("Requests: {count}").format(count=document["total_requests"]),
        _("Errors: {count}").format(count=document["error_count"]),
        _("Error rate: {rate}").format(rate="-" if rate is None else f"{rate:.2%}"),
    ]
    if document["avg_response_time"] is None:
        return said
    for text, key in (
        (_("Average response time: {seconds}"), "avg_response_time"),
        (_("Longest response time: {seconds}"), "max_response_time"),
        (_("Shortest response time: {seconds}"), "min_response_time"),
    ):
        said.append(text.format(seconds=_seconds(document[key])))
    points = "  ".join(f"{name} {_seconds(value)}" for name, value in document["quantiles"].items())
    return [*said, _("Quantiles: {points}").format(points=points)]


def _names(title: str, counts: Mapping[str, int]) -> None:
    if not counts:
        return
    output.say(f"\n{title}")
    for name, count in list(counts.items())[:MOST_NAMES]:
        output.say(f"  {name}: {count}")
    if len(counts) > MOST_NAMES:
        output.say("  " + _("… and {count} more").format(count=len(counts) - MOST_NAMES))


def _breakdown(endpoints: Mapping[str, Mapping[str, Any]]) -> None:
    if not endpoints:
        return
    output.say("\n" + _("🚪 Endpoints:"))
    output.table(
        [_("endpoint"), _("requests"), _("errors"), _("average"), "p50", "p95", "p99"],
        (
            [
                output.cell(name),
                output.cell(facts["requests"]),
                output.cell(facts["error_count"]),
                output.cell(_seconds(facts["avg_response_time"])),
                *(output.cell(_seconds(facts["quantiles"][p])) for p in ("p50", "p95", "p99")),
            ]
            for name, facts in list(endpoints.items())[:MOST_NAMES]
        ),
    )


def _slow(document: Mapping[str, Any], slow_seconds: float) -> None:
    if not document["slow_request_count"]:
        return
    text = _("🐌 Slow requests (> {seconds:g} s): {count}")
    output.say("\n" + text.format(seconds=slow_seconds, count=document["slow_request_count"]))
    for request in document["slow_requests"][:MOST_SLOW]:
        seconds, endpoint = _seconds(request["response_time"]), request["endpoint"]
        output.say(f"  {request['timestamp']}: {seconds} - {endpoint}")


def _lines(lines: Mapping[str, Any]) -> None:
    rejected = sum(lines["rejected"].values())
    text = _(
        "📄 Lines: {read} read = {accepted} accepted + {outside} outside + {rejected} rejected"
    )
    output.say(
        "\n"
        + text.format(
            read=lines["read"], accepted=lines["accepted"],
            outside=lines["outside_window"], rejected=rejected,
        )
    )  # fmt: skip
    for reason, count in lines["rejected"].items():
        output.say(f"  {say(f'logs.reason_{reason}', {})}: {count}")


def _samples(samples: Sequence[Mapping[str, Any]]) -> None:
    """One rejected line for each reason."""
    first = {sample["reason"]: sample for sample in reversed(samples)}
    for sample in reversed(first.values()):
        line = sample["line"]
        place = sample["file"] if line is None else f"{sample['file']}:{line}"
        output.say(f"  {place}: {' '.join(sample['text'].split())[:SAMPLE_WIDTH]}")


def _files(files: Mapping[str, Any]) -> None:
    output.say(_("📁 Files read: {count}").format(count=len(files["read"])))
    for skipped in files["skipped"]:
        output.say(f"  {skipped['file']}: {skipped['message']}")


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}s" if value < 1 else f"{value:.2f}s"
