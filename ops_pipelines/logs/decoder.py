"""Reads lines of JSON with msgspec, at once into the few values that are needed.

msgspec is told exactly what to expect: which keys, and for labels which values. What it did not
expect (a new value, a key that was never seen, another type, or no JSON at all) is an error, and
the line goes to the law, from which the decoder learns what to expect next time. So it may be fast
without ever being wrong; how fast depends on how much the lines resemble those before them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import nan
from types import NoneType
from typing import Any, Literal, Union

import msgspec

from ops_pipelines.logs import envelopes
from ops_pipelines.logs.coding import distinct
from ops_pipelines.logs.columns import Column, Columns
from ops_pipelines.logs.values import value_at

Rows = Sequence[Any]

UNREADABLE = (msgspec.MsgspecError, RecursionError, TypeError)
"""What reading a line raises when it is not as expected; TypeError for what is no bytes."""
MOST_LITERALS = 256
RARE = 0.01
"""What comes in a smaller share of the lines is left to the law: to expect it costs all lines."""
FEW_MISSES = 4
_NEVER = Literal["\0never"]


class Slot:
    """One top-level key that some path may begin with, and what was seen there.

    Attributes:
        column: whose values they are, where the key is a whole path.
        is_tree: whether a path leads below it.
        is_only_way: whether its path can begin with no other key.
        is_trap: whether a line that has it is left to the law.
    """

    def __init__(self) -> None:
        self.column: Column | None = None
        self.is_tree = False
        self.is_only_way = True
        self.is_trap = False
        self.seen: Counter[type] = Counter()
        self.kinds: set[type] = set()
        self.values: set[Any] = set()

    def learn(self, value: Any) -> None:
        """See a value."""
        self.seen[type(value)] += 1
        if type(value) in (str, int) and len(self.values) <= MOST_LITERALS:
            self.values.add(value)

    def expected(self, lines: int) -> tuple[Any, Any]:
        """The type to expect after so many lines, and the default."""
        self.kinds |= {kind for kind, count in self.seen.items() if count >= RARE * lines}
        kinds = self.kinds
        if not kinds or self.is_trap:
            return _NEVER, self._default
        if self.column is None or self.is_tree:
            return Any, None
        if self.column.is_time:
            return (msgspec.Raw, msgspec.NODEFAULT) if self.is_only_way else (Any, None)
        if not kinds <= set(self._usual):
            return Any, None
        if self.column.is_coded and len(self.values) <= MOST_LITERALS:
            expected: list[Any] = [Literal[tuple(self.values)]] if self.values else []
            expected += [NoneType] if NoneType in kinds else []
            return Union[tuple(expected)], self._default  # noqa: UP007 - made at run time
        return Union[tuple(k for k in self._usual if k in kinds)], self._default  # noqa: UP007

    @property
    def _usual(self) -> tuple[type, ...]:
        """The types that the fast form of the column takes."""
        if self.column is None:
            return ()
        if self.column.is_coded:
            return (str, int, NoneType)
        if self.column.is_amount:
            return (float, int, str, NoneType)
        return (str,)

    @property
    def _default(self) -> Any:
        if self.column is None or not self.is_only_way or self.column.is_coded:
            return None
        if self.column.is_time:
            return msgspec.NODEFAULT
        if self.column.is_amount:
            return nan
        return "" if self.column.needles else None


class Decoder:
    """Reads lines into `columns`, and learns."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.slots: dict[str, Slot] = {}
        self.ways: dict[str, list[tuple[str, str]]] = {}
        for path, column in columns.by_path.items():
            self.ways[path] = list(_ways(path))
            for key, rest in self.ways[path]:
                self.slots.setdefault(key, Slot()).is_tree |= bool(rest)
            self.slots[path].column = column
            self.slots[path].is_only_way = len(self.ways[path]) == 1
        for key in envelopes.traps(columns.plan.paths["timestamp"]):
            self.slots.setdefault(key, Slot()).is_trap = True
        self.lines = self.misses = 0
        self.limit = FEW_MISSES
        self.expected: dict[str, tuple[Any, Any]] = {}
        self._decode: Callable[[bytes], Any] = _refuse
        self._takers: list[tuple[str, Callable[[Rows], list[Any]], bool]] = []
        self._take_codes: Callable[[Rows], list[int]] = list

    def learn(self, record: Mapping[str, Any]) -> None:
        """Learn from a line that was not as expected and that the law could read."""
        self.misses += 1
        self.lines += 1
        for key in [key for key in record if key in self.slots]:
            slot = self.slots[key]
            if not slot.seen:  # msgspec is fast where keys come in the order of the fields
                self.slots[key] = self.slots.pop(key)
            slot.learn(record[key])

    def adapt(self) -> None:
        """Expect what was learned, if there was enough of it."""
        if self.misses < self.limit:
            return
        self.misses = 0
        expected = {key: slot.expected(self.lines) for key, slot in self.slots.items()}
        expected = dict(sorted(expected.items(), key=lambda item: item[1][0] is _NEVER))
        if expected == self.expected:
            self.limit = min(2 * self.limit, 4096)
            return
        self.limit = FEW_MISSES
        self._expect(expected)

    def read(self, lines: Sequence[Any], odd: Callable[[int], None]) -> int:
        """Read `lines` into the columns; how many. `odd` is told the place of each that is not."""
        rows: list[Any] = []
        rest = iter(lines)
        passed = 0
        while True:
            try:
                # When this raises, `rows` has what came before the odd line, and `rest` goes on
                # after it. A test holds that.
                rows.extend(map(self._decode, rest))
                break
            except UNREADABLE:
                odd(len(rows) + passed)
                passed += 1
        if rows:
            taken = ((path, take(rows), is_plain) for path, take, is_plain in self._takers)
            self.columns.extend(taken, self._take_codes(rows))
        self.lines += len(rows)
        return len(rows)

    def _expect(self, expected: dict[str, tuple[Any, Any]]) -> None:
        self.expected = expected
        names = {key: f"f{index}" for index, key in enumerate(expected)}
        keys = {name: key for key, name in names.items()}
        fields = [(names[key], *wanted) for key, wanted in expected.items()]
        line = msgspec.defstruct("Line", fields, rename=keys.get, gc=False, kw_only=True)
        self._decode = msgspec.json.Decoder(line).decode
        self._takers = [
            (path, self._taker(path, names), self._is_plain(path))
            for path, column in self.columns.by_path.items()
            if not column.is_coded and self._open_ways(path)
        ]
        self._take_codes = self._codes_taker(names)

    def _open_ways(self, path: str) -> list[tuple[str, str]]:
        return [(key, rest) for key, rest in self.ways[path] if self.expected[key][0] is not _NEVER]

    def _is_plain(self, path: str) -> bool:
        """Whether the values at `path` come in the fast form alone."""
        keys = [key for key, _ in self._open_ways(path)]
        return not keys or (keys == [path] and self.expected[path][0] is not Any)

    def _taker(self, path: str, names: Mapping[str, str]) -> Callable[[Rows], list[Any]]:
        """What takes the values at `path` out of rows."""
        ways = [(names[key], rest) for key, rest in self._open_ways(path)]
        if len(ways) == 1 and not ways[0][1]:
            return _compiled(f"lambda rows: [row.{ways[0][0]} for row in rows]")
        return lambda rows: [_first(row, ways) for row in rows]

    def _codes_taker(self, names: Mapping[str, str]) -> Callable[[Rows], list[int]]:
        """What takes the numbers of the combinations of labels out of rows."""
        combinations = self.columns.combinations
        paths = list(combinations.by_path)
        if not all(map(self._is_plain, paths)):
            takers = [self._taker(path, names) for path in paths]

            def take(rows: Rows) -> list[int]:
                columns = (map(distinct, taker(rows)) for taker in takers)
                return combinations.numbered(list(zip(*columns, strict=True)))

            return take
        values = ",".join(f"row.{names[p]}" if self._open_ways(p) else "None" for p in paths)
        known = _compiled(
            f"lambda rows: [numbers[{values},] for row in rows]", combinations.numbers
        )
        keys = _compiled(f"lambda rows: [({values},) for row in rows]")

        def take_plain(rows: Rows) -> list[int]:
            try:
                return known(rows)
            except KeyError:  # a new combination
                return combinations.numbered(keys(rows))

        return take_plain


def _compiled(source: str, numbers: Any = None) -> Callable[[Rows], list[Any]]:
    """A comprehension with names of fields in it: twice as fast as any attrgetter."""
    made: Callable[[Rows], list[Any]] = eval(source, {"numbers": numbers})  # noqa: S307 - our own names alone
    return made


def _ways(path: str) -> Iterator[tuple[str, str]]:
    """The top-level keys that `path` may begin with, the longest first, and the rest of it."""
    yield path, ""
    end = len(path)
    while (end := path.rfind(".", 0, end)) > 0:
        yield path[:end], path[end + 1 :]


def _first(row: Any, ways: Sequence[tuple[str, str]]) -> Any:
    for name, rest in ways:
        value = getattr(row, name)
        if value is not None and (found := value_at(value, rest) if rest else value) is not None:
            return found
    return None


def _refuse(_: bytes) -> Any:
    raise TypeError
