"""How the demo's components are: each is tried out and timed when it is asked for."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from ops_pipelines.demo import store
from ops_pipelines.demo.configuration import Monitoring
from ops_pipelines.demo.embedding import embed
from ops_pipelines.demo.failures import RequestError
from ops_pipelines.demo.model import complete
from ops_pipelines.demo.running import Running

BADNESS = ("healthy", "degraded", "unhealthy")
"""The words for how a component is, each worse than the one before."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How a component is; `response_time` is in seconds, `error` says what is wrong."""

    status: str
    response_time: float
    error: str | None = None


async def _try_database(running: Running) -> None:
    if store.count(running.database) == 0:
        raise RequestError(500, "DatabaseError", "the database holds no passage")


async def _try_embeddings(running: Running) -> None:
    await embed(running, ["ping"])


async def _try_llm(running: Running) -> None:
    await complete(running, [{"role": "user", "content": "ping"}], most_tokens=1)


COMPONENTS: dict[str, Callable[[Running], Awaitable[None]]] = {
    "llm": _try_llm,
    "embeddings": _try_embeddings,
    "database": _try_database,
}


async def examine(component: str, running: Running) -> Condition:
    """Try out the component called `component`."""
    started = time.perf_counter()
    try:
        await COMPONENTS[component](running)
    except RequestError as error:
        return Condition("unhealthy", time.perf_counter() - started, error.message)
    return judge(time.perf_counter() - started, running.configuration.monitoring)


def judge(seconds: float, limits: Monitoring) -> Condition:
    """The condition of a component that answered after so many seconds."""
    if seconds >= limits.unhealthy_after:
        return Condition("unhealthy", seconds, _too_slow(seconds, limits.unhealthy_after))
    if seconds >= limits.degraded_after:
        return Condition("degraded", seconds, _too_slow(seconds, limits.degraded_after))
    return Condition("healthy", seconds)


def shown(condition: Condition) -> dict[str, str | float | None]:
    """A condition as the health endpoints show it."""
    return {
        "status": condition.status,
        "response_time": round(condition.response_time, 6),
        "last_check": timestamp(),
        "error": condition.error,
    }


def timestamp() -> str:
    """Now, in local time with its offset."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def _too_slow(seconds: float, limit: float) -> str:
    return f"answered after {seconds:.1f} s, wanted within {limit:g} s"
