"""Checks of kind `tcp`: a port that must accept a connection."""

import asyncio
import socket
import time
from contextlib import suppress
from datetime import datetime

from ops_pipelines.health.network import Network, system_words, unresolved
from ops_pipelines.health.reading import NoAnswer, Reading
from ops_pipelines.report import Status
from ops_pipelines.settings.checks import TcpCheck
from ops_pipelines.settings.service import Service


async def probe(
    check: TcpCheck, _service: Service, network: Network, _now: datetime
) -> list[Reading]:
    """Connect, and hang up.

    Raises:
        NoAnswer: the connection was not accepted.
    """
    seconds = await connect(check.host, check.port, check.name, network)
    return [Reading(check.name, None, Status.HEALTHY, seconds)]


async def connect(host: str, port: int, check: str, network: Network) -> float:
    """Connect on behalf of `check`, and hang up; how long it took, in seconds.

    Raises:
        NoAnswer: the connection was not accepted.
    """
    await network.resolve(host, check)
    started = time.perf_counter()
    try:
        _, writer = await asyncio.open_connection(host, port, happy_eyeballs_delay=0.25)
    except socket.gaierror as error:
        raise unresolved(host, error) from None
    except OSError as error:
        address = f"{host}:{port}"
        raise NoAnswer(
            Status.UNHEALTHY, "health.no_connection", address=address, detail=system_words(error)
        ) from None
    seconds = time.perf_counter() - started
    network.answered.add(check)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return seconds
