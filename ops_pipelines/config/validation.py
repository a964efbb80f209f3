"""The stored verdict on a service's configuration: judged now, kept as a document."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ops_pipelines.config.verdict import Verdict
from ops_pipelines.errors import InputError
from ops_pipelines.report import Finding, Problem, Report, Severity
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import documents
from ops_pipelines.storage.folder import Folder
from ops_pipelines.storage.places import open_folder
from ops_pipelines.storage.versions import Output
from ops_pipelines.window import Window

ASSET = "config_validation"
CODE_VERSION = "1"
"""Goes up when the same files get another verdict."""


@dataclass(frozen=True, slots=True)
class Validation:
    """A verdict, and the document that keeps it."""

    verdict: Verdict
    document: dict[str, Any]
    where: str


def make(service: Service, now: datetime, environment: Mapping[str, str]) -> Validation:
    """Judge the configuration of `service` and store the verdict.

    Raises:
        InputError: there is none, or it cannot be read; the earlier verdict stays.
        StorageError: the verdict could not be written.
    """
    config = service.config
    if config is None or config.validated_file is None:
        raise InputError("config.no_file")
    from ops_pipelines.config.validate import validate  # noqa: PLC0415 - jsonschema costs a tenth of a second, and every run loads this

    verdict = validate(Path(config.validated_file), config, environment)
    folder = open_folder(service.data_dir)
    report = _report(service, verdict, folder, now)
    documents.write(folder, report, None, keep=service.keep.versions)
    return Validation(verdict, report.document(), folder.where(Output(ASSET).current))


def counts(verdict: Verdict) -> dict[str, int]:
    """How many problems of each severity there are."""
    found = Counter(str(problem.severity) for problem in verdict.problems)
    return {str(severity): found[str(severity)] for severity in reversed(Severity)}


def _report(service: Service, verdict: Verdict, folder: Folder, now: datetime) -> Report:
    facts = {"file": verdict.file, "valid": verdict.valid, "problems": counts(verdict)}
    findings = tuple(map(_finding, verdict.problems))
    since = _since(folder, facts, findings) or now
    return Report(
        service=service.name,
        asset=ASSET,
        window=Window(since, since),
        complete=True,
        made_at=now,
        facts=facts,
        findings=findings,
    )


def _finding(problem: Problem) -> Finding:
    place = f"{problem.file}:{problem.line}:{problem.column}"
    facts = {"path": problem.path, "line": problem.line, **problem.facts}
    return Finding(problem.code, problem.severity, place, facts)


def _since(
    folder: Folder, facts: Mapping[str, Any], findings: tuple[Finding, ...]
) -> datetime | None:
    """Since when the verdict is this one: what did not change stays the same document."""
    kept = documents.current(folder, ASSET)
    said = [finding.stored() for finding in findings]
    if kept is None or (kept["facts"], kept["findings"]) != (facts, said):
        return None
    return datetime.fromisoformat(kept["window"]["start"])
