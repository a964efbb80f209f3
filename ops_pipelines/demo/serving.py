"""Runs the demo: takes a port, serves, makes its own traffic, and ends cleanly when told to."""

import asyncio
import signal
import socket
import sys
from contextlib import closing, suppress
from datetime import datetime
from functools import partial
from types import FrameType

import uvicorn
from typing_extensions import override

from ops_pipelines.demo import app, logs, prepare, store, traffic
from ops_pipelines.demo.configuration import Configuration
from ops_pipelines.demo.failures import DemoError
from ops_pipelines.demo.home import Home, occupied
from ops_pipelines.demo.running import Running
from ops_pipelines.language import _

HOST = "127.0.0.1"


def serve(home: Home, port: int) -> None:
    """Serve the demo of `home` at `port` (0: a free one) until SIGINT or SIGTERM.

    Raises:
        DemoError: the demo runs already, its configuration is broken, or the port is taken.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: sys.exit(0))
    with occupied(home):
        configuration = prepare.application(home)
        prepare.past(home, configuration, datetime.now().astimezone())
        with closing(bind(home, port)) as listener:
            prepare.description(home, listener.getsockname()[1])
            with logs.opened(home, configuration):
                asyncio.run(_serve(home, configuration, listener))


def bind(home: Home, port: int) -> socket.socket:
    """A socket bound to `port`; for 0 to that of the last start, if it is free, or any free one.

    To stay at one port is kind to whoever has read the service file a while ago.

    Raises:
        DemoError: the port is taken.
    """
    if not port:
        with suppress(OSError, ValueError, OverflowError):
            return socket.create_server((HOST, int(home.port_file.read_text("ascii"))))
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        text = _("port {port} cannot be used ({detail}); choose another one with --port")
        raise DemoError(text.format(port=port, detail=error.strerror)) from None


class _Server(uvicorn.Server):
    """Takes a signal as the wish to end well: exit code 0, and no waiting for slow answers."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._stop = partial(asyncio.get_running_loop().call_soon_threadsafe, stopping.set)

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True
        self._stop()


async def _serve(home: Home, configuration: Configuration, listener: socket.socket) -> None:
    most = configuration.performance.max_concurrent_requests
    running = Running(home, configuration, asyncio.Semaphore(most))
    config = uvicorn.Config(
        app.create(running),
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = _Server(config, running.stopping)
    async with asyncio.TaskGroup() as beside:
        visitors = beside.create_task(_open(server, running, listener.getsockname()[1]))
        await server.serve([listener])
        visitors.cancel()
    logs.write("service stopped")


async def _open(server: _Server, running: Running, port: int) -> None:
    """Once `server` serves, say so and let the visitors in."""
    await server.ready.wait()
    address = f"http://{HOST}:{port}"
    logs.write(
        "service started",
        version=running.configuration.app.version,
        address=address,
        passages=store.count(running.database),
    )
    text = _("The demo RAG service answers at {address}; its log is {log}; Ctrl-C stops it.")
    log = running.home.application / running.configuration.logging.file
    sys.stdout.write(text.format(address=address, log=log) + "\n")
    sys.stdout.flush()
    await traffic.send(address)
