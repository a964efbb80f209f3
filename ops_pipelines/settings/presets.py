"""Presets: how the logs of well-known software are read. Data files, one a preset."""

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import Field

from ops_pipelines.language import Language, current
from ops_pipelines.settings.line_reading import LineReading

FOLDER = Path(__file__).parent / "presets"


class Preset(LineReading):
    """How one kind of log is read.

    Attributes:
        about: what writes such lines, in each language.
        setup: what to configure there, so that it does; empty where nothing is needed.
        signature: the fields that every such line has (JSON), by which it is recognised.
        source: where its shape is documented.
    """

    about: dict[Language, str]
    setup: str = ""
    signature: tuple[str, ...] = ()
    source: str = ""
    is_text: bool = Field(default=False)

    @property
    def description(self) -> str:
        """What writes such lines, in the reader's language."""
        return self.about[current()]


@lru_cache
def names() -> tuple[str, ...]:
    """The names of all presets."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@lru_cache
def preset(name: str) -> Preset:
    """The preset called `name`, which is one of `names()`."""
    data = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return Preset.model_validate(data)
