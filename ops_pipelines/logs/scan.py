"""Reads the lines of one stretch of bytes: as fast as can be, and by the law where that fails."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ops_pipelines.logs.decoder import Decoder
from ops_pipelines.logs.envelopes import Inner
from ops_pipelines.logs.ledger import Integers, Ledger, Part, Reading
from ops_pipelines.logs.lines import Block, Line, Odd
from ops_pipelines.logs.records import KEPT, Rejected, parse, parse_inner, record_of
from ops_pipelines.logs.tracebacks import Tracebacks
from ops_pipelines.logs.unwrapping import Unwrapper
from ops_pipelines.logs.values import fields_of

FIRST_LINES = 200
"""So many lines are read by the law, so that the decoder learns what to expect."""
_NO_RECORD = ("not_json", "not_matched", "not_utf8")


class Scan:
    """Is fed blocks that follow each other; `part()` is what they came to."""

    def __init__(self, how: Reading, start: int = 0) -> None:
        self.plan = how.plan
        self.ledger = Ledger(how, start)
        self.decoder = Decoder(self.ledger.columns)
        self.unwrapper = Unwrapper(how.plan)
        self.tracebacks = Tracebacks()
        self.offset = start
        self.torn = -1

    def feed(self, block: Block) -> None:
        """Read the next block."""
        account = self.ledger.account
        first = account.lines
        account.lines += len(block.lines)
        self.torn = account.lines - 1 if block.is_torn else -1
        law = max(0, min(FIRST_LINES - first, len(block.lines)))
        for number, line in enumerate(block.lines[:law], first):
            self._by_law(line, number, is_next=True)
        self.decoder.adapt()
        self._read(block.lines[law:] if law else block.lines, first + law)
        self.decoder.adapt()
        self.offset += block.size
        self.ledger.close_batch(self.offset)

    def may_end_before(self, block: Block) -> bool:
        """Whether `block` begins with a record of its own, whatever stands before it."""
        if self.unwrapper.is_in_line or isinstance(block.lines[0], Odd):
            return False
        try:
            record_of(block.lines[0], self.plan)
        except Rejected:
            return False
        return True

    def so_far(self) -> Part:
        """What came of the blocks until now, but for lines that go on later; more may be fed."""
        self._book_absorbed()
        found = self.ledger.part(self.offset)
        lines = found.account.lines - self.unwrapper.waiting
        return replace(found, account=replace(found.account, lines=lines))

    def part(self) -> Part:
        """What all blocks came to."""
        for number in self.unwrapper.ended():
            self.ledger.reject(number, "torn", "")
        self._book_absorbed()
        return self.ledger.part(self.offset)

    def _read(self, lines: list[Line], first: int) -> None:
        """Read lines as fast as can be."""
        if self.unwrapper.kind is None:
            self._decode(lines, np.arange(first, first + len(lines)), lines, is_next=True)
        else:
            found = self.unwrapper.take(lines, first)
            self._decode(found.texts, np.array(found.numbers, np.int64), found.origins)
        self._book_absorbed()

    def _decode(
        self,
        lines: list[Line],
        numbers: Integers,
        origins: Sequence[Line | Inner],
        *,
        is_next: bool = False,
    ) -> None:
        odd: list[int] = []

        def by_law(place: int) -> None:
            odd.append(place)
            self._by_law(origins[place], int(numbers[place]), is_next=is_next)

        if self.decoder.read(lines, by_law):
            is_read = np.ones(len(lines), np.bool_)
            is_read[odd] = False
            self.ledger.accept(numbers[is_read])

    def _by_law(self, origin: Line | Inner, number: int, *, is_next: bool) -> None:
        """Read one line; `is_next` where it comes after those that were read before."""
        try:
            record = self._record(origin, number, is_next=is_next)
            self.decoder.learn(record)
            values = fields_of(record, self.plan.needed)
            if self.plan.paths["timestamp"] not in values:
                self._reject(number, "no_timestamp", _shown(origin))
                return
        except Rejected as rejected:
            self._reject(number, rejected.reason, rejected.shown)
        else:
            self.ledger.columns.add(values)
            self.ledger.accept_one(number)

    def _record(self, origin: Line | Inner, number: int, *, is_next: bool) -> dict[str, Any]:
        found = parse(origin, self.plan) if isinstance(origin, bytes) else origin
        whole: Inner | Odd | None
        if isinstance(found, dict):
            return found
        whole = found
        if isinstance(found, Inner) and is_next:
            self.unwrapper.met(found.kind)
            whole = self.unwrapper.whole(found, number)
        if whole is None:
            raise Rejected("")
        if isinstance(whole, Odd):
            raise Rejected(whole.reason, _shown(whole))
        return parse_inner(whole, self.plan)

    def _reject(self, number: int, reason: str, shown: str) -> None:
        if not reason:  # it goes on in a later line, and is booked then
            return
        if reason in _NO_RECORD and number == self.torn:
            reason = "torn"
        elif reason in _NO_RECORD and self._goes_on(number, reason, shown):
            reason = "continuation"
        self.ledger.reject(number, reason, shown)

    def _goes_on(self, number: int, reason: str, shown: str) -> bool:
        """Whether a line that is no record belongs to the one before it."""
        if reason == "not_matched":  # in a text log, whatever does not begin a record
            return self.ledger.has_records
        return self.tracebacks.goes_on(number, shown)

    def _book_absorbed(self) -> None:
        for number in self.unwrapper.absorbed:
            self.ledger.reject(number, "continuation", "")
        self.unwrapper.absorbed.clear()


def _shown(origin: Line | Inner) -> str:
    """The beginning of a line, for people."""
    match origin:
        case Odd():
            text = origin.line
        case Inner():
            text = origin.text
        case _:
            text = origin
    return text[:KEPT].decode(errors="backslashreplace")
