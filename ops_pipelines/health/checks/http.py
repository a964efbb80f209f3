"""Checks of kind `http`: one request, bounded in time and size, and the verdict of its answer."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from ops_pipelines.health import body, verdict
from ops_pipelines.health.network import Network
from ops_pipelines.health.reading import Reading
from ops_pipelines.health.request import Answer, Request, send
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.http_check import HttpCheck
from ops_pipelines.settings.service import Service

MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}


async def probe(
    check: HttpCheck, service: Service, network: Network, now: datetime
) -> list[Reading]:
    """Ask, and judge the answer.

    Raises:
        NoAnswer: there was none.
    """
    return judge(check, await look(check, service.url(check.url), network), now, service)


async def look(check: HttpCheck, url: str, network: Network) -> Answer:
    """The answer to `check`. Redirects are followed within the origin, where a body is wanted."""
    request = Request(check.name, url, check.method, check.headers, check.body)
    answer = await send(request, network)
    seconds = answer.seconds
    for _ in range(MOST_REDIRECTS):
        target = _followed(check, answer, request.url)
        if target is None:
            break
        request = replace(request, url=target)
        answer = await send(request, network)
        seconds += answer.seconds
    return replace(answer, seconds=seconds)


def judge(check: HttpCheck, answer: Answer, now: datetime, service: Service) -> list[Reading]:
    """The readings that `answer` gives; the first is of the check itself."""
    own, *components = _judge(check, answer, now, service)
    return [replace(own, response_time_seconds=answer.seconds), *components]


def _judge(check: HttpCheck, answer: Answer, now: datetime, service: Service) -> list[Reading]:
    if not _is_expected(check, answer):
        return [Reading(check.name, None, Status.UNHEALTHY, reason=_unexpected(check, answer))]
    if not _reads_body(check):
        return [Reading(check.name, None, Status.HEALTHY)]
    document = answer.document()
    if isinstance(document, Reason):
        return [Reading(check.name, None, Status.UNKNOWN, reason=document)]
    return verdict.judge(check, document, now, service.zone)


def _reads_body(check: HttpCheck) -> bool:
    return bool(check.status or check.components or check.timestamp)


def _is_expected(check: HttpCheck, answer: Answer) -> bool:
    return answer.status in check.expect_status if check.expect_status else answer.is_success


def _unexpected(check: HttpCheck, answer: Answer) -> Reason:
    wanted = ", ".join(map(str, check.expect_status or ())) or "200-299"
    facts: dict[str, Any] = {"status": answer.status, "wanted": wanted}
    if not answer.location:
        return Reason("health.status", facts)
    return Reason("health.redirected", {**facts, "location": body.one_line(answer.location, 200)})


def _followed(check: HttpCheck, answer: Answer, url: str) -> str | None:
    """Where a redirect is followed to: where the HTTP status alone decides, it is that status."""
    if (
        answer.location is None
        or not _reads_body(check)
        or _is_expected(check, answer)
        or (check.method == "POST" and answer.status not in (307, 308))
    ):
        return None
    try:
        target = urljoin(url, answer.location)
        return target if _stays(url, target) else None
    except ValueError:
        return None  # it leads to no address


def _stays(url: str, target: str) -> bool:
    """Whether `target` is the same origin; from http to https of the same host it is no other."""
    before, after = _origin(url), _origin(target)
    is_upgrade = (before[0], after[0]) == ("http", "https") and after[2] in (443, before[2])
    return before == after or (is_upgrade and before[1] == after[1])


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
