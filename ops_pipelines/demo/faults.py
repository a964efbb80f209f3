"""The switches that break the demo on purpose, kept in a small file that each request looks at.

So they work from another process, and during an outage as well.
"""

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

from ops_pipelines.demo import files


class Fault(StrEnum):
    """A way in which the demo can be broken."""

    SLOW_MODEL = "slow-model"
    FAILING_EMBEDDINGS = "failing-embeddings"
    OUTAGE = "outage"


def active(file: Path) -> frozenset[Fault]:
    """The faults that are switched on; none where there is no readable file."""
    try:
        names = set(json.loads(file.read_bytes())["faults"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(fault for fault in Fault if fault in names)


def switch_on(file: Path, fault: Fault) -> None:
    """Break the demo by `fault`, besides what is broken already."""
    _put(file, active(file) | {fault})


def switch_off(file: Path, fault: Fault | None = None) -> None:
    """Repair `fault`; without one, everything."""
    _put(file, active(file) - {fault} if fault else ())


def _put(file: Path, faults: Iterable[Fault]) -> None:
    files.put(file, json.dumps({"faults": sorted(faults)}).encode() + b"\n")
