"""Reads the files of a log as a whole: one rollup, and an account of every line and file."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from ops_pipelines.logs.account import Account
from ops_pipelines.logs.contents import Source
from ops_pipelines.logs.ledger import Reading
from ops_pipelines.logs.narrowing import narrowed
from ops_pipelines.logs.rollup import Rollup, Total, bounded
from ops_pipelines.logs.sources import Found
from ops_pipelines.logs.stretches import Stretch, read_each
from ops_pipelines.report import Reason

Progress = Callable[[int], None]


@dataclass(slots=True)
class FileAccount:
    """What one file came to.

    Attributes:
        part: the bytes `[start, end)` that were read, where those are not all.
    """

    source: Source
    account: Account
    damage: str | None = None
    part: tuple[int, int] | None = None


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
    total = Total()
    files: list[FileAccount] = []
    failed = dict(found.failed)
    wanted = [narrowed(source, how) for source in found.sources]
    for stretch, outcomes in read_each(wanted, how, processes):
        account, damage = Account(), None
        for outcome in outcomes:
            total.add(outcome.part.rollup)
            account = account.then(outcome.part.account)
            damage = damage or outcome.damage
            if progress:
                progress(outcome.bytes_read)
        if damage:
            failed[stretch.source.name] = Reason("logs.damaged", {"detail": damage})
        if account.lines or not damage:
            files.append(FileAccount(stretch.source, account.ended(), damage, _part(stretch)))
    return Analysis(bounded(total.rollup()), files, failed, dict(found.skipped))


def _part(stretch: Stretch) -> tuple[int, int] | None:
    size = stretch.source.size
    if stretch.end is None or size is None or (stretch.start, stretch.end) == (0, size):
        return None
    return stretch.start, stretch.end
