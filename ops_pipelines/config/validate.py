"""Judges a configuration file: the file in, a verdict with every problem that it has out."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops_pipelines import located_yaml
from ops_pipelines.config.text import read_text
from ops_pipelines.report import Problem, Severity
from ops_pipelines.settings.config import Config


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a file; its problems are sorted by their place."""

    file: str
    problems: tuple[Problem, ...]

    @property
    def valid(self) -> bool:
        """Whether no problem is critical."""
        return self.severity is not Severity.CRITICAL

    @property
    def severity(self) -> Severity | None:
        """That of its worst problem."""
        return max((p.severity for p in self.problems), key=lambda s: s.weight, default=None)

    def rendered(self) -> dict[str, Any]:
        """As it is printed."""
        problems = [problem.rendered() for problem in self.problems]
        return {"valid": self.valid, "file": self.file, "problems": problems}


def validate(path: Path, settings: Config | None, environment: Mapping[str, str]) -> Verdict:
    """The verdict on the configuration at `path`.

    `settings` say how the service reads it and bring the team's own rules; `environment` is what
    its `${NAME}` may also come from.

    Raises:
        InputError: the file cannot be read at all.
    """
    located = located_yaml.read(read_text(path), str(path))
    return Verdict(str(path), located.problems)
