"""A check that is proposed, and what is to be said of it."""

from dataclasses import dataclass
from typing import Any

from ops_pipelines.health.discovery.answer import Seen
from ops_pipelines.report import Reason

Left = tuple[str, Reason]
"""An address without a check, and why."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One check.

    Attributes:
        check: its keys, as a service file has them.
        remarks: what was seen, and what is left open.
        seen: the answer that it was made from.
        is_whole: whether it reads a verdict over everything, and components as well.
    """

    check: dict[str, Any]
    remarks: tuple[Reason, ...]
    seen: Seen
    is_whole: bool = False

    @property
    def reads_body(self) -> bool:
        """Whether it reads a verdict in the body."""
        return bool(self.check.keys() & {"status", "components"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is proposed for a service.

    Attributes:
        proposals: the checks, in order.
        left: addresses without a check.
    """

    proposals: tuple[Proposal, ...]
    left: tuple[Left, ...]
