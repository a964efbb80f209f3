"""The `logs` section: where the service's log lies, and how its lines are read."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.fields import FieldInfo

from ops_pipelines.language import N_
from ops_pipelines.settings import presets
from ops_pipelines.settings.line_reading import LineReading, combined
from ops_pipelines.settings.section import LocalPath, NoFlag, Seconds, Zone, wrong


def _is_preset(name: str) -> str:
    if name not in presets.names():
        raise wrong("settings.preset", found=name, known=presets.names())
    return name


class Logs(LineReading):
    """The `logs` section. What it says of lines goes over what its preset says."""

    files: tuple[LocalPath, ...] = Field(
        min_length=1,
        description=N_("files, folders and globs; rotated and compressed copies included"),
        examples=[["/app/logs/rag-system.log*"]],
    )
    preset: Annotated[str, AfterValidator(_is_preset)] | None = Field(
        None,
        description=N_("a named mapping; `ops-pipelines logs presets` lists them"),
        examples=["ecs"],
    )
    timestamp_timezone: Zone | None = Field(
        None,
        description=N_("of timestamps without an offset; default: the service's"),
        examples=["Asia/Shanghai"],
    )
    slow_seconds: Seconds = Field(5, description=N_("a request that takes longer is slow"))
    max_rejected_ratio: Annotated[float, Field(ge=0, le=1), NoFlag] = Field(
        0.05, description=N_("share of lines that may be unreadable")
    )
    late_minutes: Annotated[float, Field(ge=0, le=1440), NoFlag] = Field(
        60, description=N_("a day is closed this long after its end")
    )

    @classmethod
    def keys(cls) -> dict[str, FieldInfo]:
        """Its fields, those that every service needs first."""
        found = super().keys()
        return {name: found[name] for name in (*cls.__annotations__, *found)}

    @property
    def reading(self) -> LineReading:
        """How a line is read: what is set here, over the preset, over the defaults."""
        preset = presets.preset(self.preset) if self.preset else None
        return combined(preset, self)
