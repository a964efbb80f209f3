"""Asks a service at the addresses where health usually stands; bounded in time and size."""

import asyncio
from collections.abc import Sequence

from ops_pipelines.health.checks import http
from ops_pipelines.health.discovery.answer import Seen, seen
from ops_pipelines.health.network import Network, open_network
from ops_pipelines.health.reading import NoAnswer
from ops_pipelines.report import Reason
from ops_pipelines.settings.http_check import HttpCheck
from ops_pipelines.settings.service import Service

SECONDS = 5.0
"""For all addresses together: one that hangs costs the others nothing."""
AT_ONCE = 12
NO_SUCH_PATH = "/ops-pipelines-no-such-path"
"""What a service answers here, it answers to anything."""

# In the order in which they are proposed: of two that say the same, the first is taken.
USUAL_PATHS = (
    *("/api/health", "/health", "/healthz", "/actuator/health", "/api/health/detailed"),
    *("/health/detailed", "/health/readiness", "/readyz", "/ready", "/health/ready", "/status"),
    *("/api/status", "/api/v1/health", "/v1/health", "/api/public/health", "/_cluster/health"),
    *("/api/v2/healthcheck", "/healthcheck", "/health-check", "/api/healthz", "/q/health"),
    *("/api/health/llm", "/api/health/embeddings", "/api/health/database", "/v1/nodes"),
    *("/v1/.well-known/ready", "/v2/health/ready", "/minio/health/live", "/-/healthy"),
    *("/livez", "/health/live", "/health/liveness", "/health/liveliness", "/api/ping", "/ping"),
    *("/_health", "/heartbeat", "/api/v2/heartbeat", "/v1/models", "/models", "/api/tags"),
    *("/metrics", "/actuator/prometheus", "/"),
)


async def look(service: Service, urls: Sequence[str]) -> list[Seen]:
    """What `service` answers at `urls`, to requests like that of its first HTTP check."""
    like = next(check for check in service.health.checks if isinstance(check, HttpCheck))
    places = asyncio.Semaphore(AT_ONCE)
    async with open_network(None, None) as network:
        asked = {
            asyncio.ensure_future(_ask(like, url, service.url(url), network, places)): url
            for url in urls
        }
        done, pending = await asyncio.wait(asked, timeout=SECONDS)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
    found = {asked[task]: task.result() for task in done}
    return [found.get(url) or _cut_off(url, network) for url in urls]


async def _ask(
    like: HttpCheck, name: str, url: str, network: Network, places: asyncio.Semaphore
) -> Seen:
    # It reads the body: redirects are followed as they will be later.
    check = like.model_copy(update={"name": name, "status": "@"})
    async with places:
        try:
            return seen(name, await http.look(check, url, network))
        except NoAnswer as error:
            return Seen(name, missing=error.reason)


def _cut_off(url: str, network: Network) -> Seen:
    stage = network.stages.get(url)
    code = f"health.hangs_{stage}" if stage else "discovery.not_asked"
    return Seen(url, missing=Reason(code, {"seconds": SECONDS}))
