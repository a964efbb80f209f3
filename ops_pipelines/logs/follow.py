"""Follows the files of a log: what is written to them, through rotation and truncation.

A content is read on by its open file. So a renamed file is read to its end, and a new one under the
old name from its beginning; of one that was truncated in its place the rest is in the copy beside
it.
"""

import glob
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from ops_pipelines.logs import contents
from ops_pipelines.logs.analysis import Analysis, FileAccount, Progress
from ops_pipelines.logs.contents import STDIN, Source
from ops_pipelines.logs.followed import Beginning, Followed
from ops_pipelines.logs.ledger import Part, Reading
from ops_pipelines.logs.rollup import Rollup, added, bounded
from ops_pipelines.logs.sources import Found, paths, source_of
from ops_pipelines.logs.stretches import Stretch, read_each, whole
from ops_pipelines.report import Reason


class Follow:
    """The files that names stand for, now and later, and what they came to so far."""

    def __init__(
        self, names: Sequence[str], found: Found, how: Reading, progress: Progress | None = None
    ) -> None:
        self.how, self._found = how, found
        streams = {source.name for source in found.sources if source.size is None}
        self._lasting = [name for name in names if name not in streams]
        self._followed: list[Followed] = []
        self._ended: list[FileAccount] = []
        self._ended_rollup = Rollup()
        self._known: list[Beginning] = []
        self._seen: dict[str, tuple[int, ...]] = {}
        self._once: dict[str, tuple[int, ...]] = {}
        self._begin(self._found.sources, progress)

    @property
    def is_over(self) -> bool:
        """Whether nothing can come any more: all that was named has ended."""
        return not (self._followed or self._lasting)

    def poll(self) -> bool:
        """Read what was written since; whether there was anything."""
        has_read = False
        for one in list(self._followed):
            if one.is_overwritten():
                self._end_in_copy(one)
                has_read = True
            is_removed = one.is_removed()
            has_read |= one.read_on()
            if is_removed:
                one.end()
        for name in self._lasting:
            for path in paths([name]):
                has_read |= self._look_at(path, name)
        self._book_ended()
        return has_read

    def close(self) -> None:
        """Follow nothing any more."""
        for one in self._followed:
            one.end()
        self._book_ended()

    def analysis(self) -> Analysis:
        """What everything came to so far."""
        open_ones = [(one.source, one.part) for one in self._followed]
        rollup = added([self._ended_rollup.copy(), *(part.rollup for _, part in open_ones)])
        files = [FileAccount(source, part.account.ended()) for source, part in open_ones]
        failed, skipped = dict(self._found.failed), dict(self._found.skipped)
        return Analysis(bounded(rollup), [*self._ended, *files], failed, skipped)

    def _begin(self, sources: Sequence[Source], progress: Progress | None = None) -> None:
        """Read what is there; a plain file is read on from there."""
        for source in sources:
            if source.size is None:
                self._followed.append(Followed(source, self.how, _opened(source), Part(), 0))
        wanted = [
            Stretch(source, 0, source.size, may_grow=True) if source.is_plain else whole(source)
            for source in sources
            if source.size is not None
        ]
        for stretch, outcomes in read_each(wanted, self.how):
            part, settled = Part(), 0
            for outcome in outcomes:
                part, settled = part.then(outcome.part), outcome.settled
                if outcome.damage:
                    reason = Reason("logs.damaged", {"detail": outcome.damage})
                    self._found.failed[stretch.source.name] = reason
                if progress:
                    progress(outcome.bytes_read)
            self._go_on(stretch.source, part, settled)
        self._book_ended()

    def _go_on(self, source: Source, part: Part, settled: int) -> None:
        opened = _opened(source) if source.is_plain else None
        if opened:
            opened.seek(settled)
        one = Followed(source, self.how, opened, part, settled)
        one.read_on()
        self._followed.append(one)
        self._seen[source.name] = _state(source)

    def _end_in_copy(self, one: Followed) -> None:
        """A file was truncated in its place: the rest of its content is in a copy, if any."""
        name, nowhere = one.source.name, Found()
        beside = sorted(glob.glob(f"{glob.escape(name)}?*"))  # noqa: PTH207 - beside a whole name
        copies = [source for path in beside if (source := source_of(path, nowhere))]
        one.end(next((copy for copy in copies if one.beginning.is_in(copy)), None))
        if anew := source_of(name, self._found):
            self._go_on(anew, Part(), 0)

    def _look_at(self, path: str, name: str) -> bool:
        """Begin with a file that is new, for which `name` stands; whether it was."""
        source = self._new(path)
        if source is None:
            return False
        for missed in (path, name):
            self._found.failed.pop(missed, None)
        beginnings = [*self._known, *(one.beginning for one in self._followed)]
        first = next((one for one in beginnings if one.is_in(source)), None)
        if first:
            self._found.skipped[path] = Reason("logs.copy", {"file": first.name})
            self._seen[path] = _state(source)
        elif source.is_plain:
            self._go_on(source, Part(), 0)
        elif self._once.get(path) == _state(source):  # a compressor is done with it
            self._begin([source])
        else:
            self._once[path] = _state(source)
        return path in self._seen

    def _new(self, path: str) -> Source | None:
        """The file at `path`, if it is another one than before."""
        try:
            status = Path(path).stat()
        except OSError:
            return None  # between being listed and now; or it stands among the failed ones already
        inode = (status.st_dev, status.st_ino)
        is_open = any(one.source.inode == inode for one in self._followed)
        if is_open or self._seen.get(path) == (*inode, status.st_size, status.st_mtime_ns):
            return None
        source = source_of(path, self._found)
        return source if source and source.head else None

    def _book_ended(self) -> None:
        for one in [one for one in self._followed if not one.opened]:
            self._followed.remove(one)
            part = one.part
            self._known.append(one.beginning)
            self._ended.append(FileAccount(one.source, part.account.ended()))
            self._ended_rollup = added([self._ended_rollup, part.rollup])


def _state(source: Source) -> tuple[int, ...]:
    return (*source.inode, source.size or 0, source.modified_ns)


def _opened(source: Source) -> BinaryIO | None:
    """Its file, to be read from its beginning on; None when it has gone meanwhile."""
    if source.name == STDIN:
        return sys.stdin.buffer
    try:
        return contents.same_file(source).open("rb", buffering=0)
    except OSError:
        return None
