"""Errors that speak to the operator: what happened, where, and what to do.

OpsError                 it could not run; the command line ends with exit code 2
├── SettingsError        a service file that cannot be used; carries every problem that it has
├── InputError           what was handed to us cannot be read or is not what it should be
├── StorageError         an output could not be written or read
├── SnapshotError        a snapshot could not be taken or does not restore; carries what is wrong
└── ServiceChoiceError   it is not clear which service is meant

An error carries a message code and facts; its text is rendered when it is read, in the reader's
language, with secrets masked. Anything else that is raised is a mistake of ours.
"""

from collections.abc import Sequence
from typing import Any

from ops_pipelines.messages import say
from ops_pipelines.report import Finding, Problem


class OpsError(Exception):
    """A failure that the operator can do something about."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        return say(self.code, self.facts)


class SettingsError(OpsError):
    """A service file has problems; `problems` lists all of them."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        super().__init__("settings.broken", file=file, count=len(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *map(str, self.problems)])


class InputError(OpsError):
    """A file or value that was handed to us cannot be used."""


class StorageError(OpsError):
    """An output could not be written or read."""


class SnapshotError(OpsError):
    """A snapshot could not be taken, or does not restore; `findings` lists all that is wrong."""

    def __init__(self, code: str, findings: Sequence[Finding], **facts: Any) -> None:
        super().__init__(code, count=len(findings), **facts)
        self.findings = tuple(findings)

    def __str__(self) -> str:
        found = (f"{finding.message} → {finding.action}" for finding in self.findings)
        return "\n".join([super().__str__(), *found])


class ServiceChoiceError(OpsError):
    """No service, several, or an unknown one: the operator must say which."""
