"""What each message code says to a person: one table a task, in English, translated by `locale/`.

Findings, problems, reasons and errors are kept as a code and facts; the tables here turn them into
text when they are read. `{placeholders}` are facts.
"""

from collections.abc import Mapping
from typing import Any

from ops_pipelines.language import _
from ops_pipelines.messages import files, health, settings, storage
from ops_pipelines.messages.text import Text
from ops_pipelines.redaction import redact

TEXTS: dict[str, Text] = {
    **files.TEXTS,
    **health.TEXTS,
    **settings.TEXTS,
    **storage.TEXTS,
}


def say(code: str, facts: Mapping[str, Any]) -> str:
    """What `code` says, filled with `facts`, in the reader's language, with secrets masked."""
    return _render(TEXTS[code].says, facts)


def advise(code: str, facts: Mapping[str, Any]) -> str:
    """What to do about it; empty where there is nothing to do."""
    advice = TEXTS[code].advice
    return _render(advice, facts) if advice else ""


def explain(code: str, facts: Mapping[str, Any]) -> str:
    """A reason as text: what `code` says and, at its end, the fact `error`: the service's words."""
    text = say(code, facts)
    return f"{text}: {redact(str(facts['error']))}" if "error" in facts else text


def _render(text: str, facts: Mapping[str, Any]) -> str:
    spoken = {name: _spoken(value) for name, value in facts.items()}
    return redact(_(text).format_map(spoken))


def _spoken(value: Any) -> Any:
    match value:
        case list() | tuple():
            return ", ".join(map(str, value))
        case {"code": str(code), "facts": dict(facts)}:  # a reason, as it is stored
            return explain(code, facts)
    return value
