"""A service file that cannot be used, shown where its operator looks."""

from collections.abc import Iterable
from itertools import chain, count
from pathlib import Path

import dagster as dg

from ops_pipelines.errors import SettingsError
from ops_pipelines.language import _


def definitions(broken: Iterable[SettingsError]) -> dg.Definitions:
    """For each broken file an asset in its name whose description lists its problems."""
    specs: dict[str, dg.AssetSpec] = {}
    for error in broken:
        name = "".join(c if c.isalnum() else "_" for c in Path(error.facts["file"]).stem)
        names = chain([name], (f"{name}_{number}" for number in count(2)))
        free = next(free for free in names if free not in specs)
        specs[free] = _spec(free, error)
    return dg.Definitions(assets=list(specs.values()))


def _spec(name: str, error: SettingsError) -> dg.AssetSpec:
    lines = "\n".join(
        f"- **{problem.line}:{problem.column}** {problem.said}" for problem in error.problems
    )
    return dg.AssetSpec(
        key=[name, "broken_settings"],
        group_name="broken_settings",
        description=_("**This service file cannot be used:** {file}").format(
            file=error.facts["file"]
        )
        + f"\n\n{lines}",
        kinds={"yaml"},
    )
