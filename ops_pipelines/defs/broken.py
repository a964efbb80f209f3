"""A service file that cannot be used, shown where its operator looks."""

from pathlib import Path

import dagster as dg

from ops_pipelines.errors import SettingsError
from ops_pipelines.language import _


def definitions(error: SettingsError) -> dg.Definitions:
    """An asset in the file's name whose description lists the file's problems."""
    stem = Path(error.facts["file"]).stem
    lines = "\n".join(
        f"- **{problem.line}:{problem.column}** {problem.message} {problem.suggestion}"
        for problem in error.problems
    )
    spec = dg.AssetSpec(
        key=["".join(c if c.isalnum() else "_" for c in stem), "broken_settings"],
        group_name="broken_settings",
        description=_("**This service file cannot be used:** {file}").format(
            file=error.facts["file"]
        )
        + f"\n\n{lines}",
        kinds={"yaml"},
    )
    return dg.Definitions(assets=[spec])
