"""Tests now and then that snapshots which nobody has looked at for long still restore."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from ops_pipelines.config.archive import Snapshot

FRESH = timedelta(hours=26)
"""A backup a day, and two hours for a day on which the machine was busy."""


def choose(snapshots: Sequence[Snapshot], now: datetime) -> list[Snapshot]:
    """The newest snapshot, and a random older one: each day another, the same all day."""
    older = snapshots[:-1]
    chance = random.Random(now.date().toordinal())  # noqa: S311 - a draw, no secret
    return [*([chance.choice(older)] if older else []), *snapshots[-1:]]


def last_backup(snapshots: Sequence[Snapshot]) -> datetime | None:
    """When a backup last found the service's files to be what the newest snapshot holds."""
    if not snapshots or snapshots[-1].verification is None:
        return None
    return datetime.fromisoformat(snapshots[-1].verification.current_at)
