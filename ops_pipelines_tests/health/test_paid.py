"""The budget holds across processes and restarts, whatever becomes of them."""

import asyncio
import json
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from ops_pipelines.health import paid, reports
from ops_pipelines.health.network import run
from ops_pipelines.health.probe import run_round
from ops_pipelines.health.sampler import sample
from ops_pipelines.settings.paid_checks import RagCheck
from ops_pipelines.settings.service import Service
from ops_pipelines_tests.cli.command import ops
from ops_pipelines_tests.conftest import as_ordinary_user
from ops_pipelines_tests.golden import ROOT
from ops_pipelines_tests.health.bad_server import Answer, BadServer, answered, hang, said, slowly
from ops_pipelines_tests.health.rounds import NOW, made, service_from, words

HOUR = timedelta(hours=1)
RIGHT = said({"answer": "30 days"})
FILE = """
name: rag
base_url: {url}
timezone: Asia/Shanghai
health:
  timeout_seconds: 5
  checks:
    - {{name: {name}, kind: rag, url: /ask, body: {{}}, expect: 30 days, calls_per_day: {calls}}}
"""


def serving(answer: Answer = RIGHT) -> BadServer:
    return BadServer({"/ask": answer})


def service_of(folder: Path, server: BadServer, calls: int = 24, name: str = "answers") -> Service:
    return service_from(folder, FILE.format(url=server.url, calls=calls, name=name))


def file_of(folder: Path, server: BadServer, calls: int) -> Path:
    file = folder / "services" / "rag.yaml"
    file.parent.mkdir()
    file.write_text(FILE.format(url=server.url, calls=calls, name="answers"))
    return file


def spender(file: Path, rounds: int = 1) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ops_pipelines_tests.health.spender", str(file), str(rounds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def until(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


# Processes


def test_processes_that_ask_at_once_never_overspend(tmp_path: Path) -> None:
    with serving(slowly(0.02, RIGHT)) as server:
        file = file_of(tmp_path, server, 20)
        processes = [spender(file, 12) for _ in range(3)]
        printed = "".join(process.communicate(timeout=50)[0] for process in processes)
    assert len(server.requests) == 18  # a tenth is kept
    assert printed.split() == ["healthy"] * 36


def test_a_killed_process_has_spent_its_call_and_the_next_one_is_bound_by_it(
    tmp_path: Path,
) -> None:
    with serving(hang) as server:
        file = file_of(tmp_path, server, 2)
        with spender(file) as process:
            until(lambda: server.requests)
            process.kill()
        server.answers = {"/ask": RIGHT}
        assert [spender(file).communicate(timeout=30)[0].strip() for _ in range(2)] == [
            "healthy",
            "healthy",
        ]
    assert len(server.requests) == 2


def test_who_is_interrupted_spreads_no_verdict(tmp_path: Path) -> None:
    with serving(hang) as server:
        service = service_of(tmp_path, server)

        async def interrupted() -> None:
            round_ = asyncio.ensure_future(run_round(service, NOW, by_hand=True))
            await asyncio.to_thread(until, lambda: server.requests)
            round_.cancel()
            with pytest.raises(asyncio.CancelledError):
                await round_

        run(interrupted())
        (check,) = service.health.checks
        assert isinstance(check, RagCheck)
        memory = paid.memory_of(check, service)
    assert (len(memory.calls), memory.probed_at) == (1, None)


