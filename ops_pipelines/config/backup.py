"""Backs up a service: its snapshot, and what an operator should know about it."""

import os
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ops_pipelines import located_yaml
from ops_pipelines.config import databases
from ops_pipelines.config.archive import ASSET, Archive, Snapshot, archive_of, is_in_store
from ops_pipelines.config.env_file import is_env_file, read_env
from ops_pipelines.config.environment import References
from ops_pipelines.config.gather import Wanted
from ops_pipelines.config.manifest import Manifest, Validity
from ops_pipelines.config.snapshot import take
from ops_pipelines.config.text import content_of, decode
from ops_pipelines.config.verify import Judge
from ops_pipelines.errors import InputError
from ops_pipelines.report import Finding, Report, Severity
from ops_pipelines.settings.config import Config
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import documents
from ops_pipelines.storage.folder import as_storage_error
from ops_pipelines.storage.places import open_folder
from ops_pipelines.window import Window

CODE_VERSION = "1"
"""Goes up when the same files give another snapshot, or other findings."""
_YAML = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup came to: the snapshot that holds what the service has now, and findings.

    Attributes:
        is_new: whether it was written now; else nothing had changed, and it was tested again.
    """

    service: Service
    snapshot: Snapshot
    manifest: Manifest
    is_new: bool
    findings: tuple[Finding, ...]

    def form(self) -> dict[str, Any]:
        """As the contract has it."""
        files = (
            {"path": e.path, "sha256": e.sha256, "bytes": e.bytes} for e in self.manifest.files
        )
        return {
            "service": self.service.name,
            "snapshot": self.snapshot.id,
            "path": str(self.snapshot.folder),
            "created": self.snapshot.created.isoformat(timespec="milliseconds"),
            "files": list(files),
            "valid": self.snapshot.valid,
            "verified": self.snapshot.verified,
            "is_new": self.is_new,
        }


def back_up(service: Service, now: datetime, environment: Mapping[str, str]) -> Backup:
    """Take a snapshot of `service` and store the report of it.

    Raises:
        InputError: the service file names nothing to keep.
        SnapshotError: something is missing, unreadable, locked or not whole.
        StorageError: the snapshot could not be written.
    """
    config = configured(service)
    archive = archive_of(service)
    taken = take(archive, wanted_of(service.name, config), now, judge_of(config, environment))
    manifest = taken.snapshot.manifest
    if manifest is None:
        raise InputError("backup.no_snapshot", name=taken.snapshot.id, where=str(archive.folder))
    found = (
        *_of_validity(config, taken.snapshot),
        *databases.lacking(configuration_of(config, environment), config.databases),
        *_of_place(service, archive, manifest),
    )
    backup = Backup(service, taken.snapshot, manifest, taken.is_new, found)
    documents.write(
        open_folder(service.data_dir), _report(backup, now), None, keep=service.keep.versions
    )
    return backup


def configured(service: Service) -> Config:
    """The `config` section of `service`, which names something to keep.

    Raises:
        InputError: it names nothing.
    """
    if service.config is None or not (service.config.files or service.config.databases):
        raise InputError("backup.nothing_wanted", service=service.name)
    return service.config


def wanted_of(name: str, config: Config) -> Wanted:
    """What a snapshot of a service holds: its files, the validated one among them."""
    validated = (config.validated,) if config.validated else ()
    return Wanted(name, (*config.files, *validated), config.databases)


def judge_of(config: Config, environment: Mapping[str, str]) -> Judge:
    """Validates the configuration of a set of files, wherever the set lies."""
    from ops_pipelines.config.validate import validate  # noqa: PLC0415 - as in validation.py

    def judge(places: Mapping[str, Path]) -> Validity | None:
        file = config.validated_file
        if file is None or file not in places:
            return None
        moved = {path: str(place) for path, place in places.items()}
        there = config.model_copy(
            update={
                "files": tuple(moved.get(path, path) for path in config.files),
                "validated": moved[file],
            }
        )
        try:
            verdict = validate(places[file], there, environment)
        except InputError as error:
            if error.code == "config.other_format":
                return None
            return Validity(valid=False, problems={str(Severity.CRITICAL): 1})
        counts = Counter(str(problem.severity) for problem in verdict.problems)
        return Validity(verdict.valid, dict(sorted(counts.items())))

    return judge


def _of_validity(config: Config, snapshot: Snapshot) -> tuple[Finding, ...]:
    validity = snapshot.manifest.validity if snapshot.manifest else None
    if validity is None or validity.valid:
        return ()
    count = validity.problems.get(str(Severity.CRITICAL), 0)
    subject = str(config.validated_file)
    return (Finding("backup.invalid", Severity.CRITICAL, subject, {"count": count}),)


def _of_place(service: Service, archive: Archive, manifest: Manifest) -> tuple[Finding, ...]:
    folder = str(archive.folder)
    if is_in_store(service):
        return (Finding("backup.local_only", Severity.WARNING, folder),)
    with as_storage_error(folder):
        disk = archive.folder.stat().st_dev
        disks = [os.stat(e.path).st_dev for e in manifest.files if os.path.exists(e.path)]  # noqa: PTH110, PTH116
    return (Finding("backup.same_disk", Severity.INFO, folder),) if disk in disks else ()


def configuration_of(config: Config | None, environment: Mapping[str, str]) -> dict[str, Any]:
    """The data of each configuration file of a service that can be read, by its path."""
    files = config.files if config else ()
    found: dict[str, Any] = {path: read_env(Path(path)).values for path in files if _is_env(path)}
    variables = dict(environment)
    for values in found.values():
        variables |= values
    for path in (path for path in files if path.endswith(_YAML)):
        with suppress(InputError):
            text, _problems = decode(content_of(Path(path)), path)
            references = References(variables, is_all=False)
            found[path] = located_yaml.read(text, path, references.replace).data
    return found


def _is_env(path: str) -> bool:
    return is_env_file(Path(path))


def _report(backup: Backup, now: datetime) -> Report:
    form = backup.form()
    moment = backup.snapshot.created
    facts = {name: form[name] for name in ("snapshot", "path", "files", "valid", "verified")}
    return Report(
        backup.service.name,
        ASSET,
        Window(moment, moment),
        complete=True,
        made_at=now,
        facts=facts,
        findings=backup.findings,
    )
