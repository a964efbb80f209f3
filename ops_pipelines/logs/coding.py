"""Small numbers for the values of labels, and for the combinations in which lines have them."""

from array import array
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ops_pipelines.logs.plan import Plan
from ops_pipelines.logs.values import label

OTHER = "other"
MOST_VALUES = 60_000
"""So many values of one path are told apart; later ones count as `OTHER`."""
MOST_COMBINATIONS = 100_000


class Values:
    """A code for each value of one path, by what it names and what it says of its line.

    Attributes:
        labels: what the values of each code name.
    """

    def __init__(self, path: str, plan: Plan) -> None:
        self.path, self.plan = path, plan
        self.labels: list[str | None] = []
        self._codes: dict[tuple[str | None, int], int] = {}
        self.code(None)

    def code(self, value: Any) -> tuple[int, int]:
        """The code of `value`, and its flags."""
        key = (label(value), self.plan.flags(self.path, value))
        if key not in self._codes:
            if len(self._codes) >= MOST_VALUES and key[0] is not None:
                key = (OTHER, key[1])
            if key not in self._codes:
                self._codes[key] = len(self.labels)
                self.labels.append(key[0])
        return self._codes[key], key[1]


class Combinations:
    """A number for each combination of values at `paths` in which any line has them.

    A dict takes 1, 1.0 and True for the same: a value that is neither a text nor a whole number
    stands in a key as `distinct` has it.

    Attributes:
        numbers: by the combination.
    """

    def __init__(self, paths: Sequence[str], plan: Plan) -> None:
        self.numbers: dict[tuple[Any, ...], int] = {}
        self.by_path = {path: Values(path, plan) for path in paths}
        self._codes = {path: array("H") for path in paths}
        self._flags = bytearray()

    def number(self, key: tuple[Any, ...]) -> int:
        """The number of a combination, be it a new one."""
        if key in self.numbers:
            return self.numbers[key]
        flags = 0
        for (path, values), value in zip(self.by_path.items(), key, strict=True):
            code, said = values.code(value.value if isinstance(value, _Distinct) else value)
            self._codes[path].append(code)
            flags |= said
        self._flags.append(flags)
        self.numbers[key] = len(self._flags) - 1
        return self.numbers[key]

    def numbered(self, keys: Sequence[tuple[Any, ...]]) -> list[int]:
        """The number of each of many combinations."""
        for key in [key for key in keys if key not in self.numbers]:
            self.number(key)
        return [self.numbers[key] for key in keys]

    def flags(self) -> npt.NDArray[np.uint8]:
        """What each combination says of its line."""
        return np.frombuffer(bytes(self._flags), np.uint8)

    def codes(self, path: str) -> npt.NDArray[np.uint16]:
        """The code of the value at `path` in each combination."""
        return np.array(self._codes[path], np.uint16)

    def trim(self) -> None:
        """Forget combinations when there are too many; the codes of values stay."""
        if len(self.numbers) > MOST_COMBINATIONS:
            self.numbers.clear()
            self._flags.clear()
            for codes in self._codes.values():
                del codes[:]


class _Distinct:
    """A value as part of a key, equal to no value of another type."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Distinct) and repr(self.value) == repr(other.value)

    def __hash__(self) -> int:
        return hash(repr(self.value))


def distinct(value: Any) -> Any:
    """`value` as part of a key of `Combinations`."""
    if value is None or type(value) in (str, int):
        return value
    return _Distinct(value if isinstance(value, bool | float) else [])
