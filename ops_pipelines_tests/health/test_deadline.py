"""A round ends within its deadline plus one second, and so does a process that makes one."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from ops_pipelines.health.probe import Round
from ops_pipelines_tests.golden import ROOT
from ops_pipelines_tests.health.bad_server import (
    BadServer,
    Misbehaviour,
    drip_headers,
    drip_the_body,
    full_port,
    hang,
    hang_in_the_body,
    hang_in_the_headers,
    refusing_port,
    said,
    silent_port,
    slowly,
)
from ops_pipelines_tests.health.rounds import made, service_with, words, words_of

HANGS: dict[str, Misbehaviour] = {
    "/hang": hang,
    "/headers": hang_in_the_headers,
    "/body": hang_in_the_body,
    "/drip": drip_headers,
    "/drop": drip_the_body,
}
WELL = said({"status": "healthy"})


def timed(folder: Path, base_url: str, checks: Iterable[str], more: str) -> tuple[Round, float]:
    service = service_with(folder, base_url, checks, more)
    started = time.monotonic()
    found = made(service)
    return found, time.monotonic() - started


def test_a_round_in_which_everything_hangs_ends_at_its_deadline(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(BadServer(HANGS))
        full, silent = stack.enter_context(full_port()), stack.enter_context(silent_port())
        checks = [
            *(f"name: {path}, url: {path}, status: status" for path in HANGS),
            f'name: tcp, kind: tcp, host: "127.0.0.1", port: {full}',
            f'name: connect, url: "http://127.0.0.1:{full}/"',
            f'name: handshake, url: "https://127.0.0.1:{silent}/"',
        ]
        found, seconds = timed(tmp_path, server.url, checks, "deadline_seconds: 0.5")
    assert 0.5 <= seconds < 1.5
    assert {reading.status for reading in found.readings} == {"unhealthy"}
    assert len(found.readings) == len(checks)


@pytest.mark.parametrize(
    ("more", "seconds"),
    [
        ("timeout_seconds: 0.3, deadline_seconds: 20", 0.3),
        ("timeout_seconds: 20, deadline_seconds: 0.3", 0.3),
    ],
)
def test_the_shorter_of_timeout_and_deadline_counts(
    more: str, seconds: float, tmp_path: Path
) -> None:
    with BadServer(HANGS) as server:
        found, took = timed(
            tmp_path, server.url, ["name: it, url: /hang"], more.replace(", ", "\n  ")
        )
    assert words_of(found.readings, "it") == {
        None: f"unhealthy: connected, but no answer within {seconds} s"
    }
    assert seconds <= took < seconds + 1


@pytest.mark.parametrize("hanging_checks", [20, 150])
def test_of_two_hundred_checks_those_that_hang_disturb_none_that_are_well(
    hanging_checks: int, tmp_path: Path
) -> None:
    well = {f"/well{n}": slowly(n / 1000, WELL) for n in range(200 - hanging_checks)}
    behaviours = cycle(HANGS.values())
    hanging = {f"/hang{n}": next(behaviours) for n in range(hanging_checks)}
    with BadServer({**well, **hanging}) as server:
        checks = [f"name: {path}, url: {path}, status: status" for path in [*hanging, *well]]
        found, seconds = timed(tmp_path, server.url, checks, "deadline_seconds: 3")
    assert 3 <= seconds < 4
    said_of = {reading.check: words(reading) for reading in found.readings}
    assert [path for path in well if said_of[path] != "healthy"] == []
    assert [path for path in hanging if not said_of[path].startswith("unhealthy: ")] == []
    assert len(said_of) == 200


# Names that hang, which no thread can be interrupted in


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: what it found, its own seconds, those of the round, and its errors."""

    said: dict[str, str]
    round_seconds: float
    seconds: float
    errors: str


Checks = list[dict[str, Any]]
NAMES: Checks = [
    {"name": "http", "url": "http://name.that.hangs/"},
    {"name": "again", "url": "http://name.that.hangs/again"},
    {"name": "tcp", "kind": "tcp", "host": "another.name", "port": 6333},
]
UNRESOLVED = "unknown: the name was not resolved within 1 s"
UNRESOLVABLE = "unknown: the name {} cannot be resolved (Temporary failure in name resolution)"


def ended(folder: Path, checks: Checks, lookup: str, stay_seconds: float = 0) -> Ended:
    """A process of its own (`odd_names`), with a deadline of one second."""
    health = {"deadline_seconds": 1, "checks": checks}
    file = folder / "rag.yaml"
    file.write_text(json.dumps({"name": "rag", "base_url": "http://127.0.0.1:1", "health": health}))
    arguments = [str(file), lookup, str(stay_seconds)]
    started = time.monotonic()
    process = subprocess.run(
        [sys.executable, "-m", "ops_pipelines_tests.health.odd_names", *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=50,
        cwd=ROOT,
    )
    seconds = time.monotonic() - started
    found = json.loads(process.stdout)
    return Ended(found["said"], found["seconds"], seconds, process.stderr)


def test_names_that_hang_are_unknown_and_hold_neither_the_round_nor_the_process(
    tmp_path: Path,
) -> None:
    with refusing_port() as port:
        refused = {"name": "refused", "kind": "tcp", "host": "127.0.0.1", "port": port}
        start_up = ended(tmp_path, [refused], "hangs").seconds
    hanging = ended(tmp_path, NAMES, "hangs")
    assert hanging.said == dict.fromkeys(["http", "again", "tcp"], UNRESOLVED)
    assert 1 <= hanging.round_seconds < 2
    assert hanging.seconds < start_up + 2 + 1  # the last one for a machine that is busy
    assert hanging.errors == ""


def test_names_that_hang_leave_other_checks_alone(tmp_path: Path) -> None:
    with BadServer({"/health": WELL}) as server:
        checks: Checks = [
            {"name": "hangs", "url": "http://name.that.hangs/"},
            {"name": "well", "url": f"{server.url}/health", "status": "status"},
        ]
        found = ended(tmp_path, checks, "hangs")
    assert found.said == {"hangs": UNRESOLVED, "well": "healthy"}


def test_a_name_that_fails_after_the_round_is_over_fails_quietly(tmp_path: Path) -> None:
    found = ended(tmp_path, NAMES, "fails late", stay_seconds=1)
    assert set(found.said.values()) == {UNRESOLVED}
    assert found.errors == ""


def test_a_name_server_that_fails_in_time_is_unknown_too(tmp_path: Path) -> None:
    found = ended(tmp_path, NAMES, "fails")
    assert found.said["tcp"] == UNRESOLVABLE.format("another.name")


def test_a_name_server_that_fails_in_the_middle_is_unknown_too(tmp_path: Path) -> None:
    tls = {"name": "tls", "kind": "tls", "host": "third.name", "port": 443}
    found = ended(tmp_path, [NAMES[0], NAMES[2], tls], "works once")
    assert found.said == {
        "tls": UNRESOLVABLE.format("third.name"),
        "http": UNRESOLVABLE.format("name.that.hangs"),
        "tcp": UNRESOLVABLE.format("another.name"),
    }


def test_an_address_that_hangs_does_not_hide_another_of_the_same_name(tmp_path: Path) -> None:
    with full_port() as port, socket.create_server(("127.0.0.2", port)):
        check = {"name": "tcp", "kind": "tcp", "host": "two.addresses", "port": port}
        assert ended(tmp_path, [check], "two addresses").said == {"tcp": "healthy"}
