"""How a log may be read: what `detect` proposes, with what speaks for it."""

from dataclasses import dataclass
from typing import Any

from ops_pipelines.settings import presets
from ops_pipelines.settings.line_reading import LineReading, combined

JSON, TEXT = "json", "text"


@dataclass(frozen=True, slots=True)
class Evidence:
    """In how many lines of how many a field stands at `path`, and one of its values."""

    field: str
    path: str
    seen: int
    of: int
    example: Any
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a log may be read.

    Attributes:
        format: `json`, `text`, or the envelope's name.
        preset: one that fits.
        evidence: for each field that was found.
        rules: what makes a request or an error, where the defaults do not tell.
        read: how many of `of` lines can be read so; so many of them are requests.
    """

    format: str
    preset: str | None
    evidence: tuple[Evidence, ...]
    of: int
    rules: dict[str, list[dict[str, Any]]]
    read: int = 0
    requests: int = 0

    @property
    def fields(self) -> dict[str, Any]:
        """Ours: theirs."""
        return {
            found.field: {"path": found.path, "unit": found.unit} if found.unit else found.path
            for found in self.evidence
        }

    @property
    def settings(self) -> dict[str, Any]:
        """What belongs into the `logs` section of a service file."""
        if self.preset:
            return {"preset": self.preset}
        others = {ours: theirs for ours, theirs in self.fields.items() if ours != theirs}
        return ({"fields": others} if others else {}) | self.rules

    @property
    def reading(self) -> LineReading:
        """How lines are read if one follows it."""
        if self.preset:
            return combined(presets.preset(self.preset), LineReading())
        return LineReading.model_validate(self.settings)
