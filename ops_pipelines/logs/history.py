"""The history of a log: each byte is read once, and days stay when files have gone.

What every file came to is kept (`parts`); a file that has grown is read from where it ended. A day
is the sum of what all of them say of it.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import msgspec

from ops_pipelines.errors import StorageError
from ops_pipelines.logs import days, growth, identity, parts
from ops_pipelines.logs.days import Day
from ops_pipelines.logs.identity import Match
from ops_pipelines.logs.ledger import Part, Reading
from ops_pipelines.logs.parts import Kept
from ops_pipelines.logs.sources import Found
from ops_pipelines.logs.stretches import read_each
from ops_pipelines.report import Reason
from ops_pipelines.storage.folder import Folder, LocalFolder

Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class History:
    """What is known of a log.

    Attributes:
        kept: what each content came to, be its file there or gone.
        failed: files that could not be read, or not to their end, and why.
        skipped: files with the content of another one.
        bytes_read: how many had to be read for it, as they lie on the disk.
    """

    kept: Sequence[Kept]
    how: Reading
    folder: Folder
    failed: Mapping[str, Reason] = field(default_factory=dict)
    skipped: Mapping[str, Reason] = field(default_factory=dict)
    bytes_read: int = 0

    @property
    def days(self) -> tuple[date, ...]:
        """The days of which any line, accepted or rejected, says something."""
        return tuple(sorted({day for kept in self.kept for day in kept.days}))

    @property
    def undated(self) -> Counter[str]:
        """Rejected lines, by reason, of contents without any time: they are of no day."""
        return sum((Counter(kept.undated) for kept in self.kept), Counter())

    def stamp(self, day: date) -> str:
        """Another one when a day is to be made again; without looking at its parts."""
        stamps = sorted(kept.days[day] for kept in self.kept if day in kept.days)
        return hashlib.sha256(" ".join(stamps).encode()).hexdigest()

    def day(self, day: date) -> Day:
        """What all contents say of a day.

        Raises:
            StorageError: what was kept of one of them is damaged.
        """
        return days.made(
            days.share(self._part(kept.settled, kept.rest), kept, day, self.how.zone)
            for kept in self.kept
            if day in kept.days
        )

    def lost(self, ranges: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Those of the ranges that an earlier `Day` was made from which nobody has any more."""
        ends: dict[str, int] = {}
        for kept in self.kept:
            ends[kept.content] = max(kept.end, ends.get(kept.content, 0))
        return [one for one in ranges if one["end"] > ends.get(one["content"], 0)]

    @cached_property
    def _part(self) -> Callable[[str, str], Part]:
        """Reads what a content came to; days that follow each other are of the same few."""
        return lru_cache(maxsize=8)(partial(_whole, self.folder))


def refresh(
    found: Found,
    how: Reading,
    folder: Path,
    progress: Progress | None = None,
    *,
    keep_from: date | None = None,
) -> History:
    """Read what is new of the files that were found, and keep what each came to in `folder`.

    What files that are gone came to is kept as well, but for those without a day since
    `keep_from`.

    Raises:
        StorageError: the folder cannot be read or written.
    """
    store = LocalFolder(folder)
    with store.lock(""):
        known = parts.load(store)
        sources = [source for source in found.sources if source.size]
        matches = identity.matches(sources, known, fingerprint(how))
        gone = _gone(known, matches, found, keep_from)
        run = _Run(how, store, matches, gone)
        run.read(progress)
        parts.sweep(store, (*run.here, *run.gone))
    streams = [source.name for source in found.sources if source.size is None]
    failed = {
        **found.failed,
        **run.failed,
        **{name: Reason("logs.not_a_file", {"kind": "stream"}) for name in streams},
    }
    return History(run.usable(), how, store, failed, dict(found.skipped), run.bytes_read)


