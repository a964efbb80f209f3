"""The network as probes see it: bounded in time, whatever the other side does.

A name that takes for ever to resolve cannot be interrupted in Python, so names are resolved in
threads that nobody waits for.
"""

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from ops_pipelines.health.reading import NoAnswer
from ops_pipelines.report import Status

T = TypeVar("T")


@dataclass(slots=True)
class Network:
    """What a round's probes share.

    Attributes:
        client: makes HTTP requests.
        proxy_host: whom the client really connects to, where there is a proxy.
        stages: how far each check has come (`resolving`, `connecting`, `answering`,
            `in_the_body`), so that a probe which is cut off can say where it hung.
    """

    client: httpx.AsyncClient
    proxy_host: str | None = None
    stages: dict[str, str] = field(default_factory=dict)
    _resolving: dict[str, asyncio.Task[Any]] = field(default_factory=dict)

    async def resolve(self, host: str, check: str) -> None:
        """Make sure that `host` has an address, once a round, before `check` connects to it.

        Raises:
            NoAnswer: it has none, which says nothing about the service: unknown.
        """
        self.stages[check] = "resolving"
        if host not in self._resolving:
            loop = asyncio.get_running_loop()
            lookup = loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            self._resolving[host] = asyncio.ensure_future(lookup)
        try:
            await asyncio.shield(self._resolving[host])
        except (OSError, UnicodeError) as error:
            detail = system_words(error)
            raise NoAnswer(Status.UNKNOWN, "health.unresolved", host=host, detail=detail) from None
        self.stages[check] = "connecting"


@asynccontextmanager
async def open_network(proxy: str | None, ca_file: str | None) -> AsyncIterator[Network]:
    """A network for one round. No environment variable and no .netrc has a say in it."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    async with httpx.AsyncClient(
        verify=_trust(ca_file),
        trust_env=False,
        limits=limits,
        timeout=None,  # noqa: S113 - each probe as a whole is timed
        proxy=proxy,
    ) as client:
        yield Network(client, urlsplit(proxy).hostname if proxy else None)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end, and leave without waiting for names that never resolve."""
    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(_Unawaited())
        return runner.run(main)


def system_words(error: BaseException) -> str:
    """What the operating system says of `error`, without the words of libraries around it."""
    number = getattr(error, "errno", None)
    if isinstance(error, socket.gaierror) or number is None:
        return getattr(error, "strerror", None) or str(error)
    return os.strerror(number)


@lru_cache
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Whom to trust: a private CA, or the well-known ones."""
    if ca_file:
        return ssl.create_default_context(cafile=ca_file)
    return httpx.create_ssl_context(trust_env=False)


class _Unawaited(ThreadPoolExecutor):
    """Runs each call in a daemon thread of its own, for which neither loop nor process waits."""

    def submit(self, call: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()

        def work() -> None:
            try:
                future.set_result(call(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - handed to whoever awaits the future
                future.set_exception(error)

        threading.Thread(target=work, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        Executor.shutdown(self, wait=False)
