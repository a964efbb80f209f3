"""The values of many lines, field by field, in the compact form in which they are added up."""

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from math import nan
from typing import Any

import numpy as np
import numpy.typing as npt

from ops_pipelines.logs.coding import Combinations, distinct
from ops_pipelines.logs.plan import DIMENSIONS, NUMBERS, Plan
from ops_pipelines.logs.values import label, number


class Column:
    """The values at one path that are no labels: times, amounts, hashes, or texts to search."""

    def __init__(self, path: str, plan: Plan, *, is_coded: bool) -> None:
        self.path, self.plan = path, plan
        criteria = plan.criteria_by_path.get(path, ())
        self.is_coded = is_coded
        self.is_time = path == plan.paths["timestamp"]
        self.is_hash = path == plan.paths["request_hash"]
        self.is_amount = any(plan.paths[name] == path for name in NUMBERS)
        self.is_tested = bool(criteria) and not is_coded
        is_searched = self.is_tested and all(one.kind == "contains" for one in criteria)
        self.needles = [(one.operand, one.flag) for one in criteria] if is_searched else []
        self.clear()

    def clear(self) -> None:
        """Forget the values."""
        self.times: list[bytes] = []
        self.amounts, self.hashes, self.flags = array("d"), array("Q"), bytearray()

    def pad(self, count: int) -> None:
        """Let it have `count` values: what is missing is none."""
        if self.is_amount:
            self.amounts.extend([nan] * (count - len(self.amounts)))
        if self.is_hash:
            self.hashes.extend(bytes(count - len(self.hashes)))
        if self.is_tested:
            none = self.plan.flags(self.path, None)
            self.flags.extend([none] * (count - len(self.flags)))

    def add(self, values: Sequence[Any], *, is_plain: bool = False) -> None:
        """Add values; `is_plain` where times are JSON already, and no amount is true or false."""
        if self.is_time:
            self.times.append(b"\n".join(values if is_plain else map(_as_json, values)) + b"\n")
        if self.is_amount:
            self.amounts.extend(_amounts(values) if is_plain else map(number, values))
        if self.is_hash:
            self.hashes.extend(map(_hash, values))
        if self.is_tested:
            self.flags.extend(self._tested(values))

    def _tested(self, values: Sequence[Any]) -> Iterable[int]:
        if len(self.needles) == 1:
            [(needle, flag)] = self.needles
            try:
                return [flag if needle in value.lower() else 0 for value in values]
            except AttributeError:  # not all of them are texts
                pass
        return [self.plan.flags(self.path, value) for value in values]


def _amounts(values: Sequence[Any]) -> "array[float]":
    try:
        return array("d", values)
    except TypeError:
        pass
    try:
        return array("d", [nan if value is None else float(value) for value in values])
    except ValueError:  # a text that is no number
        return array("d", map(number, values))


def _as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _hash(value: Any) -> int:
    """A number that two values share as good as never; 0 for none."""
    if (text := label(value)) is None:
        return 0
    digest = blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) or 1


class Columns:
    """The values of many lines at every path that the plan needs."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        coded = [path for path in plan.needed if _is_coded(path, plan)]
        self.combinations = Combinations(coded, plan)
        self.by_path = {path: Column(path, plan, is_coded=path in coded) for path in plan.needed}
        self.codes = array("I")

    @property
    def count(self) -> int:
        """How many lines it holds."""
        return len(self.codes)

    def add(self, values: Mapping[str, Any]) -> None:
        """Add one line that the law has read."""
        key = tuple(distinct(values.get(path)) for path in self.combinations.by_path)
        self.extend(
            ((path, [value], False) for path, value in values.items()),
            [self.combinations.number(key)],
        )

    def extend(
        self, values: Iterable[tuple[str, Sequence[Any], bool]], codes: Sequence[int]
    ) -> None:
        """Add lines: the values at paths, and whether those are plain; and their combinations."""
        for path, found, is_plain in values:
            column = self.by_path[path]
            column.pad(self.count)
            column.add(found, is_plain=is_plain)
        self.codes.extend(array("I", codes))

    def pad(self) -> None:
        """Let every column that has anything have all lines."""
        for column in self.by_path.values():
            if column.amounts or column.is_tested or not column.is_amount:
                column.pad(self.count)

    def clear(self) -> None:
        """Forget the lines; codes of values stay."""
        for column in self.by_path.values():
            column.clear()
        del self.codes[:]
        self.combinations.trim()

    @property
    def times(self) -> bytes:
        """The timestamp of each line, as JSON in a line each."""
        return b"".join(self._column("timestamp").times)

    def labels(self, field: str) -> list[str | None]:
        """What the codes of one of our labels mean."""
        return self.combinations.by_path[self.plan.paths[field]].labels

    def label_codes(self) -> dict[str, npt.NDArray[np.uint16]]:
        """For each dimension the code that each line has."""
        codes = np.array(self.codes, np.uint32)
        paths = {name: self.plan.paths[name] for name in DIMENSIONS}
        return {name: self.combinations.codes(path)[codes] for name, path in paths.items()}

    def amounts(self) -> dict[str, npt.NDArray[np.float64]]:
        """Those of our numbers that any line has, durations in seconds; NaN for none."""
        found = {}
        for name in NUMBERS:
            if amounts := self._column(name).amounts:
                found[name] = np.array(amounts) * self.plan.scales.get(name, 1.0)
        return found

    def hashes(self) -> npt.NDArray[np.uint64]:
        """The hash of the request, for each line; 0 for none."""
        return np.array(self._column("request_hash").hashes, np.uint64)

    def flags(self) -> npt.NDArray[np.uint8]:
        """What each line is."""
        found = self.combinations.flags()[np.array(self.codes, np.uint32)]
        for column in self.by_path.values():
            if column.is_tested:
                found |= np.frombuffer(bytes(column.flags), np.uint8)
        return found

    def _column(self, field: str) -> Column:
        return self.by_path[self.plan.paths[field]]


def _is_coded(path: str, plan: Plan) -> bool:
    """Whether it has few values: labels, and what is compared; no texts, times and amounts."""
    if any(plan.paths[name] == path for name in DIMENSIONS):
        return True
    if any(plan.paths[name] == path for name in ("timestamp", *NUMBERS)):
        return False
    criteria = plan.criteria_by_path.get(path, ())
    return any(one.kind != "contains" for one in criteria)
