"""Takes the envelopes off many lines at once, and puts partial lines together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from ops_pipelines.logs import envelopes
from ops_pipelines.logs.envelopes import CRI, DOCKER, JOURNALD, Inner
from ops_pipelines.logs.lines import LONGEST_BYTES, Line, Odd
from ops_pipelines.logs.plan import Plan
from ops_pipelines.logs.records import Rejected, parse


class _Docker(msgspec.Struct, gc=False):
    log: str
    stream: Literal["stdout", "stderr"]
    time: msgspec.Raw


class _Journald(msgspec.Struct, gc=False):
    message: str = msgspec.field(name="MESSAGE")
    time: msgspec.Raw = msgspec.field(name="__REALTIME_TIMESTAMP")


class _Begun:
    """A line of which only parts came."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.numbers: list[int] = []
        self.size = 0

    def add(self, text: bytes) -> None:
        self.size += len(text)
        if self.size <= LONGEST_BYTES:
            self.parts.append(text)


@dataclass(slots=True)
class Unwrapped:
    """The lines that were wrapped.

    Attributes:
        numbers: of the physical line with which each ends.
        origins: that line, or what was put together from several.
    """

    texts: list[Line] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    origins: list[Line | Inner] = field(default_factory=list)


class Unwrapper:
    """Knows which envelope the lines have, and what of a partial line came already.

    Attributes:
        kind: the envelope of the lines, once it is known; None where there is none, or where our
            fields may stand on it, so that the law has to look.
        absorbed: the numbers of lines that went on in a later one.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.kind: str | None = None
        self.absorbed: list[int] = []
        self._begun: dict[str, _Begun] = {}

    def met(self, kind: str) -> None:
        """Note that a line had this envelope."""
        if not any(envelopes.may_hold(kind, path) for path in self.plan.needed):
            self.kind = kind

    def whole(self, inner: Inner, number: int) -> Inner | Odd | None:
        """What is in line `number`, with what came of it before; None while it goes on."""
        if inner.is_whole and inner.stream not in self._begun:
            return inner
        begun = self._begun.setdefault(inner.stream, _Begun())
        begun.add(inner.text)
        if not inner.is_whole:
            begun.numbers.append(number)
            return None
        self.absorbed += self._begun.pop(inner.stream).numbers
        text = b"".join(begun.parts)
        return inner._replace(text=text) if begun.size <= LONGEST_BYTES else Odd("too_long", text)

    @property
    def is_in_line(self) -> bool:
        """Whether a line is begun and not at its end."""
        return bool(self._begun)

    @property
    def waiting(self) -> int:
        """How many lines go on in one that has not come."""
        return sum(len(begun.numbers) for begun in self._begun.values())

    def ended(self) -> list[int]:
        """The numbers of lines that should have gone on, and nothing came."""
        begun = self._begun.values()
        self.absorbed += [number for lines in begun for number in lines.numbers[:-1]]
        return [lines.numbers[-1] for lines in begun]

    def take(self, lines: Sequence[Line], first: int) -> Unwrapped:
        """The lines inside `lines`, of which the first has the number `first`."""
        found = Unwrapped()
        for number, line in enumerate(lines, first):
            inner = None if isinstance(line, Odd) else self._inner(line)
            whole = self.whole(inner, number) if inner else line
            if whole is None:
                continue
            found.texts.append(whole.text if isinstance(whole, Inner) else whole)
            found.numbers.append(number)
            # What is whole in one line is better read again, should the law need its envelope.
            found.origins.append(line if whole is inner else whole)
        return found

    def _inner(self, line: bytes) -> Inner | None:
        try:
            return _FAST[self.kind](line) if self.kind else None
        except UNREADABLE:
            pass
        try:  # not as usual: the law says what it is
            found = parse(line, self.plan)
        except Rejected:
            return None
        return found if isinstance(found, Inner) else None


def _of_docker(line: bytes) -> Inner:
    found = _DOCKER(line)
    text = found.log.encode()
    return Inner(DOCKER, found.stream, text.removesuffix(b"\n"), text.endswith(b"\n"), {})


def _of_journald(line: bytes) -> Inner:
    return Inner(JOURNALD, "", _JOURNALD(line).message.encode(), is_whole=True, outer={})


UNREADABLE = (msgspec.MsgspecError, RecursionError, TypeError)
_DOCKER = msgspec.json.Decoder(_Docker).decode
_JOURNALD = msgspec.json.Decoder(_Journald).decode
_FAST: dict[str, Callable[[bytes], Inner | None]] = {
    DOCKER: _of_docker,
    CRI: envelopes.of_line,
    JOURNALD: _of_journald,
}
