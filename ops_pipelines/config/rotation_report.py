"""The stored logrotate file of a service, and what is to be said of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops_pipelines.config.backup import configuration_of
from ops_pipelines.config.rotation import FOLDER, render
from ops_pipelines.config.rotation_check import check_text
from ops_pipelines.report import Finding, Problem, Report
from ops_pipelines.settings.config import Rotation
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import documents
from ops_pipelines.storage.places import open_folder
from ops_pipelines.window import Window

ASSET = "logrotate_config"
CODE_VERSION = "1"
"""Goes up when the same settings give another file, or other findings."""


@dataclass(frozen=True, slots=True)
class RotationFile:
    """A logrotate file: its place on the host, its text, and what is to be said of it."""

    path: str
    content: str
    problems: tuple[Problem, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Its problems, for people who have not the file before them."""
        return tuple(Finding(p.code, p.severity, self.path, p.facts) for p in self.problems)

    @property
    def sha256(self) -> str:
        """Of its text."""
        return hashlib.sha256(self.content.encode()).hexdigest()


def rotation_file(
    service: Service, logs: tuple[str, ...], environment: Mapping[str, str]
) -> RotationFile:
    """The logrotate file for `logs`, the globs by which the logs of `service` are read.

    Raises:
        InputError: no log of them can be rotated, or the settings cannot be written down.
    """
    settings = service.config.rotation if service.config else Rotation()
    content = render(service.name, settings, logs)
    path = str(FOLDER / service.name)
    configuration = configuration_of(service.config, environment)
    return RotationFile(path, content, tuple(check_text(content, path, configuration)))


def store(service: Service, made: RotationFile, now: datetime) -> dict[str, Any]:
    """Keep `made` as a document; the same file with the same findings stays the same document.

    Raises:
        StorageError: it could not be written.
    """
    folder = open_folder(service.data_dir)
    facts = {"path": made.path, "content": made.content, "sha256": made.sha256}
    kept = documents.current(folder, ASSET)
    said = [finding.stored() for finding in made.findings]
    is_known = kept is not None and (kept["facts"], kept["findings"]) == (facts, said)
    since = datetime.fromisoformat(kept["window"]["start"]) if kept and is_known else now
    report = Report(
        service.name,
        ASSET,
        Window(since, since),
        complete=True,
        made_at=now,
        facts=facts,
        findings=made.findings,
    )
    documents.write(folder, report, None, keep=service.keep.versions)
    return report.document()
