"""Checks of kind `http`: one request, bounded in time and size, and the verdict of its answer."""

import ssl
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from ops_pipelines.health import body, verdict
from ops_pipelines.health.network import Network, system_words
from ops_pipelines.health.reading import NoAnswer, Reading
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.health import HttpCheck
from ops_pipelines.settings.service import Service

MOST_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `content` is None when it is larger than we read."""

    status: int
    content: bytes | None
    encoding: str = ""
    charset: str | None = None
    location: str | None = None
    seconds: float = 0.0


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
    started = time.perf_counter()
    answer = await _request(check, url, network)
    for _ in range(MOST_REDIRECTS):
        target = urljoin(url, answer.location or "")
        if not _is_followed(check, answer, url, target):
            break
        url = target
        answer = await _request(check, url, network)
    seconds = time.perf_counter() - started
    return Answer(
        answer.status, answer.content, answer.encoding, answer.charset, answer.location, seconds
    )


def judge(check: HttpCheck, answer: Answer, now: datetime, service: Service) -> list[Reading]:
    """The readings that `answer` gives; the first is of the check itself."""
    readings = _judge(check, answer, now, service)
    own = readings[0]
    return [
        Reading(check.name, None, own.status, answer.seconds, own.reason),
        *readings[1:],
    ]


def _judge(check: HttpCheck, answer: Answer, now: datetime, service: Service) -> list[Reading]:
    if not _is_expected(check, answer.status):
        return [Reading(check.name, None, Status.UNHEALTHY, reason=_unexpected(check, answer))]
    if not _reads_body(check):
        return [Reading(check.name, None, Status.HEALTHY)]
    document = _document(answer)
    if isinstance(document, Reason):
        return [Reading(check.name, None, Status.UNKNOWN, reason=document)]
    return verdict.judge(check, document, now, service.zone)


def _document(answer: Answer) -> Any:
    if answer.content is None:
        return Reason("health.body_too_large", {"most_bytes": body.MOST_BYTES})
    content = body.inflate(answer.content, answer.encoding)
    return content if isinstance(content, Reason) else body.parse(content, answer.charset)


def _reads_body(check: HttpCheck) -> bool:
    return bool(check.status or check.components or check.timestamp)


def _is_expected(check: HttpCheck, status: int) -> bool:
    return status in check.expect_status if check.expect_status else 200 <= status < 300


def _unexpected(check: HttpCheck, answer: Answer) -> Reason:
    wanted = ", ".join(map(str, check.expect_status or ())) or "200-299"
    facts: dict[str, Any] = {"status": answer.status, "wanted": wanted}
    if answer.location:
        return Reason("health.redirected", {**facts, "location": answer.location[:200]})
    return Reason("health.status", facts)


def _is_followed(check: HttpCheck, answer: Answer, url: str, target: str) -> bool:
    """Whether a redirect is followed: where the HTTP status alone decides, it is that status."""
    return (
        answer.location is not None
        and _reads_body(check)
        and not _is_expected(check, answer.status)
        and (check.method != "POST" or answer.status in (307, 308))
        and _origin(url) == _origin(target)
    )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port
    except ValueError:
        return "", None, None


async def _request(check: HttpCheck, url: str, network: Network) -> Answer:
    host = network.proxy_host or urlsplit(url).hostname or ""
    await network.resolve(host, check.name)

    async def follow(event: str, _: Any) -> None:
        if event == "http11.send_request_headers.started":
            network.stages[check.name] = "answering"

    try:
        async with network.client.stream(
            check.method,
            url,
            headers={"Accept-Encoding": "identity", "User-Agent": "ops-pipelines", **check.headers},
            json=check.body,
            extensions={"trace": follow},
        ) as response:
            network.stages[check.name] = "in_the_body"
            return Answer(
                response.status_code,
                await _capped(response),
                response.headers.get("Content-Encoding", "").strip().lower(),
                response.charset_encoding,
                response.headers.get("Location") if response.is_redirect else None,
            )
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _no_answer(error, url) from None


async def _capped(response: httpx.Response) -> bytes | None:
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > body.MOST_BYTES:
            return None
    return bytes(content)


def _no_answer(error: Exception, url: str) -> NoAnswer:
    """What a failed request means."""
    address = urlsplit(url).netloc.rpartition("@")[2]
    detail = _innermost(error)
    if isinstance(detail, ssl.SSLError):
        text = getattr(detail, "verify_message", None) or detail.reason or str(detail)
        return NoAnswer(Status.UNHEALTHY, "health.bad_certificate", address=address, detail=text)
    if isinstance(error, httpx.ConnectError):
        text = system_words(detail)
        return NoAnswer(Status.UNHEALTHY, "health.no_connection", address=address, detail=text)
    if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol | ValueError):
        return NoAnswer(Status.UNKNOWN, "health.bad_request", detail=str(error))
    return NoAnswer(Status.UNHEALTHY, "health.broken_off", address=address, detail=str(error))


def _innermost(error: BaseException) -> BaseException:
    """The error at the bottom: what the system said, below the libraries' own words."""
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[-1]
    return error
