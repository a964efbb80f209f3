"""Finds single verdicts in a JSON body: words, truth values, and counts that belong together."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops_pipelines.health.discovery import words
from ops_pipelines.health.discovery.places import Place, is_below, path, walk
from ops_pipelines.report import Status

LONGEST_WORD = 60
# Words of an answer that may speak of the request alone.
_OF_THE_REQUEST = ("success", "succeeded", "successful", "成功")
# Pairs of words in keys such as healthy_count and unhealthy_count, or healthy and unhealthy.
PAIRS = {
    "healthy": "unhealthy",
    "up": "down",
    "available": "unavailable",
    "online": "offline",
    "alive": "dead",
    "connected": "disconnected",
    "passing": "failing",
    "passed": "failed",
    "正常": "异常",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One value that says how something is.

    Attributes:
        place: where it stands.
        given: the JMESPath that a check reads it with.
        word: what it says now.
        status: what that means beyond doubt, if anything.
        rank: how strongly its key says that it holds a verdict; None when only its word says so.
    """

    place: Place
    given: str
    word: Any
    status: Status | None
    rank: int | None = None

    @property
    def is_clear(self) -> bool:
        """Whether its word has a meaning."""
        return self.status is not None

    @property
    def is_of_the_request(self) -> bool:
        """Whether it may only say that the request succeeded."""
        return words.folded(self.word) in _OF_THE_REQUEST


def find(document: Any, without: Iterable[Place]) -> list[Verdict]:
    """The verdicts of `document`, the outer ones first, without what stands below `without`."""
    hidden = list(without)
    return [
        verdict
        for place, value in walk(document)
        for verdict in _at(place, value)
        if not is_below(verdict.place, hidden)
    ]


def _at(place: Place, value: Any) -> Iterator[Verdict]:
    if isinstance(value, dict):
        yield from _counts(place, value)
    elif place and not words.is_of_something_else(place[-1]):
        verdict = of_value(place, value)
        if verdict is not None:
            yield verdict


def of_value(place: Place, value: Any) -> Verdict | None:
    """The verdict that a single value at `place` is, if it is one."""
    key = place[-1]
    rank = words.rank(key)
    if isinstance(value, bool):
        return _of_flag(place, value, rank)
    if isinstance(value, int):
        is_code = not -1 <= value <= 9  # an HTTP status, or a number of something
        return None if rank is None or rank > 2 or is_code else _verdict(place, value, None, rank)
    if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST_WORD:
        return None
    is_spelled_flag = words.flag(value) is not None
    if is_spelled_flag and rank is None:
        return None
    status = words.meaning(value)
    if status is None and rank is None and not words.sounds_troubled(value):
        return None
    return _verdict(place, value, status, rank)


def _of_flag(place: Place, value: bool, rank: int | None) -> Verdict | None:
    if words.is_trouble(place[-1]):
        given = f"{path(place)} == `false`"
        return Verdict(place, given, not value, words.meaning(not value))
    return None if rank is None else _verdict(place, value, words.meaning(value), rank)


def _verdict(place: Place, value: Any, status: Status | None, rank: int | None) -> Verdict:
    return Verdict(place, path(place), value, status, rank)


def _counts(place: Place, found: Mapping[str, Any]) -> Iterator[Verdict]:
    """Counts of what is well and what is not: well when none is not and some are.

    When nothing is counted, what it reads is neither word, and so unknown.
    """
    for well, ill in pairs(found):
        counts = found[well], found[ill]
        if not all(isinstance(count, int) and not isinstance(count, bool) for count in counts):
            continue
        good, bad = path((*place, well)), path((*place, ill))
        given = f"{bad} == `0` && {good} > `0` && 'healthy' || {bad} > `0` && 'unhealthy'"
        word = "unhealthy" if counts[1] > 0 else "healthy"
        yield Verdict((*place, well), given, word, words.meaning(word))


def pairs(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys that belong together: one for what is well, and one for what is not."""
    by_words = {tuple(words.key_words(key)): key for key in found}
    for spelled, key in by_words.items():
        for well, ill in PAIRS.items():
            other = tuple(ill if word == well else word for word in spelled)
            if well in spelled and other in by_words:
                yield key, by_words[other]


def own(found: list[Verdict], *, has_components: bool) -> Verdict | None:
    """The verdict over all of the service among `found`, if one of them is."""
    named = [v for v in found if v.rank is not None and words.is_general(v.place)]
    clear = [verdict for verdict in named if verdict.is_clear]
    if clear:
        return min(clear, key=_strength)
    is_told = has_components or any(verdict.is_clear for verdict in found)
    unclear = [verdict for verdict in named if not (is_told and verdict.is_of_the_request)]
    return min(unclear, key=_strength, default=None)


def _strength(verdict: Verdict) -> tuple[int, int]:
    return len(verdict.place), verdict.rank or 0
