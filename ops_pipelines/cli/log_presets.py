"""`ops-pipelines logs presets`: the named mappings, and what they need."""

import argparse
import textwrap

from ops_pipelines.cli import output
from ops_pipelines.cli.session import Session
from ops_pipelines.language import _
from ops_pipelines.settings import presets


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """None: it lists all."""


def run(_session: Session, options: argparse.Namespace) -> int:
    """0."""
    found = {name: presets.preset(name) for name in presets.names()}
    if options.json:
        documents = [
            {
                "name": name,
                "description": preset.description,
                "setup": preset.setup,
                "source": preset.source,
                **preset.model_dump(
                    include={"fields", "request_when", "error_when", "pattern", "timestamp_format"},
                    exclude_unset=True, by_alias=True, mode="json",
                ),
            }
            for name, preset in found.items()
        ]  # fmt: skip
        output.emit({"presets": documents})
        return 0
    for name, preset in found.items():
        output.say(f"{name}: {preset.description}")
        if preset.setup:
            output.say("  " + _("It needs:"))
            output.say(textwrap.indent(preset.setup, "    "))
    return 0
