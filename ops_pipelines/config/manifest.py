"""What a snapshot says of itself: which files it holds, from where, and how they were."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Literal

from ops_pipelines.report import SCHEMA_VERSION, content_hash

Kind = Literal["file", "sqlite"]
ID = re.compile(r"(\d{8}T\d{6})\.(\d{3})Z-([0-9a-f]{12})")
_CONTENT = ("path", "kind", "sha256", "mode", "uid", "gid")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a snapshot.

    Attributes:
        path: where the service has it.
        stored: where it lies below `files/` of the snapshot.
        kind: `sqlite` for a database, which is copied with SQLite's online backup.
        sha256: of the content as it is stored.
        bytes: its length.
        mode: permissions where the service has it, in octal, such as `640`.
        uid: its owner there.
        gid: its group there.
        modified: when the service's file was changed last (ISO time).
        rows_sha256: digest of a database's schema and rows; None for other files.
        writer_blocked_seconds: how long a writer of the database could have been kept waiting.
    """

    path: str
    stored: str
    kind: Kind
    sha256: str
    bytes: int
    mode: str
    uid: int
    gid: int
    modified: str
    rows_sha256: str | None = None
    writer_blocked_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """What validation said of the configuration in a snapshot: how many problems of each kind."""

    valid: bool
    problems: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of one snapshot, kept in it as `manifest.json`.

    Attributes:
        service: whose configuration it is.
        created: when it was taken, to the millisecond.
        expected: the paths that the settings asked for; a snapshot holds every one of them.
        files: what it holds.
        validity: what validation said; None where no configuration of it is validated.
        tools: versions of the programs that took it.
    """

    service: str
    created: datetime
    expected: tuple[str, ...]
    files: tuple[Entry, ...]
    validity: Validity | None
    tools: Mapping[str, str]

    @property
    def content(self) -> str:
        """The hash of what is kept: the same for the same files with the same permissions."""
        return content_hash([[asdict(entry)[name] for name in _CONTENT] for entry in self.files])

    @property
    def id(self) -> str:
        """The snapshot's name: when it was taken, and the beginning of its content's hash."""
        return snapshot_id(self.created, self.content)

    @property
    def bytes(self) -> int:
        """What all its files take."""
        return sum(entry.bytes for entry in self.files)

    def document(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "schema_version": SCHEMA_VERSION,
            "snapshot": self.id,
            **asdict(self),
            "created": self.created.isoformat(timespec="milliseconds"),
        }


def parse(content: bytes) -> Manifest:
    """The manifest that `content` holds.

    Raises:
        ValueError: it is none, or a file of it would lie outside of its snapshot.
    """
    try:
        document = json.loads(content)
        validity = document["validity"]
        manifest = Manifest(
            document["service"],
            datetime.fromisoformat(document["created"]),
            tuple(document["expected"]),
            tuple(Entry(**entry) for entry in document["files"]),
            Validity(**validity) if validity else None,
            document["tools"],
        )
        is_inside = all(_is_inside(entry.stored) for entry in manifest.files)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error
    if not is_inside:
        raise ValueError("stored")
    return manifest


def _is_inside(stored: str) -> bool:
    parts = PurePosixPath(stored).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts


def snapshot_id(created: datetime, content: str) -> str:
    """The name of the snapshot that was taken at `created` and holds `content` (a hash)."""
    moment = created.astimezone(UTC)
    return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03}Z-{content[:12]}"


def created_at(name: str) -> datetime | None:
    """When the snapshot called `name` was taken; None for what is no snapshot's name."""
    match = ID.fullmatch(name)
    if match is None:
        return None
    try:
        moment = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    except ValueError:  # digits that are no time
        return None
    return moment.replace(microsecond=int(match[2]) * 1000)
