"""Checks of kind `http`: one request, bounded in time and size, and the verdict of its answer."""

import asyncio
import socket
import ssl
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from ops_pipelines.health import body, verdict
from ops_pipelines.health.network import Network, system_words, unresolved
from ops_pipelines.health.reading import NoAnswer, Reading
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.health import HttpCheck
from ops_pipelines.settings.service import Service

MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
# The service has not been asked at all.
_OUR_MISTAKES = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, ValueError)


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
        target = _followed(check, answer, url)
        if target is None:
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
    if not answer.location:
        return Reason("health.status", facts)
    return Reason("health.redirected", {**facts, "location": body.one_line(answer.location, 200)})


def _followed(check: HttpCheck, answer: Answer, url: str) -> str | None:
    """Where a redirect is followed to: where the HTTP status alone decides, it is that status."""
    if (
        answer.location is None
        or not _reads_body(check)
        or _is_expected(check, answer.status)
        or (check.method == "POST" and answer.status not in (307, 308))
    ):
        return None
    try:
        target = urljoin(url, answer.location)
        return target if _origin(target) == _origin(url) else None
    except ValueError:
        return None  # it leads to no address


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


@dataclass(slots=True)
class _Trace:
    """Follows a request on its way: says where it hangs, and leaves no connection behind."""

    check: str
    network: Network
    connections: list[Any] = field(default_factory=list)

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self.connections.append(info["return_value"])
        if event == "http11.send_request_headers.started":
            self.network.stages[self.check] = "answering"

    async def close(self) -> None:
        """Close what httpx leaves open when it is cut off in a TLS handshake."""
        for connection in self.connections:
            await connection.aclose()


async def _request(check: HttpCheck, url: str, network: Network) -> Answer:
    trace = _Trace(check.name, network)
    try:
        scheme, host, _ = _origin(url)
        if network.distrust and scheme == "https":
            raise NoAnswer(Status.UNKNOWN, network.distrust.code, **network.distrust.facts)
        await network.resolve(network.proxy_host or host or "", check.name)
        async with network.client.stream(
            check.method,
            url,
            headers={"Accept-Encoding": "identity", "User-Agent": "ops-pipelines", **check.headers},
            json=check.body,
            extensions={"trace": trace},
        ) as response:
            network.stages[check.name] = "in_the_body"
            return Answer(
                response.status_code,
                await _capped(response),
                response.headers.get("Content-Encoding", "").strip().lower(),
                response.charset_encoding,
                response.headers.get("Location") if response.has_redirect_location else None,
            )
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _no_answer(error, url) from None
    except asyncio.CancelledError:
        await trace.close()
        raise


async def _capped(response: httpx.Response) -> bytes | None:
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > body.MOST_BYTES:
            return None
    return bytes(content)


def _no_answer(error: Exception, url: str) -> NoAnswer:
    """What a failed request means."""
    if isinstance(error, _OUR_MISTAKES):
        return NoAnswer(Status.UNKNOWN, "health.bad_request", detail=str(error))
    parts, cause = urlsplit(url), _innermost(error)
    if isinstance(cause, socket.gaierror):
        return unresolved(parts.hostname or "", cause)
    if isinstance(cause, ssl.SSLCertVerificationError):
        code, detail = "health.bad_certificate", cause.verify_message
    elif isinstance(error, httpx.ConnectError):
        code, detail = "health.no_connection", system_words(cause)
    else:
        code, detail = "health.no_whole_answer", system_words(cause)
    address = parts.netloc.rpartition("@")[2]
    detail = body.one_line(detail, 200)
    return NoAnswer(Status.UNHEALTHY, code, address=address, detail=detail)


def _innermost(error: BaseException) -> BaseException:
    """The error at the bottom: what the system said, below the libraries' own words."""
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
        if isinstance(error, BaseExceptionGroup):
            error = error.exceptions[-1]
    return error
