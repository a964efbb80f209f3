"""The words in which every task says what it found.

A task's judge returns a `Report`; all that comes after it (storage, the Dagster UI, the command
line, alerts) knows these classes and nothing of the task. They hold codes and facts, no prose:
text is rendered when it is read, in the reader's language (`messages`).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ops_pipelines.language import N_
from ops_pipelines.messages import advise, explain, say
from ops_pipelines.redaction import redact, redact_tree
from ops_pipelines.window import Window

SCHEMA_VERSION = 1


class Status(StrEnum):
    """How a component is. Unknown means that we could not tell; it is never taken as healthy."""

    HEALTHY = N_("healthy")
    DEGRADED = N_("degraded")
    UNKNOWN = N_("unknown")
    UNHEALTHY = N_("unhealthy")

    @property
    def badness(self) -> int:
        """0 for healthy, growing with what an operator has to fear."""
        return _BADNESS[self]

    @staticmethod
    def worst(statuses: Iterable["Status"]) -> "Status":
        """The worst of `statuses`; of none at all nothing is known."""
        return max(statuses, key=lambda status: status.badness, default=Status.UNKNOWN)


_BADNESS = {status: badness for badness, status in enumerate(Status)}


class Severity(StrEnum):
    """How much a finding or problem matters."""

    INFO = N_("info")
    WARNING = N_("warning")
    CRITICAL = N_("critical")

    @property
    def weight(self) -> int:
        """0 for info, growing."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is as it is: a message code and the facts that fill it.

    The fact `error`, where there is one, is what the service itself said; it stands at the end.
    """

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return explain(self.code, self.facts)

    def stored(self) -> dict[str, Any]:
        """As it is kept, with secrets masked."""
        return {"code": self.code, "facts": redact_tree(dict(self.facts))}

    @classmethod
    def restored(cls, stored: Mapping[str, Any] | None) -> "Reason | None":
        """A reason from what `stored` gave, if it gave any."""
        return cls(stored["code"], stored["facts"]) if stored else None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an operator should know."""

    code: str
    severity: Severity
    subject: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What was found, in the reader's language."""
        return say(self.code, {"subject": self.subject, **self.facts})

    @property
    def action(self) -> str:
        """What to do about it, in the reader's language."""
        return advise(self.code, {"subject": self.subject, **self.facts})

    def stored(self) -> dict[str, Any]:
        """As it is kept: codes and facts, with secrets masked."""
        return {
            "code": self.code,
            "severity": str(self.severity),
            "subject": redact(self.subject),
            "facts": redact_tree(dict(self.facts)),
        }

    def rendered(self) -> dict[str, Any]:
        """As it is printed: with its texts."""
        return {**self.stored(), "message": self.message, "action": self.action}

    @classmethod
    def restored(cls, stored: Mapping[str, Any]) -> "Finding":
        """A finding from what `stored` gave."""
        return cls(stored["code"], Severity(stored["severity"]), stored["subject"], stored["facts"])


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong at one place of a file. Lines and columns count from 1."""

    code: str
    file: str
    line: int
    column: int
    path: str
    severity: Severity = Severity.CRITICAL
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """What is wrong, in the reader's language."""
        return say(self.code, {"path": self.path, **self.facts})

    @property
    def suggestion(self) -> str:
        """What to do about it, in the reader's language."""
        return advise(self.code, {"path": self.path, **self.facts})

    @property
    def said(self) -> str:
        """Both in one line."""
        return f"{self.message} → {self.suggestion}" if self.suggestion else self.message

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.said}"

    def rendered(self) -> dict[str, Any]:
        """As it is printed."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "severity": str(self.severity),
            "code": self.code,
            "message": self.message,
            "suggestion": self.suggestion,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What a task says about one window of time.

    Attributes:
        service: the service's name.
        asset: the output that this is a version of, such as `health_report`.
        window: the time that it covers, as asked for.
        complete: whether the window had ended, and all its evidence was in, when it was made.
        made_at: when it was made; not part of the data version.
        facts: what was measured: JSON values only.
        findings: what an operator should know.
        inputs: what it was made from (counts, versions); not part of the data version.
    """

    service: str
    asset: str
    window: Window
    complete: bool
    made_at: datetime
    facts: Mapping[str, Any]
    findings: tuple[Finding, ...] = ()
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def severity(self) -> Severity | None:
        """That of its worst finding."""
        return max((f.severity for f in self.findings), key=lambda s: s.weight, default=None)

    def document(self) -> dict[str, Any]:
        """As it is kept: one JSON object, with secrets masked."""
        said = {
            "window": self.window.iso(),
            "complete": self.complete,
            "facts": redact_tree(dict(self.facts)),
            "findings": [finding.stored() for finding in self.findings],
        }
        return {
            "schema_version": SCHEMA_VERSION,
            "service": self.service,
            "asset": self.asset,
            "data_version": content_hash(said),
            "made_at": self.made_at.isoformat(timespec="seconds"),
            "inputs": redact_tree(dict(self.inputs)),
            **said,
        }


def content_hash(content: Any) -> str:
    """SHA-256 of a JSON value, the same for the same value whatever the order of its keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