class _Run:
    """One refresh: what is kept of the files that are here, and of those that are gone."""

    def __init__(
        self, how: Reading, store: Folder, matches: Sequence[Match], gone: Sequence[Kept]
    ) -> None:
        self.how, self.store, self.gone = how, store, gone
        self.reading = fingerprint(how)
        self.failed: dict[str, Reason] = {}
        self.bytes_read = 0
        self.here: list[Kept] = []
        self.wanted = [match for match in matches if match.start is not None]
        for match in matches:
            if match.start is None:
                self._keep_as_it_is(match)

    def read(self, progress: Progress | None) -> None:
        """Read what is new, and keep it file by file: what was read is not lost when it stops."""
        begun = [growth.begun(self.store, match) for match in self.wanted]
        waiting = [match.kept for match in self.wanted]
        for grown, (_, outcomes) in zip(
            begun, read_each([one.unread for one in begun], self.how), strict=True
        ):
            for outcome in outcomes:
                grown.go_on(outcome)
                self.bytes_read += outcome.bytes_read
                if progress:
                    progress(outcome.bytes_read)
            del waiting[0]
            source, known = grown.match.source, grown.match.kept
            if grown.damage:
                self.failed[source.name] = Reason("logs.damaged", {"detail": grown.damage})
            if not (grown.damage and source.is_plain):
                self.here.append(grown.kept(self.store, self.how, self.reading))
            elif known:  # the disk failed: what is known is better
                self.here.append(known)
            self._save(waiting)
        self._save(waiting)

    def usable(self) -> list[Kept]:
        """What was read by the settings of today."""
        return [kept for kept in (*self.here, *self.gone) if kept.reading == self.reading]

    def _keep_as_it_is(self, match: Match) -> None:
        source, known = match.source, match.kept
        if known is None:
            return
        if match.damage or known.damage:
            detail = {"detail": match.damage or known.damage}
            self.failed[source.name] = Reason("logs.damaged", detail)
        state = {"inode": source.inode, "size": source.size, "modified_ns": source.modified_ns}
        here = {} if match.damage else {**state, "name": source.name}
        self.here.append(msgspec.structs.replace(known, **here))

    def _save(self, waiting: Iterable[Kept | None]) -> None:
        old = [kept for kept in waiting if kept]
        parts.save(self.store, [*self.here, *old, *self.gone])


def _gone(
    known: Iterable[Kept], matches: Iterable[Match], found: Found, keep_from: date | None
) -> list[Kept]:
    """What is kept of files that are gone, if anybody still wants to know."""
    matched = {id(match.kept) for match in matches}
    here = {source.name for source in found.sources} | set(found.failed)
    gone = []
    for kept in known:
        is_left_out = kept.name not in here and identity.is_there(kept)
        is_old = keep_from is not None and max(kept.days, default=date.min) < keep_from
        if not (id(kept) in matched or is_left_out or is_old):
            gone.append(kept)
    return gone


def _whole(store: Folder, settled: str, rest: str) -> Part:
    found, last = parts.read(store, settled), parts.read(store, rest)
    if found is None or last is None:
        where = store.where(settled if found is None else rest)
        raise StorageError("logs.damaged_part", where=where)
    whole = found.then(last)
    whole.account = whole.account.ended()
    return whole


def fingerprint(how: Reading) -> str:
    """A hash of everything by which lines are read."""
    plan = how.plan
    criteria = [(one.path, one.flag, one.kind, _ordered(one.operand)) for one in plan.criteria]
    said = {
        "paths": dict(plan.paths), "scales": dict(plan.scales), "criteria": criteria,
        "zones": [str(plan.zone), str(how.zone)], "slow_seconds": plan.slow_seconds,
        "timestamp": [plan.timestamp_unit, plan.timestamp_format],
        "pattern": plan.pattern and plan.pattern.pattern,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:24]


def _ordered(operand: Any) -> Any:
    return sorted(map(str, operand)) if isinstance(operand, frozenset) else operand
