"""The shape of a message."""

from typing import NamedTuple


class Text(NamedTuple):
    """What a code says, and what to do about it."""

    says: str
    advice: str = ""
