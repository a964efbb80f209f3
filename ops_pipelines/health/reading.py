"""What one probe says of one component."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, count
from typing import Any

from ops_pipelines.report import Reason, Status

Key = tuple[str, str | None]
"""A check's name, and that of a component which it reports (None: the check itself)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A status, and why it is not healthy.

    Attributes:
        component: the name that the answer gives it; None for the check itself.
        response_time_seconds: measured by us for a check, reported by the service for a component.
        facts: what else was measured, such as the days that a certificate has left.
        asked: whether it was probed in this round. Else it is what an earlier probe said and still
            holds, with the time of that probe as `probed_at`, or it says why nothing is known.
    """

    check: str
    component: str | None
    status: Status
    response_time_seconds: float | None = None
    reason: Reason | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    asked: bool = True
    probed_at: datetime | None = None

    @property
    def key(self) -> Key:
        """What tells it from the other readings of its round, and stays from round to round."""
        return self.check, self.component

    def last_check(self, at: datetime) -> datetime | None:
        """When it was probed, in a round made `at`; None when nothing is known of a probe."""
        return at if self.asked else self.probed_at

    def stored(self) -> dict[str, Any]:
        """As a sample keeps it."""
        stored: dict[str, Any] = {"status": str(self.status)}
        if self.component is not None:
            stored["component"] = self.component
        if self.response_time_seconds is not None:
            stored["seconds"] = round(self.response_time_seconds, 6)
        if self.reason is not None:
            stored["reason"] = self.reason.stored()
        if self.facts:
            stored["facts"] = dict(self.facts)
        if not self.asked:
            stored["probed_at"] = self.probed_at.isoformat() if self.probed_at else None
        return stored

    @classmethod
    def restored(cls, check: str, stored: dict[str, Any]) -> "Reading":
        """A reading from what `stored` gave."""
        return cls(
            check,
            stored.get("component"),
            Status(stored["status"]),
            stored.get("seconds"),
            Reason.restored(stored.get("reason")),
            stored.get("facts", {}),
            "probed_at" not in stored,
            datetime.fromisoformat(at) if (at := stored.get("probed_at")) else None,
        )


class NoAnswer(Exception):  # noqa: N818 - it names what happened to a probe, not a fault of ours
    """A probe that got no answer that could be judged, and the status which that means."""

    def __init__(self, status: Status, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.status = status
        self.reason = Reason(code, facts)

    def reading(self, check: str, component: str | None = None) -> Reading:
        """What it says of a component."""
        return Reading(check, component, self.status, reason=self.reason)


def display_names(keys: Iterable[Key], checks: Iterable[str]) -> dict[Key, str]:
    """The name under which each component stands in reports.

    A check has its own. A component keeps its own unless a check, or an earlier check's component,
    has it; then it is `check/name`. `checks` are all checks in the order of the file. No two get
    the same name.
    """
    order = list(checks)
    taken = set(order)
    names: dict[Key, str] = {}
    rank = {check: index for index, check in enumerate(order)}
    for check, component in sorted(
        keys, key=lambda key: (rank.get(key[0], len(rank)), key[1] or "")
    ):
        if component is None:
            names[check, None] = check
            continue
        name = f"{check}/{component}" if component in taken else component
        names[check, component] = free_name(name, taken)
        taken |= {component, names[check, component]}
    return names


def free_name(name: str, taken: Container[str]) -> str:
    """`name`, or the first of `name#2`, `name#3` … that is not taken."""
    names = chain([name], (f"{name}#{number}" for number in count(2)))
    return next(free for free in names if free not in taken)
