"""Somebody else's service: LiteLLM's proxy, looked after with the file that was proposed for it."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops_pipelines.health import reports
from ops_pipelines.health.sampler import readings_of
from ops_pipelines.settings.load import load_file
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import samples
from ops_pipelines.window import Window, local_day
from ops_pipelines_tests.cli.command import COMMAND, ops
from ops_pipelines_tests.e2e import gateway

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "litellm.yaml"
ENVIRONMENT = {"LITELLM_MASTER_KEY": gateway.KEY}
INTERVAL_SECONDS = 5
BROKEN = ("health", "openai/llama3")


def test_only_the_broken_model_turns_and_comes_back(tmp_path: Path) -> None:
    command = gateway.install(tmp_path / "litellm")
    with (
        gateway.fake_models() as models,
        gateway.running(command, models, free_port(), tmp_path) as address,
    ):
        wait(lambda: gateway.healthy_models(address) == len(gateway.MODELS), 120)
        file = proposed(address, tmp_path)
        decide(file)
        service = load_file(file, ENVIRONMENT)
        with subprocess.Popen(
            [COMMAND, "--services", file, "sample", "--loop"],
            env={**os.environ, **ENVIRONMENT},
            stdout=subprocess.DEVNULL,
        ) as sampling:
            wait(lambda: runs(service)[BROKEN] == [("healthy", 4)], 60)
            models.broken.add("llama3")
            wait(lambda: ended_with(service, "unhealthy", 4), 90)
            models.broken.clear()
            wait(lambda: ended_with(service, "healthy", 4), 90)
            sampling.send_signal(signal.SIGINT)
            assert sampling.wait(15) == 130
    found = runs(service)
    assert [status for status, _ in found.pop(BROKEN)] == ["healthy", "unhealthy", "healthy"]
    assert len(found) == 8
    assert {status for row in found.values() for status, _ in row} == {"healthy"}
    assert_the_report_says_so(service)
    # The paid probes kept to their budget while there was a round every five seconds.
    assert [asked["model"] for asked in models.asked if is_ours(asked)] == ["qwen3", "bge-m3"]


def proposed(address: str, folder: Path) -> Path:
    """The file that `settings new` proposes, which is that of the docs."""
    file = folder / "services" / "litellm.yaml"
    header = "Authorization: Bearer ${LITELLM_MASTER_KEY}"
    named = ["--name", "litellm", "--header", header, "--output", str(file)]
    made = ops("settings", "new", "--url", address, *named, environment=ENVIRONMENT)
    assert made.code == 0, made.err
    text = file.read_text()
    assert gateway.KEY not in text + made.out + made.err
    assert "TO DECIDE: the word “not connected”" in text
    return file


def decide(file: Path) -> None:
    """What an operator does: there is no database, so that none must be connected."""
    text = file.read_text().replace("components: '{db: db}'", "#")
    checks = yaml.safe_load(text)["health"]["checks"]
    assert checks == yaml.safe_load(EXAMPLE.read_text())["health"]["checks"]
    file.write_text(text.replace("health:\n", f"health:\n  interval_seconds: {INTERVAL_SECONDS}\n"))


def runs(service: Service) -> dict[Any, list[tuple[str, int]]]:
    """For each check and component its statuses in order, and how many times in a row."""
    now = datetime.now(UTC)
    kept = samples.read(service.samples_folder, Window(now - timedelta(hours=1), now)).samples
    rows: dict[Any, list[str]] = {BROKEN: []}
    for sample in kept:
        for reading in readings_of(sample):
            rows.setdefault(reading.key, []).append(str(reading.status))
    return {key: [(s, len(list(group))) for s, group in groupby(row)] for key, row in rows.items()}


def ended_with(service: Service, status: str, times: int) -> bool:
    last = runs(service)[BROKEN][-1]
    return last[0] == status and last[1] >= times


def assert_the_report_says_so(service: Service) -> None:
    now = datetime.now(UTC)
    report = reports.make(service, local_day(now, service.zone), now).document
    (incident,) = report["facts"]["incidents"]
    assert incident["name"] == "openai/llama3"
    assert incident["end"]
    assert "CUDA out of memory" in json.dumps(incident)
    assert report["facts"]["overall_status"] == "healthy"
    assert [finding["subject"] for finding in report["findings"]] == ["openai/llama3"]


def is_ours(asked: dict[str, Any]) -> bool:
    return "Say: ok" in json.dumps(asked) or asked.get("input") in ("ok", ["ok"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.5)