# Its file


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[]", b"null", b'{"answers": []}', b'{"answers": {"calls": 3}}',
     b'{"answers": "x"}', b'{"answers": {}}'],
)  # fmt: skip
def test_a_damaged_memory_is_begun_anew(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving() as server:
        service = service_of(tmp_path, server, 1)
        file = Path(service.state_dir, "paid", "memory.json")
        file.parent.mkdir(parents=True)
        file.write_bytes(content)
        with caplog.at_level(logging.WARNING):
            assert words(made(service).readings[0]) == "healthy"
        assert made(service, NOW + HOUR).readings[0].probed_at == NOW
    assert len(server.requests) == 1
    assert json.loads(file.read_bytes()).keys() == {"answers"}


def test_a_memory_that_cannot_be_kept_spends_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving() as server:
        service = service_of(tmp_path, server)
        Path(service.state_dir).parent.mkdir()
        Path(service.state_dir).write_text("a file where a folder is wanted")
        found = words(made(service).readings[0])
    assert found.startswith("unknown: the probe itself failed (/")
    assert caplog.text == ""  # the sentence tells all; a traceback says nothing to operators
    assert server.requests == []


def test_a_check_may_bear_any_name(tmp_path: Path) -> None:
    with serving() as server:
        service = service_of(tmp_path, server, 1, name="知" * 99)
        assert words(made(service).readings[0]) == "healthy"
        assert not made(service, NOW + HOUR).readings[0].asked


def test_checks_of_one_service_have_budgets_of_their_own(tmp_path: Path) -> None:
    with serving() as server:
        text = FILE.format(url=server.url, calls=1, name="one")
        line = text.splitlines()[-1]
        service = service_from(tmp_path, f"{text}{line.replace('one', 'two')}\n")
        for hour in range(3):
            assert {words(r) for r in made(service, NOW + hour * HOUR).readings} == {"healthy"}
    assert len(server.requests) == 2


# By hand


def test_by_hand_it_spends_a_call_or_says_that_it_was_not_probed(tmp_path: Path) -> None:
    with serving() as server:
        file = file_of(tmp_path, server, 1)
        first, second = (ops("--services", file, "health", "check", "--json") for _ in range(2))
    assert len(server.requests) == 1
    assert (first.code, second.code) == (0, 0)
    before, after = (found.document["components"]["answers"] for found in (first, second))
    assert before["error"] is None
    assert after["error"].startswith("not probed: 1 calls a day are allowed; last probed: ")
    assert (after["status"], after["last_check"]) == ("healthy", before["last_check"])


def test_by_hand_a_bad_verdict_that_holds_says_so_too(tmp_path: Path) -> None:
    with serving(answered(500)) as server:
        service = service_of(tmp_path, server, 1)
        made(service)
        (reading,) = made(service, NOW + HOUR, by_hand=True).readings
    assert words(reading) == (
        "unhealthy: not probed: 1 calls a day are allowed; at 2025-11-24T20:00+08:00: "
        "status (500), wanted 200-299"
    )


def test_by_hand_without_a_verdict_that_holds_nothing_is_known(tmp_path: Path) -> None:
    with serving() as server:
        service = service_of(tmp_path, server, 0)
        (reading,) = made(service, by_hand=True).readings
    assert words(reading) == "unknown: not probed: 0 calls a day are allowed; last probed: -"
    assert not reading.asked


# What is told of it


def test_calls_are_counted_for_the_day_of_the_services_timezone_and_stand_in_its_report(
    tmp_path: Path,
) -> None:
    with serving() as server:
        service = service_of(tmp_path, server)
        for hour in range(6):  # from 20:00 to 01:00 of the next day
            run(sample(service, NOW + hour * HOUR))
        now = NOW + 12 * HOUR
        days = [reports.make(service, (NOW + n * 24 * HOUR).date(), now) for n in range(2)]
    assert [day.document["facts"]["calls"] for day in days] == [{"answers": 4}, {"answers": 2}]


def test_a_held_verdict_counts_as_no_probe_and_no_latency_of_the_report(tmp_path: Path) -> None:
    with serving() as server:
        service = service_of(tmp_path, server)
        for minute in range(90):
            run(sample(service, NOW + minute * timedelta(minutes=1)))
        day = reports.make(service, NOW.date(), NOW + timedelta(minutes=90))
    component = day.document["facts"]["components"]["answers"]
    assert component["probes"] == 2
    assert component["last_check"] == "2025-11-24T21:00:00+08:00"
    assert component["seconds"]["healthy"] == 90 * 60


def test_an_ordinary_user_without_the_right_to_write_spends_nothing(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with serving() as server:
        service = service_of(tmp_path, server)
        Path(service.state_dir).mkdir(parents=True)
        with as_ordinary_user():
            found = words(made(service).readings[0])
    assert found.startswith("unknown: the probe itself failed (/")
    assert server.requests == []
