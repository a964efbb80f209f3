"""The network as probes see it: bounded in time, whatever the other side does.

A name that takes for ever to resolve cannot be interrupted in Python, so names are resolved in
threads that nobody waits for.
"""

import asyncio
import math
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from ops_pipelines.health.reading import NoAnswer
from ops_pipelines.report import Reason, Status

T = TypeVar("T")


@dataclass(slots=True)
class Network:
    """What a round's probes share.

    Attributes:
        client: makes HTTP requests.
        proxy: whom the client really connects to, where there is one.
        trust: whose certificates are believed.
        distrust: why no certificate can be judged, where `ca_file` cannot be read.
        by_hand: whether somebody asked for this round, who wants to know how it is now.
        limit_seconds: how long a probe may take, and `until` when its time is over, by the clock
            of the event loop.
        answered: the checks that got an answer, of whatever kind.
        stages: how far each check has come (`resolving`, `connecting`, `answering`,
            `in_the_body`), so that a probe which is cut off can say where it hung.
    """

    client: httpx.AsyncClient
    trust: ssl.SSLContext
    proxy: str | None = None
    distrust: Reason | None = None
    by_hand: bool = False
    limit_seconds: float = math.inf
    until: float = math.inf
    stages: dict[str, str] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)
    _resolving: dict[str, asyncio.Task[Any]] = field(default_factory=dict)

    @property
    def proxy_host(self) -> str | None:
        """The name of the proxy."""
        return urlsplit(self.proxy).hostname if self.proxy else None

    @asynccontextmanager
    async def in_time(self, asker: str, spare_seconds: float = 0.0) -> AsyncIterator[None]:
        """What is inside is cut off when the time is over, or `spare_seconds` before.

        Raises:
            NoAnswer: it was. Where not even the name was resolved, nothing is known.
        """
        try:
            async with asyncio.timeout_at(self.until - spare_seconds):
                yield
        except TimeoutError:
            stage = self.stages.get(asker, "resolving")
            status = Status.UNKNOWN if stage == "resolving" else Status.UNHEALTHY
            code = f"health.hangs_{stage}"
            raise NoAnswer(status, code, seconds=self.limit_seconds) from None

    async def resolve(self, host: str, check: str) -> None:
        """Make sure that `host` has an address, once a round, before `check` connects to it.

        Raises:
            NoAnswer: it has none.
        """
        self.stages[check] = "resolving"
        if host not in self._resolving:
            loop = asyncio.get_running_loop()
            lookup = loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            self._resolving[host] = asyncio.ensure_future(lookup)
        try:
            await asyncio.shield(self._resolving[host])
        except (OSError, UnicodeError) as error:
            raise unresolved(host, error) from None
        self.stages[check] = "connecting"


@asynccontextmanager
async def open_network(
    proxy: str | None,
    ca_file: str | None,
    *,
    by_hand: bool = False,
    limit_seconds: float = math.inf,
) -> AsyncIterator[Network]:
    """A network for one round. No environment variable and no .netrc has a say in it."""
    until = asyncio.get_running_loop().time() + limit_seconds
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    trust, distrust = _trust(ca_file)
    async with httpx.AsyncClient(
        verify=trust,
        trust_env=False,
        limits=limits,
        timeout=None,  # noqa: S113 - each probe as a whole is timed
        proxy=proxy,
    ) as client:
        yield Network(client, trust, proxy, distrust, by_hand, limit_seconds, until)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end, and leave without waiting for names that never resolve."""
    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(_Unawaited())
        return runner.run(main)


def unresolved(host: str, error: BaseException) -> NoAnswer:
    """What it means that `host` has no address: nothing about the service."""
    return NoAnswer(Status.UNKNOWN, "health.unresolved", host=host, detail=system_words(error))


def system_words(error: BaseException) -> str:
    """What the operating system says of `error`, without the words of libraries around it."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    number = getattr(error, "errno", None)
    if isinstance(error, socket.gaierror) or number is None:
        return getattr(error, "strerror", None) or str(error)
    return os.strerror(number)


def _trust(ca_file: str | None) -> tuple[ssl.SSLContext, Reason | None]:
    """Whom to trust: the well-known CAs and a private one; nobody where its file is unreadable."""
    try:
        return _context(ca_file, Path(ca_file).stat().st_mtime_ns if ca_file else 0), None
    except (OSError, ssl.SSLError) as error:
        facts = {"file": ca_file, "detail": system_words(error)}
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), Reason("health.ca_file", facts)


@lru_cache
def _context(ca_file: str | None, _modified: int) -> ssl.SSLContext:
    """Read once, and again when the file has changed: it costs more than a probe."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


class _Unawaited(ThreadPoolExecutor):
    """Runs each call in a daemon thread of its own, for which neither loop nor process waits."""

    def submit(self, call: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()

        def work() -> None:
            future.set_running_or_notify_cancel()  # from here on it takes a late result quietly
            try:
                future.set_result(call(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - handed to whoever awaits the future
                future.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        Executor.shutdown(self, wait=False)
