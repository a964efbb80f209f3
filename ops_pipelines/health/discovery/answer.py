"""What one address answered, and whether it is the kind of answer that holds a verdict."""

import re
from dataclasses import dataclass
from typing import Any

from ops_pipelines.health import body
from ops_pipelines.health.request import Answer
from ops_pipelines.report import Reason

LONGEST_TEXT = 2000
_NOT_THERE = (404, 405, 410, 501)
_WANTS_KEY = (401, 403, 407)


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back from one address.

    Attributes:
        url: the address, as a check has it.
        status: the HTTP status; 0 without an answer.
        document: the JSON value of the body, or a `Reason` why there is none.
        text: the beginning of the body, as text.
        location: where it leads to.
        missing: why there is no answer.
    """

    url: str
    status: int = 0
    document: Any = None
    text: str = ""
    location: str | None = None
    missing: Reason | None = None

    @property
    def has_json(self) -> bool:
        """Whether the body is a JSON mapping or list; a single JSON word is as good as text."""
        return isinstance(self.document, dict | list)

    @property
    def words(self) -> str:
        """A short body as one line, without the quotes that JSON puts around it."""
        said = self.document if isinstance(self.document, str) else self.text
        return body.one_line(said, 80)


def seen(url: str, answer: Answer) -> Seen:
    """What `answer`, that of the address `url`, shows."""
    content = (
        answer.content if answer.content is None else body.inflate(answer.content, answer.encoding)
    )
    text = content[:LONGEST_TEXT].decode(errors="replace") if isinstance(content, bytes) else ""
    return Seen(url, answer.status, answer.document(), text, answer.location)


def why_unreadable(answer: Seen, anything: Seen) -> Reason | None:
    """Why no check can be made of `answer`; None when one may be.

    `anything` is what the service answers at an address that cannot exist.
    """
    if answer.missing:
        return answer.missing
    if answer.status in _NOT_THERE:
        return Reason("discovery.not_there", {"status": answer.status})
    if answer.status in _WANTS_KEY:
        return Reason("discovery.wants_key", {"status": answer.status})
    if answer.location is not None and not 200 <= answer.status < 300:
        facts = {"status": answer.status, "location": body.one_line(answer.location, 200)}
        return Reason("discovery.leads_elsewhere", facts)
    if 400 <= answer.status < 500:
        return Reason("discovery.refused", {"status": answer.status})
    if says_same(answer, anything):
        return Reason("discovery.same_as_any", {"status": answer.status})
    return _unreadable_body(answer)


def _unreadable_body(answer: Seen) -> Reason | None:
    begins = answer.text.lstrip().lower()
    if begins.startswith(("<!doctype html", "<html", "<head")):
        return Reason("discovery.page", {"status": answer.status})
    if re.search(r"^# (TYPE|HELP) \S", answer.text, re.MULTILINE):
        return Reason("discovery.metrics", {"status": answer.status})
    if isinstance(answer.document, Reason) and answer.document.code == "health.body_too_large":
        return answer.document
    return None


def says_same(one: Seen, other: Seen) -> bool:
    """Whether both say the same, whatever times and ids stand in it."""
    if one.status != other.status or other.missing:
        return False
    if one.has_json or other.has_json:
        return bool(_shape(one.document) == _shape(other.document))
    return one.text == other.text


def _shape(value: Any) -> Any:
    """A JSON value without its numbers and long texts."""
    match value:
        case dict():
            return {key: _shape(item) for key, item in value.items()}
        case list():
            return [_shape(item) for item in value]
        case str():
            return value if re.fullmatch(r"\D{0,40}", value) else "…"
        case bool() | None:
            return value
    return 0
