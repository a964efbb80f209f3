"""What a content comes to as it grows: what was kept of it, and what was read since."""

from dataclasses import dataclass, field

from ops_pipelines.logs import days, identity, parts
from ops_pipelines.logs.identity import Match
from ops_pipelines.logs.ledger import Part, Reading
from ops_pipelines.logs.parts import Kept
from ops_pipelines.logs.stretches import Outcome, Stretch
from ops_pipelines.storage.folder import Folder


@dataclass(slots=True)
class Growth:
    """A content that is read on.

    Attributes:
        settled: what its first `settled_bytes` came to.
        rest: what the bytes from there to `end` came to, of those that were read now.
        tail: the last bytes that were read now.
        damage: why it ended too early, if it did.
    """

    match: Match
    settled: Part = field(default_factory=Part)
    rest: Part = field(default_factory=Part)
    settled_bytes: int = 0
    end: int = 0
    tail: bytes = b""
    damage: str | None = None

    @property
    def unread(self) -> Stretch:
        """What is to be read."""
        source = self.match.source
        end = source.size if source.is_plain else None
        return Stretch(source, self.settled_bytes, end, may_grow=True)

    def go_on(self, outcome: Outcome) -> None:
        """Take what the next stretch of it came to."""
        self.settled = self.settled.then(outcome.part)
        self.rest, self.settled_bytes = outcome.rest, outcome.settled
        self.end, self.tail, self.damage = outcome.end, outcome.tail, outcome.damage

    def kept(self, store: Folder, how: Reading, reading: str) -> Kept:
        """Keep it; what the index says of it. The parts are used up after that."""
        source, known = self.match.source, self.match.kept
        head_bytes, head = identity.head_of(source)
        rest_part = Part().then(self.rest)
        settled, rest = parts.write(store, self.settled), parts.write(store, rest_part)
        whole = self.settled.then(rest_part)
        account = whole.account.ended()
        whole.account = account
        first, last = account.first_us, account.last_us
        return Kept(
            content=known.content if known else head,
            reading=reading,
            name=source.name,
            inode=source.inode,
            size=source.size or 0,
            modified_ns=source.modified_ns,
            head_bytes=head_bytes,
            head=head,
            tail=identity.tail_of(source, self.end, self.tail),
            end=self.end,
            settled_bytes=self.settled_bytes,
            settled=settled,
            rest=rest,
            days=days.versions(whole, how.zone),
            undated=dict(account.rejected.get(None, ())),
            lines=account.lines,
            accepted=account.dated,
            span_us=None if first is None or last is None else (first, last),
            damage=self.damage,
        )


def begun(store: Folder, match: Match) -> Growth:
    """The content of `match`, as it was kept; from its first byte where that is not there."""
    if match.start and match.kept and (settled := parts.read(store, match.kept.settled)):
        return Growth(match, settled, settled_bytes=match.start)
    return Growth(match)
