"""Reads the files of a log as a whole: one rollup, and an account of every line and file."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from ops_pipelines.logs import workers
from ops_pipelines.logs.account import Account
from ops_pipelines.logs.contents import Source
from ops_pipelines.logs.ledger import Reading
from ops_pipelines.logs.rollup import Rollup, added, bounded
from ops_pipelines.logs.sources import Found
from ops_pipelines.logs.stretches import Outcome, cut, read
from ops_pipelines.report import Reason

WORTH_BYTES = 1 << 25
"""Another process is worth its start for so many bytes."""
Progress = Callable[[int], None]


@dataclass(slots=True)
class FileAccount:
    """What one file came to."""

    source: Source
    account: Account
    damage: str | None = None


@dataclass(slots=True)
class Analysis:
    """What a log came to.

    Attributes:
        files: those that were read, with the account of each.
        failed: what could not be read, or not to its end, and why.
        skipped: files with the content of another one.
    """

    rollup: Rollup
    files: list[FileAccount]
    failed: dict[str, Reason] = field(default_factory=dict)
    skipped: dict[str, Reason] = field(default_factory=dict)

    @property
    def lines(self) -> int:
        """How many lines were read."""
        return sum(file.account.lines for file in self.files)

    @property
    def accepted(self) -> int:
        """How many of them say something, within the time that was asked for."""
        return self.rollup.total("hours", "lines")

    @property
    def outside_window(self) -> int:
        """How many of them lie outside of it."""
        return sum(file.account.dated for file in self.files) - self.accepted

    @property
    def rejected(self) -> Counter[str]:
        """How many say nothing, by reason."""
        return sum((file.account.reasons for file in self.files), Counter())


def analyze(
    found: Found, how: Reading, processes: int | None = None, progress: Progress | None = None
) -> Analysis:
    """Read everything that was found."""
    rollups: list[Rollup] = []
    files: list[FileAccount] = []
    failed = dict(found.failed)
    for source, outcomes in _by_source(found.sources, how, processes):
        account, damage = Account(), None
        for outcome in outcomes:
            rollups.append(outcome.part.rollup)
            account = account.then(outcome.part.account)
            damage = damage or outcome.damage
            if progress:
                progress(outcome.bytes_read)
        if damage:
            failed[source.name] = Reason("logs.damaged", {"detail": damage})
        if account.lines or not damage:
            files.append(FileAccount(source, account.ended(), damage))
    return Analysis(bounded(added(rollups)), files, failed, dict(found.skipped))


def _by_source(
    sources: Iterable[Source], how: Reading, processes: int | None
) -> Iterator[tuple[Source, Iterator[Outcome]]]:
    """Each source with what its stretches came to, in order."""
    stretches = [stretch for source in sources for stretch in cut(source, how.plan)]
    size = sum((s.end or s.source.size or 0) - s.start for s in stretches)
    wanted = workers.processors() if processes is None else processes
    outcomes = workers.results(
        partial(read, how=how), stretches, min(wanted, 1 + size // WORTH_BYTES)
    )
    for source in sources:
        own = sum(stretch.source is source for stretch in stretches)
        yield source, (next(outcomes) for _ in range(own))
