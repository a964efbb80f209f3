"""Vectors of texts: a hashed bag of words. The same text gives the same vector on every machine."""

import math
from array import array
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

from ops_pipelines.demo.words import words

Vector = Sequence[float]


def vector(text: str, dimension: int) -> Vector:
    """The vector of `text`, of length 1; all zeros for a text without words."""
    sums = [0.0] * dimension
    for word, count in Counter(words(text)).items():
        place = int.from_bytes(blake2b(word.encode(), digest_size=8).digest())
        sums[(place >> 1) % dimension] += count if place & 1 else -count
    length = math.hypot(*sums)
    return [value / length for value in sums] if length else sums


def cosine(one: Vector, other: Vector) -> float:
    """How near two vectors of length 1 are: 1 for the same direction."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def packed(values: Vector) -> bytes:
    """A vector as the database keeps it: 32-bit floats."""
    return array("f", values).tobytes()


def unpacked(content: bytes) -> Vector:
    """A vector from what `packed` gave."""
    return array("f", content)
