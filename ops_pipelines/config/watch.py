"""The configuration files of a service as they are now, and what changed since they were kept."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ops_pipelines.config.archive import archive_of
from ops_pipelines.config.changes import compare, kept
from ops_pipelines.config.difference import Change
from ops_pipelines.report import content_hash
from ops_pipelines.settings.config import Config
from ops_pipelines.settings.service import Service

MOST_BYTES = 16_777_216
"""A larger file is no configuration; of such a one only size and time count."""


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file as it was seen; one that is not there or cannot be read has only its path."""

    path: str
    sha256: str | None = None
    bytes: int | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """All files of a service that its configuration is made of."""

    files: tuple[SeenFile, ...]

    @property
    def data_version(self) -> str:
        """The hash of what they hold: times and permissions do not count."""
        return content_hash([[file.path, file.sha256] for file in self.files])


def look(config: Config) -> Seen:
    """See the files that `config` names; what cannot be read is seen as missing."""
    return Seen(tuple(map(_seen, _paths(config))))


def changes(service: Service) -> list[Change] | None:
    """What changed in the files of `service` since its newest snapshot; None without any.

    Raises:
        StorageError: the snapshots cannot be read.
    """
    snapshots = archive_of(service).snapshots()
    if not snapshots or service.config is None or snapshots[-1].manifest is None:
        return None
    held = {path: state for path, state in kept(snapshots[-1]).items() if isinstance(state, bytes)}
    now = {path: content for path in held if (content := _content(path)) is not None}
    return compare(held, now, service.config.yaml_version)


def _paths(config: Config) -> list[str]:
    """What is watched: the files themselves, and what the team judges them by."""
    judged_by = [config.json_schema] if config.json_schema else []
    validated = [config.validated_file] if config.validated_file else []
    return list(dict.fromkeys([*config.files, *validated, *judged_by, *config.rules]))


def _content(path: str) -> bytes | None:
    with suppress(OSError):
        return Path(path).read_bytes()
    return None


def _seen(path: str) -> SeenFile:
    try:
        status = Path(path).stat()
        modified = datetime.fromtimestamp(status.st_mtime, UTC)
        if status.st_size > MOST_BYTES:
            digest = content_hash([status.st_size, status.st_mtime_ns])
        else:
            digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return SeenFile(path)
    return SeenFile(path, digest, status.st_size, modified)
