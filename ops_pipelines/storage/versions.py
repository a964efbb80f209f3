"""Versioned outputs: every version stays, immutable, and the current one is swapped atomically.

    <asset>/<partition>.<suffix>                          the current version of a partition
    <asset>/latest.<suffix>                               that of the newest partition
    <asset>/<partition>/versions/<time>-<sha12>.<suffix>  every version

An output without partitions has only `latest` and `<asset>/versions/`. The order of writing is
version, partition, latest: killed anywhere in between, each reader still finds a whole output.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ops_pipelines.errors import InputError
from ops_pipelines.storage.folder import Folder

_VERSION = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{12})\.(json|parquet)")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_OURS = {"latest", "versions"}


@dataclass(frozen=True, slots=True)
class Output:
    """Names an output: an asset, and a partition where it has them."""

    asset: str
    partition: str | None = None
    suffix: str = "json"

    def __post_init__(self) -> None:
        for name in (self.asset, self.partition):
            if name is not None and not _is_name(name):
                raise InputError("storage.bad_name", name=name)

    @property
    def current(self) -> str:
        """Where its current version lies."""
        return f"{self.asset}/{self.partition or 'latest'}.{self.suffix}"

    @property
    def latest(self) -> str:
        """Where the current version of the newest partition lies."""
        return f"{self.asset}/latest.{self.suffix}"

    @property
    def versions(self) -> str:
        """The folder of all its versions."""
        return (
            f"{self.asset}/{self.partition}/versions"
            if self.partition
            else f"{self.asset}/versions"
        )


@dataclass(frozen=True, slots=True)
class Version:
    """One stored version: when it was made, and the beginning of its data version.

    Its time is a whole second, and later than that of every version before it.
    """

    output: Output
    made_at: datetime
    sha12: str
    is_new: bool = field(default=True, compare=False)

    @property
    def id(self) -> str:
        """Its name among the versions of its output."""
        return f"{self.made_at:%Y%m%dT%H%M%SZ}-{self.sha12}"

    @property
    def name(self) -> str:
        """Where it lies."""
        return f"{self.output.versions}/{self.id}.{self.output.suffix}"


def write(
    folder: Folder,
    output: Output,
    content: bytes,
    *,
    data_version: str,
    made_at: datetime,
    keep: int,
) -> Version:
    """Store `content` as the current version; what did not change is left as it is.

    Of the versions the newest `keep` stay.

    Raises:
        StorageError: it could not be written; readers find the earlier version, or this one
            whole, and the same write again puts everything right.
    """
    sha12 = data_version[:12]
    with folder.lock(output.asset):
        earlier = versions(folder, output)
        newest = earlier[-1] if earlier else None
        if newest and newest.sha12 == sha12 and (kept := folder.read(newest.name)) is not None:
            version, content = replace(newest, is_new=False), kept
        else:
            version = Version(output, _after(newest, made_at), sha12)
            folder.write(version.name, content)
        for name in (output.current, *_latest(folder, output)):
            if folder.read(name) != content:
                folder.write(name, content)
        for old in earlier[: max(0, len(earlier) + version.is_new - keep)]:
            folder.remove(old.name)
    return version


def versions(folder: Folder, output: Output) -> list[Version]:
    """Every stored version of `output`, the oldest first."""
    names = folder.names(output.versions)
    return [version for name in names if (version := _version(output, name))]


def partitions(folder: Folder, asset: str, suffix: str = "json") -> list[str]:
    """The partitions of `asset` that have a current version, sorted."""
    names = set(folder.names(asset))  # a file of somebody else has no folder of versions beside it
    return [p for p in folder.folders(asset) if _is_name(p) and f"{p}.{suffix}" in names]


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and name not in _OURS


def _latest(folder: Folder, output: Output) -> list[str]:
    """`latest`, when `output` is of the newest partition."""
    if output.partition is None:
        return []
    newest = max([output.partition, *partitions(folder, output.asset, output.suffix)])
    return [output.latest] if newest == output.partition else []


def _after(newest: Version | None, made_at: datetime) -> datetime:
    """`made_at`, or the second after `newest` where a clock stood still or went back."""
    second = made_at.astimezone(UTC).replace(microsecond=0)
    return max(second, newest.made_at + timedelta(seconds=1)) if newest else second


def _version(output: Output, name: str) -> Version | None:
    match = _VERSION.fullmatch(name)
    if match and match[3] == output.suffix:
        with suppress(ValueError):  # digits that are no time: a file of somebody else
            made_at = datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            return Version(output, made_at, match[2])
    return None
