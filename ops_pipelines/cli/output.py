"""What a command prints: one JSON document for programs, tables and sentences for people."""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from ops_pipelines.language import _
from ops_pipelines.redaction import redact, redact_tree
from ops_pipelines.report import SCHEMA_VERSION, Finding, Problem, Severity, Status

_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
WORTH_A_BAR = 1 << 26
"""Bytes that take long enough to read for a progress bar."""
STATUS_STYLES = {
    Status.HEALTHY: "green",
    Status.DEGRADED: "yellow",
    Status.UNKNOWN: "magenta",
    Status.UNHEALTHY: "bold red",
}
SEVERITY_STYLES = {
    Severity.INFO: "cyan",
    Severity.WARNING: "yellow",
    Severity.CRITICAL: "bold red",
}


def add_json(parser: argparse.ArgumentParser) -> None:
    """Give `parser` the option that every command has."""
    parser.add_argument("--json", action="store_true", help=_("print one JSON document"))


def emit(document: Mapping[str, Any], *, stream: bool = False) -> None:
    """Print `document`, with secrets masked; of a stream each document is one line."""
    text = json.dumps(
        redact_tree({"schema_version": SCHEMA_VERSION, **document}),
        ensure_ascii=False,
        indent=None if stream else 2,
        allow_nan=False,
    )
    print(text, flush=stream)


def generated(path: str, content: str) -> dict[str, str]:
    """A generated file as a document: where it belongs, its text, and its SHA-256."""
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    return {"path": path, "content": content, "sha256": sha256}


def say(text: str) -> None:
    """Print a line for people."""
    print(_harmless(redact(text)), flush=True)


def _harmless(text: str) -> str:
    """`text` without what would command the terminal: log lines come from anywhere."""
    return _COMMANDS.sub("�", text)


def tell(text: str) -> None:
    """Progress and messages: to standard error, so that they never mix with a document."""
    print(_harmless(redact(text)), file=sys.stderr, flush=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table whose last column is as narrow as the terminal wants it.

    Cells may carry rich's markup; `cell` makes one without.
    """
    from rich.console import Console  # noqa: PLC0415 - programs that read JSON need no rich
    from rich.table import Table  # noqa: PLC0415

    printed = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        printed.add_column(column, overflow="fold", no_wrap=column != columns[-1])
    for row in rows:
        printed.add_row(*map(redact, row))
    # In a pipe no line is cut to the width of a terminal that is not there.
    Console(soft_wrap=True, width=None if sys.stdout.isatty() else 200).print(printed)


def cell(text: Any, style: str = "") -> str:
    """A cell of `table` that shows `text` as it is."""
    from rich.markup import escape  # noqa: PLC0415

    shown = escape("" if text is None else _harmless(str(text)))
    return f"[{style}]{shown}[/{style}]" if style and shown else shown


def status_cell(status: str) -> str:
    """A cell with a status in its colour and in the reader's language."""
    return cell(_(status), STATUS_STYLES[Status(status)])


@contextmanager
def progress(total: int, text: str) -> Iterator[Callable[[int], None] | None]:
    """A bar on the terminal, for work that is long enough; what advances it, if there is one."""
    if not sys.stderr.isatty() or total < WORTH_A_BAR:
        yield None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    columns = (text, BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=total)
        yield lambda done: bar.advance(task, done)


def problems(found: Iterable[Problem]) -> None:
    """Print problems, each with its place first, as editors and terminals can follow it."""
    from rich.console import Console  # noqa: PLC0415

    console = Console(soft_wrap=True, highlight=False)
    for problem in found:
        severity = cell(_(str(problem.severity)), SEVERITY_STYLES[problem.severity])
        place = redact(f"{problem.file}:{problem.line}:{problem.column}")
        console.print(f"{cell(place)}: {severity}: {cell(problem.message)}")
        if problem.suggestion:
            console.print(f"    → {cell(problem.suggestion)}")


def findings(found: Iterable[Finding]) -> None:
    """Print findings with what to do about each."""
    from rich.console import Console  # noqa: PLC0415

    console = Console(soft_wrap=True, highlight=False)
    for finding in found:
        style = SEVERITY_STYLES[finding.severity]
        console.print(f"{cell(_(str(finding.severity)), style)}  {cell(finding.message)}")
        if finding.action:
            console.print(f"    → {cell(finding.action)}")
