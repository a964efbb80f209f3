"""What the validation says of a configuration file."""

from dataclasses import dataclass
from typing import Any

from ops_pipelines.report import Problem, Severity


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
