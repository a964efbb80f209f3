"""Turns what a service answered into proposed checks, and into remarks on what was not told."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from ops_pipelines.health import body, verdict
from ops_pipelines.health.discovery import models, plain
from ops_pipelines.health.discovery.answer import Seen, says_same, why_unreadable
from ops_pipelines.health.discovery.mapping import Mapping, mappings
from ops_pipelines.health.discovery.proposal import Left, Plan, Proposal
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.http_check import HttpCheck

MOST_CHECKS = 10
_ZONE = ZoneInfo("UTC")  # that of a service file without one


def propose(answers: Sequence[Seen], anything: Seen, base_url: str, now: datetime) -> Plan:
    """The plan for a service at `base_url` that gave `answers`.

    `anything` is what it answers at an address that cannot exist.
    """
    made = [(answer, _of_answer(answer, anything, now)) for answer in answers]
    left = [(answer.url, result) for answer, result in made if isinstance(result, Reason)]
    by_status = [answer for answer, result in made if result is None]
    found = [proposal for _, result in made if isinstance(result, list) for proposal in result]
    kept, dropped = _sorted_out(found)
    is_needed = not any(proposal.reads_body for proposal in kept)
    by_status_kept, others = plain.propose(by_status, is_needed=is_needed)
    chosen = _named([*by_status_kept, *kept]) or [_port(base_url)]
    return Plan(tuple(_dependent(chosen)), (*left, *dropped, *others))


def _of_answer(answer: Seen, anything: Seen, now: datetime) -> list[Proposal] | Reason | None:
    """Checks, or why there is none; None where the HTTP status alone is a verdict."""
    if reason := why_unreadable(answer, anything):
        return reason
    if not answer.has_json:
        return plain.why_not(answer)
    names = models.listed(answer.document)
    if names is not None:
        of_models = models.propose(answer, names)
        return of_models if isinstance(of_models, Reason) else [of_models]
    made = [_of_mapping(answer, one, now) for one in mappings(answer.document)]
    return made or _without_verdict(answer)


def _of_mapping(answer: Seen, made: Mapping, now: datetime) -> Proposal:
    check = {"url": answer.url, **made.reads}
    remarks = [Reason("discovery.seen", {"url": answer.url, "status": answer.status})]
    status, why = _judged(check, answer, now)
    if why and why.code == "health.no_time":
        del check["timestamp"]
        status, why = _judged(check, answer, now)
    if why and why.code in ("health.stale", "health.future"):
        remarks.append(Reason("discovery.time_to_decide", {"why": why.stored()}))
    expected = {200, 503} if made.is_whole else {200}
    if answer.status >= 300 and status is not Status.HEALTHY:
        expected.add(answer.status)
    if expected != {200}:
        remarks.append(Reason("discovery.body_says_more"))
        check = {"url": answer.url, "expect_status": sorted(expected), **check}
    return Proposal(check, (*remarks, *made.remarks), answer, made.is_whole)


def _judged(check: dict[str, Any], answer: Seen, now: datetime) -> tuple[Status, Reason | None]:
    """What the judge says of the whole answer, read with `check`."""
    own = verdict.judge(HttpCheck(name="it", **check), answer.document, now, _ZONE)[0]
    return own.status, own.reason


def _without_verdict(answer: Seen) -> Reason:
    if answer.status >= 300:
        return Reason("discovery.status", {"status": answer.status, "text": answer.words})
    keys = list(answer.document)[:8] if isinstance(answer.document, dict) else []
    facts = {"status": answer.status, "keys": [body.one_line(key, 40) for key in keys]}
    return Reason("discovery.no_verdict", facts)


def _sorted_out(found: Iterable[Proposal]) -> tuple[list[Proposal], list[Left]]:
    """The proposals without those that say what another one says."""
    kept: list[Proposal] = []
    dropped: list[Left] = []
    for proposal in found:
        same = next((other for other in kept if _says_all_of(other, proposal)), None)
        if same is None and len(kept) < MOST_CHECKS:
            kept.append(proposal)
        else:
            facts = {"url": same.seen.url} if same else {"most": MOST_CHECKS}
            code = "discovery.says_the_same" if same else "discovery.too_many"
            dropped.append((proposal.seen.url, Reason(code, facts)))
    return kept, dropped


def _says_all_of(other: Proposal, proposal: Proposal) -> bool:
    """Whether `proposal` says nothing that `other`, of another address, does not."""
    ours, theirs = proposal.seen.url, other.seen.url
    if ours == theirs:
        return False
    if proposal.check.get("kind") == "openai":
        return other.check.get("kind") == "openai"
    if plain.strength(ours) is None and ours != "/":  # it is about a part of the service
        return False
    is_below = ours.startswith(f"{theirs}/") and other.is_whole
    return says_same(other.seen, proposal.seen) or (is_below and "components" not in proposal.check)


def _port(base_url: str) -> Proposal:
    parts = urlsplit(base_url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    check = {"name": "port", "kind": "tcp", "host": parts.hostname, "port": port}
    return Proposal(check, (Reason("discovery.port_only"),), Seen("/"))


def _named(found: Iterable[Proposal]) -> list[Proposal]:
    """The proposals with a name each, made of the address."""
    named: dict[str, Proposal] = {}
    for proposal in found:
        name = plain_name = _name(proposal.check)
        number = 2
        while name in named:
            name, number = f"{plain_name}-{number}", number + 1
        named[name] = replace(proposal, check={"name": name, **proposal.check})
    return list(named.values())


def _name(check: dict[str, Any]) -> str:
    if check.get("kind") == "openai":
        return "model"
    parts = re.findall(r"[^\W_]+", urlsplit(check["url"]).path)
    return "-".join(parts)[:60] or "root"


def _dependent(found: Sequence[Proposal]) -> Iterator[Proposal]:
    """The proposals, each but the first depending on it: one service is down once."""
    for index, proposal in enumerate(found):
        more = {"depends_on": [found[0].check["name"]]} if index else {}
        yield replace(proposal, check={**proposal.check, **more})
