"""One HTTP request of a probe, bounded in time and size; failures in the operator's words."""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from ops_pipelines.health import body
from ops_pipelines.health.network import Network, system_words, unresolved
from ops_pipelines.health.reading import NoAnswer
from ops_pipelines.report import Reason, Status

# The service has not been asked at all.
_OUR_MISTAKES = (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, ValueError)
# Where APIs say what went wrong.
_ERROR = "error.message || message || error || detail"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, on behalf of the check (or its layer) called `check`."""

    check: str
    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `content` is None when it is larger than we read."""

    status: int
    content: bytes | None
    encoding: str = ""
    charset: str | None = None
    location: str | None = None
    seconds: float = 0.0

    @property
    def is_success(self) -> bool:
        """Whether its HTTP status is 2xx."""
        return 200 <= self.status < 300

    def success(self) -> Any:
        """The JSON value of a 2xx answer, or a `Reason` why there is none."""
        document = self.document()
        if self.is_success:
            return document
        facts: dict[str, Any] = {"status": self.status, "wanted": "200-299"}
        if not isinstance(document, Reason) and (error := body.at(_ERROR, document)):
            facts["error"] = body.one_line(error, 300)
        return Reason("health.status", facts)

    def document(self) -> Any:
        """The JSON value that it holds, or a `Reason` why there is none."""
        if self.content is None:
            return Reason("health.body_too_large", {"most_bytes": body.MOST_BYTES})
        content = body.inflate(self.content, self.encoding)
        return content if isinstance(content, Reason) else body.parse(content, self.charset)


async def send(request: Request, network: Network) -> Answer:
    """The answer to `request`.

    Raises:
        NoAnswer: there was none.
    """
    trace = _Trace(request.check, network)
    started = time.perf_counter()
    try:
        parts = urlsplit(request.url)
        if network.distrust and parts.scheme == "https":
            raise NoAnswer(Status.UNKNOWN, network.distrust.code, **network.distrust.facts)
        await network.resolve(network.proxy_host or parts.hostname or "", request.check)
        async with network.client.stream(
            request.method,
            request.url,
            headers={
                "Accept-Encoding": "identity",
                "User-Agent": "ops-pipelines",
                **request.headers,
            },
            json=request.body,
            extensions={"trace": trace},
        ) as response:
            network.stages[request.check] = "in_the_body"
            network.answered.add(request.check)
            content = await _capped(response)
            return Answer(
                response.status_code,
                content,
                response.headers.get("Content-Encoding", "").strip().lower(),
                response.charset_encoding,
                response.headers.get("Location") if response.has_redirect_location else None,
                time.perf_counter() - started,
            )
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise _no_answer(error, network.proxy or request.url) from None
    except asyncio.CancelledError:
        await trace.close()
        raise


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
