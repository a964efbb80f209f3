"""What each message code says to a person: one table a task, in English, translated by `locale/`.

Findings, problems, reasons and errors are kept as a code and facts; the tables here turn them into
text when they are read. `{placeholders}` are facts.
"""

from collections.abc import Mapping
from typing import Any

from ops_pipelines.language import _
from ops_pipelines.messages import (
    backup,
    config,
    discovery,
    files,
    health,
    log_days,
    logs,
    rotation,
    settings,
    storage,
    up,
)
from ops_pipelines.messages.text import Text
from ops_pipelines.redaction import redact

TEXTS: dict[str, Text] = {
    **backup.TEXTS,
    **config.TEXTS,
    **discovery.TEXTS,
    **files.TEXTS,
    **health.TEXTS,
    **log_days.TEXTS,
    **logs.TEXTS,
    **rotation.TEXTS,
    **settings.TEXTS,
    **storage.TEXTS,
    **up.TEXTS,
}


def say(code: str, facts: Mapping[str, Any]) -> str:
    """What `code` says, filled with `facts`, in the reader's language, with secrets masked."""
    return _render(_text(code).says, facts)


def advise(code: str, facts: Mapping[str, Any]) -> str:
    """What to do about it; empty where there is nothing to do.

    A reason among the facts knows better what to do than the finding that bears it.
    """
    match facts.get("reason"):
        case {"code": str(reason), "facts": dict(why)} if _text(reason).advice:
            return advise(reason, why)
    advice = _text(code).advice
    return _render(advice, facts) if advice else ""


def explain(code: str, facts: Mapping[str, Any]) -> str:
    """A reason as text: what `code` says and, at its end, the fact `error`: the service's words."""
    text = say(code, facts)
    if "error" not in facts:
        return text
    return _("{text}: {error}").format(text=text, error=redact(str(facts["error"])))


def _text(code: str) -> Text:
    """What `code` says; a code of another version, in a stored document, says itself."""
    return TEXTS.get(code) or Text(code.replace("{", "{{").replace("}", "}}"))


def _render(text: str, facts: Mapping[str, Any]) -> str:
    spoken = {name: _spoken(value) for name, value in facts.items()}
    return redact(_(text).format_map(spoken))


def _spoken(value: Any) -> Any:
    match value:
        case list() | tuple():
            return _(", ").join(map(str, value))
        case {"code": str(code), "facts": dict(facts)}:  # a reason, as it is stored
            return explain(code, facts)
    return value
