"""What `settings new` found, as the sentences of a service file and as data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops_pipelines.health.discovery.answer import Seen
from ops_pipelines.health.discovery.proposal import Plan, Proposal
from ops_pipelines.health.reading import Reading
from ops_pipelines.language import _
from ops_pipelines.settings import proposed
from ops_pipelines.settings.proposed import ProposedCheck

MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about a service.

    Attributes:
        name: what it is called.
        base_url: where it begins.
        headers: what is sent to it, as it is written.
        answers: what it answered.
        plan: what that leads to.
        readings: what the proposed checks said when they were tried.
    """

    name: str
    base_url: str
    headers: Mapping[str, str]
    answers: Sequence[Seen]
    plan: Plan
    readings: Sequence[Reading] = ()

    def of(self, check: str) -> list[Reading]:
        """What the check called so said."""
        return [reading for reading in self.readings if reading.check == check]


def text(found: Found) -> str:
    """The service file."""
    checks = [
        ProposedCheck(proposal.check, found.headers, _comments(proposal, found))
        for proposal in found.plan.proposals
    ]
    return proposed.text(found.name, found.base_url, checks, _remarks(found.plan))


def data(found: Found) -> dict[str, Any]:
    """What each address answered, and what each check said when it was tried."""
    tried = {
        proposal.check["name"]: [
            {"component": reading.component, "status": str(reading.status)}
            for reading in found.of(proposal.check["name"])
        ]
        for proposal in found.plan.proposals
    }
    return {"seen": [_seen(answer, found.plan) for answer in found.answers], "tried": tried}


def _seen(answer: Seen, plan: Plan) -> dict[str, Any]:
    reason = dict(plan.left).get(answer.url)
    return {
        "url": answer.url,
        "status": answer.status or None,
        "checks": [p.check["name"] for p in plan.proposals if p.seen.url == answer.url],
        "reason": reason.stored() if reason else None,
        "message": str(reason) if reason else None,
    }


def _comments(proposal: Proposal, found: Found) -> list[str]:
    """What was seen, how the check did when it was tried, and what is left open."""
    said = _shortened(map(_said, found.of(proposal.check["name"])))
    seen, *others = map(str, proposal.remarks)
    return [seen, _("Tried: {results}.").format(results=said), *others]


def _said(reading: Reading) -> str:
    said = f"{reading.component or reading.check}: {_(str(reading.status))}"
    return f"{said} ({reading.reason})" if reading.reason else said


def _shortened(said: Iterable[str]) -> str:
    shown = list(said)
    more = [_("{count} more").format(count=len(shown) - MOST_SHOWN)] * (len(shown) > MOST_SHOWN)
    return _("; ").join([*shown[:MOST_SHOWN], *more])


def _remarks(plan: Plan) -> list[str]:
    """The addresses without a check, by the reason; those that are not there at the end."""
    by_reason: dict[str, list[str]] = {}
    for url, reason in sorted(plan.left, key=lambda left: left[1].code == "discovery.not_there"):
        by_reason.setdefault(str(reason), []).append(url)
    return [
        _("{text}: {error}").format(text=", ".join(urls), error=reason)
        for reason, urls in by_reason.items()
    ]
