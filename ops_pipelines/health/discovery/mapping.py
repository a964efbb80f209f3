"""Turns what was found in one JSON body into the mappings of checks: what each of them reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops_pipelines.health import body
from ops_pipelines.health.discovery import collections, verdicts, words
from ops_pipelines.health.discovery.collections import Collection
from ops_pipelines.health.discovery.places import mapping
from ops_pipelines.health.discovery.verdicts import Verdict
from ops_pipelines.report import Reason, Status

_TIMES = ("timestamp", "checked_at", "checkedAt", "last_checked", "lastChecked", "检查时间")


@dataclass(frozen=True, slots=True)
class Mapping:
    """What one check reads of a body.

    Attributes:
        reads: the keys of the check that say so: `status`, `components`, `healthy` …
        remarks: what it leaves open.
        is_whole: whether it reads a verdict over everything, and components as well.
    """

    reads: dict[str, Any]
    remarks: tuple[Reason, ...] = ()
    is_whole: bool = False


@dataclass(slots=True)
class _Read:
    """The verdicts that one check is to read, and how."""

    own: Verdict | None = None
    others: Sequence[Verdict] = ()
    collection: Collection | None = None
    reads: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> list[Verdict]:
        """All that it reads."""
        own = [self.own] if self.own else []
        return [*own, *self.others, *(self.collection.said if self.collection else ())]


def mappings(document: Any) -> list[Mapping]:
    """The mappings that read every verdict of `document`; none where there is no verdict."""
    found = collections.find(document)
    single = verdicts.find(document, [place for one in found for place in one.reads])
    own = verdicts.own(single, has_components=bool(found))
    others = [v for v in single if v is not own and _is_read(v)]
    reads = [_Read(collection=one) for one in collections.best(found)]
    if own is None and len(others) == 1 and not found:
        own, others = others[0], []
    if own:
        reads = reads or [_Read()]
        reads[0].own = own
    if others:
        reads = reads if reads and not reads[0].collection else [*reads, _Read()]
        reads[-1].others = others
    is_well = own is not None and own.status is Status.HEALTHY
    left_out = [v for v in single if v is not own and not _is_read(v)]
    made = [_mapping(read, is_well=is_well, document=document) for read in reads]
    if made:
        made[0] = _with_remarks(made[0], left_out)
    return made


def _is_read(verdict: Verdict) -> bool:
    """Whether a verdict beside the main one is read: it is clear, or sounds of trouble."""
    return verdict.is_clear or words.sounds_troubled(verdict.word)


def _mapping(read: _Read, *, is_well: bool, document: Any) -> Mapping:
    reads: dict[str, Any] = {}
    if read.own:
        reads["status"] = read.own.given
    if read.others:
        reads["components"] = mapping(_names(read.others))
    if read.collection:
        reads["components"] = read.collection.given
        if read.collection.fields:
            reads["component"] = dict(read.collection.fields)
    open_words = [v for v in read.said if _is_open(v, is_well=is_well and v is not read.own)]
    reads |= _lists([v for v in read.said if v not in open_words])
    time = next((key for key in _TIMES if isinstance(document, dict) and key in document), None)
    if time and read.own:
        reads["timestamp"] = time
    shown = sorted({body.one_line(words.folded(v.word), 60) for v in open_words} - {"unknown"})
    remarks = [Reason("discovery.word_to_decide", {"word": word}) for word in shown[:5]]
    if read.collection and read.collection.is_deep:
        remarks.append(Reason("discovery.deeper"))
    if isinstance(document, dict) and "healthy_endpoints" in document and read.collection:
        remarks.append(Reason("discovery.calls_models"))
    return Mapping(reads, tuple(remarks), is_whole=bool(read.own and read.collection))


def _is_open(verdict: Verdict, *, is_well: bool) -> bool:
    """Whether the operator must decide what a word means.

    One that no list has, and that would say trouble while the service says it is well, is open.
    """
    is_contrary = is_well and verdict.status is Status.UNHEALTHY
    return not verdict.is_clear or (is_contrary and not _is_known(verdict.word))


def _is_known(word: Any) -> bool:
    return words.is_listed(word) or words.flag(word) is not None


def _names(others: Iterable[Verdict]) -> dict[str, str]:
    """A name for each single verdict: its place, without the key that every verdict has."""
    named: dict[str, str] = {}
    for verdict in others:
        *above, last = verdict.place
        parts = [key for key in above if not collections.is_name(key)]
        short = ".".join(parts if parts and verdict.rank is not None else [*parts, last])
        named[short if short not in named else ".".join(verdict.place)] = verdict.given
    return named


def _lists(said: Iterable[Verdict]) -> dict[str, list[Any]]:
    """The lists of words that a check needs over the default ones."""
    flags = [v for v in said if words.flag(v.word) is not None]
    plain = [v for v in said if words.flag(v.word) is None]
    lists: dict[str, list[Any]] = {}
    for status, listed in words.LISTS.items():
        more = dict.fromkeys(words.folded(v.word) for v in plain if v.status is status)
        new = [word for word in more if not words.is_listed(word)]
        truth = {Status.HEALTHY: [True], Status.UNHEALTHY: [False]}.get(status, []) if flags else []
        if truth and not plain:
            lists[str(status)] = truth
        elif new or truth:
            lists[str(status)] = [*listed, *new, *truth]
    return lists


def _with_remarks(made: Mapping, left_out: Sequence[Verdict]) -> Mapping:
    remarks = [
        Reason("discovery.word_not_read", {"path": v.given, "word": body.one_line(v.word, 60)})
        for v in left_out[:5]
    ]
    return Mapping(made.reads, (*made.remarks, *remarks), made.is_whole)
