"""What `logs analyze` answers: the figures, the account of every line and file, and findings."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ops_pipelines.logs import detect, narrowing, summary, times
from ops_pipelines.logs.analysis import Analysis, FileAccount
from ops_pipelines.logs.proposal import TEXT
from ops_pipelines.report import Finding, Reason, Severity
from ops_pipelines.window import Window

CONTINUATION = "continuation"
MOST_SAMPLES = 20


def document(analysis: Analysis, window: Window | None, zone: ZoneInfo) -> dict[str, Any]:
    """The figures and the accounts, with the names of the operations guide."""
    return {
        **summary.facts(analysis.rollup, zone),
        "window": window.iso(zone) if window else _span(analysis, zone),
        "lines": lines(analysis),
        "files": files(analysis),
        "rejected_samples": samples(analysis),
    }


def lines(analysis: Analysis) -> dict[str, Any]:
    """`read = accepted + outside_window + the sum of rejected`."""
    return {
        "read": analysis.lines,
        "accepted": analysis.accepted,
        "outside_window": analysis.outside_window,
        "rejected": dict(analysis.rejected.most_common()),
    }


def files(analysis: Analysis) -> dict[str, Any]:
    """What became of every file that was named."""
    return {
        "read": list(dict.fromkeys(file.source.name for file in analysis.files)),
        "partly": [
            {"file": file.source.name, "start": file.part[0], "end": file.part[1]}
            for file in analysis.files
            if file.part
        ],
        "failed": [_named(name, reason) for name, reason in analysis.failed.items()],
        "skipped": [_named(name, reason) for name, reason in analysis.skipped.items()],
    }


def samples(analysis: Analysis) -> list[dict[str, Any]]:
    """Some rejected lines of each reason, with their places."""
    seen: Counter[str] = Counter()
    found: list[dict[str, Any]] = []
    for file in analysis.files:
        for sample in file.account.samples:
            seen[sample.reason] += 1
            if seen[sample.reason] <= 3 and len(found) < MOST_SAMPLES:
                # Of a file that was not read from its beginning nobody knows the number.
                number = None if file.part else sample.line
                place = {"file": file.source.name, "line": number}
                found.append({**place, "reason": sample.reason, "text": sample.shown})
    return found


def rejected_ratio(lines: Mapping[str, Any]) -> float:
    """The share of lines that say nothing, apart from those that go on with another one."""
    rejected: Mapping[str, int] = lines["rejected"]
    continued = rejected.get(CONTINUATION, 0)
    read = lines["read"] - continued
    return (sum(rejected.values()) - continued) / read if read else 0.0


def findings(analysis: Analysis, max_rejected_ratio: float, zone: ZoneInfo) -> tuple[Finding, ...]:
    """What an operator should know of how the log was read, the worst first."""
    return (
        *_unreadable(analysis, max_rejected_ratio, zone),
        *_without_requests(analysis),
        *(
            Finding("logs.partly_read", Severity.INFO, file.source.name, _share(file))
            for file in analysis.files
            if file.part
        ),
        *(
            Finding("logs.file_failed", Severity.WARNING, name, {"reason": reason.stored()})
            for name, reason in analysis.failed.items()
        ),
        *(
            Finding(
                "logs.too_many_labels", Severity.INFO, dimension,
                {"count": count, "kept": len(analysis.rollup.labels[dimension]) - 2},
            )
            for dimension, count in analysis.rollup.folded.items()
        ),
    )  # fmt: skip


def _unreadable(analysis: Analysis, max_rejected_ratio: float, zone: ZoneInfo) -> Iterator[Finding]:
    account = lines(analysis)
    read, rejected = account["read"], Counter(account["rejected"])
    reason = Reason(f"logs.reason_{max(rejected, key=rejected.__getitem__, default='blank')}")
    if not read:
        yield Finding("logs.no_lines", Severity.WARNING, "log")
    elif not account["accepted"] + account["outside_window"]:
        hint = _hint(analysis, zone)
        facts = {"lines": read, "reason": reason.stored()}
        yield hint or Finding("logs.nothing_readable", Severity.CRITICAL, "log", facts)
    elif (ratio := rejected_ratio(account)) > max_rejected_ratio:
        facts = {
            "rejected": rejected.total() - rejected[CONTINUATION], "lines": read,
            "ratio": round(ratio, 6), "reason": reason.stored(),
        }  # fmt: skip
        yield Finding("logs.too_many_rejected", Severity.WARNING, "log", facts)
    elif not account["accepted"]:
        facts = {"lines": read, **_edges(analysis, zone)}
        yield Finding("logs.nothing_in_window", Severity.INFO, "log", facts)


def _without_requests(analysis: Analysis) -> Iterator[Finding]:
    lines = analysis.accepted
    if lines and not analysis.rollup.total("hours", "requests"):
        yield Finding("logs.no_requests", Severity.INFO, "log", {"lines": lines})


def _hint(analysis: Analysis, zone: ZoneInfo) -> Finding | None:
    """What the first file is, when nothing of it can be read: text, or what a preset reads."""
    for file in analysis.files:
        if file.source.size is None or not file.account.lines:
            continue
        proposal = detect.propose(detect.first_lines(file.source), zone)
        facts = {"lines": analysis.lines, "preset": proposal.preset}
        is_text, fits = proposal.format == TEXT, proposal.preset and proposal.read
        fitting = "logs.plain_text_and_preset" if is_text else "logs.preset_fits"
        if fits or is_text:
            code = fitting if fits else "logs.plain_text"
            return Finding(code, Severity.CRITICAL, file.source.name, facts)
        return None
    return None


def _share(file: FileAccount) -> dict[str, Any]:
    start, end = file.part or (0, 0)
    return {
        "read_mb": round((end - start) / 1e6),
        "size_mb": round((file.source.size or 0) / 1e6),
        "minutes": narrowing.SLACK_US // times.MINUTE,
    }


def _named(name: str, reason: Reason) -> dict[str, Any]:
    return {"file": name, "code": reason.code, "message": str(reason)}


def _span(analysis: Analysis, zone: ZoneInfo) -> dict[str, str | None]:
    """From the first to the last time of accepted lines."""
    edges = _edges(analysis, zone)
    return {"start": edges["first"], "end": edges["last"]}


def _edges(analysis: Analysis, zone: ZoneInfo) -> dict[str, str | None]:
    first = [f.account.first_us for f in analysis.files if f.account.first_us is not None]
    last = [f.account.last_us for f in analysis.files if f.account.last_us is not None]
    return {
        "first": summary.iso(min(first), zone) if first else None,
        "last": summary.iso(max(last), zone) if last else None,
    }
