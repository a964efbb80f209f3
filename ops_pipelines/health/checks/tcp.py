"""Checks of kind `tcp`: a port that must accept a connection."""

import asyncio
import socket
import time
from contextlib import suppress
from datetime import datetime

from ops_pipelines.health.network import Network, system_words, unresolved
from ops_pipelines.health.reading import NoAnswer, Reading
from ops_pipelines.report import Status
from ops_pipelines.settings.health import TcpCheck
from ops_pipelines.settings.service import Service


async def probe(
    check: TcpCheck, _service: Service, network: Network, _now: datetime
) -> list[Reading]:
    """Connect, and hang up.

    Raises:
        NoAnswer: the connection was not accepted.
    """
    await network.resolve(check.host, check.name)
    started = time.perf_counter()
    try:
        _, writer = await asyncio.open_connection(check.host, check.port, happy_eyeballs_delay=0.25)
    except socket.gaierror as error:
        raise unresolved(check.host, error) from None
    except OSError as error:
        address = f"{check.host}:{check.port}"
        raise NoAnswer(
            Status.UNHEALTHY, "health.no_connection", address=address, detail=system_words(error)
        ) from None
    seconds = time.perf_counter() - started
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return [Reading(check.name, None, Status.HEALTHY, seconds)]
