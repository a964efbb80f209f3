"""Which snapshots may go: data in, data out; and the removing of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops_pipelines.config.archive import Archive, Snapshot


@dataclass(frozen=True, slots=True)
class Choice:
    """Which snapshots stay, each with the code of the reason, and which may go; oldest first."""

    kept: dict[str, str]
    removed: tuple[str, ...]


def choose(snapshots: Sequence[Snapshot], now: datetime, days: int, minimum: int) -> Choice:
    """What may go of `snapshots` (the oldest first).

    A snapshot was the service's state until the next one was taken: what was the state at any
    moment of the last `days` days stays. So do, however old they are, the newest `minimum` of all
    and of those that are verified, and the newest verified one that is valid. Ages come from the
    snapshots' names, never from the times of files.
    """
    successors = [snapshot.created for snapshot in snapshots[1:]]
    kept: dict[str, str] = {}
    for snapshot, until in zip(snapshots, successors, strict=False):
        if until > now - timedelta(days=days):
            kept[snapshot.id] = "young"
    verified = [snapshot for snapshot in snapshots if snapshot.verified]
    for snapshot in (*_last(snapshots, minimum), *_last(verified, minimum)):
        kept[snapshot.id] = "minimum"
    for validity in (None, True):
        for snapshot in _last([s for s in verified if s.valid is validity], 1):
            kept[snapshot.id] = "newest_good"
    for snapshot in snapshots:
        if snapshot.manifest is None:
            kept[snapshot.id] = "damaged"  # somebody should look at it first
    removed = tuple(snapshot.id for snapshot in snapshots if snapshot.id not in kept)
    return Choice({s.id: kept[s.id] for s in snapshots if s.id in kept}, removed)


def _last(snapshots: Sequence[Snapshot], count: int) -> Sequence[Snapshot]:
    return snapshots[-count:] if count else ()


def prune(
    archive: Archive, now: datetime, days: int, minimum: int, *, dry_run: bool = False
) -> Choice:
    """Remove what may go; with `dry_run` only tell.

    Raises:
        StorageError: the folder cannot be written, or somebody else holds the lock.
    """
    if dry_run:
        return choose(archive.snapshots(), now, days, minimum)
    with archive.lock("prune"):
        snapshots = archive.snapshots()
        choice = choose(snapshots, now, days, minimum)
        for snapshot in snapshots:
            if snapshot.id in choice.removed:
                archive.remove(snapshot, now)
    return choice
