"""What the parts of a running demo share."""

import asyncio
import random
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.requests import Request

from ops_pipelines.demo import faults
from ops_pipelines.demo.configuration import Configuration
from ops_pipelines.demo.failures import RequestError
from ops_pipelines.demo.faults import Fault
from ops_pipelines.demo.home import Home


@dataclass(frozen=True, slots=True)
class Running:
    """A demo that runs.

    Attributes:
        questions: how many questions may be worked on at once.
        answers: the cache: answers by the hash of their question, with the time they expire.
        stopping: set when the process is asked to end.
        started: on the clock of `time.monotonic`.
    """

    home: Home
    configuration: Configuration
    questions: asyncio.Semaphore
    answers: OrderedDict[str, tuple[float, dict[str, Any]]] = field(default_factory=OrderedDict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    chance: random.Random = field(default_factory=random.Random)
    started: float = field(default_factory=time.monotonic)

    @property
    def database(self) -> Path:
        """Where the documents are."""
        return self.home.application / self.configuration.database.path

    def is_broken_by(self, fault: Fault) -> bool:
        """Whether `fault` is switched on right now."""
        return fault in faults.active(self.home.faults_file)

    async def work(self, seconds: float) -> None:
        """Be busy for so long, as a real model would be, give or take a fifth.

        Raises:
            RequestError: the process is asked to end meanwhile.
        """
        try:
            async with asyncio.timeout(seconds * self.chance.uniform(0.8, 1.2)):
                await self.stopping.wait()
        except TimeoutError:
            return
        raise RequestError(503, "ServiceStopping", "the service is stopping")


def behind(request: Request) -> Running:
    """The demo that `request` is addressed to."""
    running: Running = request.app.state.running
    return running
