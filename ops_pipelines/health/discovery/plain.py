"""Answers without a readable body, where the HTTP status is the verdict."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from ops_pipelines.health.discovery import words
from ops_pipelines.health.discovery.answer import Seen
from ops_pipelines.health.discovery.proposal import Left, Proposal
from ops_pipelines.report import Reason

_WELL = {
    *("ok", "healthy", "pong", "alive", "ready", "passed", "running", "up", "live", "success"),
    *("imok", "serving", "available", "正常", "健康", "运行正常"),
}
# What an address says of how much its HTTP status means, the most first.
_STRENGTHS = (
    *("ready", "readyz", "readiness", "health", "healthz", "healthy", "healthcheck", "status"),
    *("live", "livez", "liveness", "liveliness", "heartbeat", "ping"),
)


def strength(url: str) -> int | None:
    """How much the HTTP status at `url` means, 0 the most; None when it is about something else."""
    last = set(words.key_words(urlsplit(url).path.rpartition("/")[2]))
    return next((rank for rank, name in enumerate(_STRENGTHS) if name in last), None)


def why_not(answer: Seen) -> Reason | None:
    """Why the HTTP status of `answer` is no verdict; None when it is one.

    It is one at an address that is about health: an empty or a well-meaning text; a 503, or
    another error that speaks of trouble.
    """
    facts = {"status": answer.status, "text": answer.words}
    said = words.key_words(answer.words)
    is_troubled = words.sounds_troubled(answer.words) and "internal" not in said
    if answer.status < 300:
        is_verdict = not said or not (_WELL.isdisjoint(said) or is_troubled)
    else:
        is_verdict = answer.status == 503 or (answer.status == 500 and is_troubled)
    if is_verdict and strength(answer.url) is not None:
        return None
    return Reason("discovery.text" if answer.status < 300 else "discovery.status", facts)


def propose(answers: Iterable[Seen], *, is_needed: bool) -> tuple[list[Proposal], list[Left]]:
    """One check of `answers`, all of this kind, if no other check reads a body."""
    ranked = sorted(answers, key=lambda answer: (strength(answer.url) or 0, answer.status >= 300))
    chosen = ranked[:1] if is_needed else []
    made = [
        Proposal({"url": a.url}, (Reason("discovery.status_decides", _facts(a)),), a)
        for a in chosen
    ]
    others = ranked[len(chosen) :]
    return made, [(a.url, Reason("discovery.status_says_less", _facts(a))) for a in others]


def _facts(answer: Seen) -> dict[str, object]:
    return {"url": answer.url, "status": answer.status, "text": answer.words}
