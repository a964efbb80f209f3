"""A demo that serves in a process of its own, and one that is only prepared."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops_pipelines.demo import prepare
from ops_pipelines.demo.home import Home
from ops_pipelines.demo.running import Running
from ops_pipelines_tests.demo.served import Served, start, stop


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A whole demo with its past, all faults off when a test begins and ends well."""
    demo = start(tmp_path_factory.mktemp("demo"))
    yield demo
    assert stop(demo) == 0
    assert demo.complaints == ""


@pytest.fixture
def start_demo() -> Iterator[Callable[[Path], Served]]:
    """`start`, for demos that the test stops; what it leaves behind, because it fails, is ended."""
    started: list[Served] = []

    def start_and_note(root: Path) -> Served:
        started.append(start(root))
        return started[-1]

    yield start_and_note
    for demo in started:
        demo.process.kill()
        demo.process.wait()
        demo.client.close()


@pytest.fixture
def running(tmp_path: Path) -> Running:
    """A demo within this process, prepared and not served."""
    home = Home(tmp_path)
    return Running(home, prepare.application(home), asyncio.Semaphore(5))
