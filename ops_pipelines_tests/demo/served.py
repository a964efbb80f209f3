"""Starts and stops demos in processes of their own, as a user does."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from ops_pipelines.demo.home import Home
from ops_pipelines.settings.load import load_file
from ops_pipelines.settings.service import Service

PATIENCE_SECONDS = 30
ENVIRONMENT = {**os.environ, "OPS_LANGUAGE": "en", "TZ": "Asia/Shanghai"}


def run_demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m ops_pipelines.demo`, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "ops_pipelines.demo", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=ENVIRONMENT,
        check=False,
    )


@dataclass(frozen=True)
class Served:
    """A demo that serves."""

    home: Home
    process: subprocess.Popen[bytes]
    client: httpx.Client
    started: datetime

    @property
    def port(self) -> int:
        return int(self.home.port_file.read_text())

    @property
    def output(self) -> str:
        return (self.home.root / "stdout").read_text("utf-8")

    @property
    def complaints(self) -> str:
        return (self.home.root / "stderr").read_text("utf-8")

    @property
    def service(self) -> Service:
        return load_file(self.home.service_file, {})

    def log(self, name: str = "rag-system.log") -> list[dict[str, Any]]:
        """What it has logged itself: what comes before is its invented past."""
        text = (self.home.application / "logs" / name).read_text("utf-8", "replace")
        lines = text.splitlines()
        begun = max(i for i, line in enumerate(lines) if '"service started"' in line)
        return [json.loads(line) for line in lines[begun:]]

    def ask(self, question: str) -> httpx.Response:
        return self.client.post("/api/query", json={"question": question})

    def switch(self, *arguments: str) -> None:
        done = run_demo(*arguments, "--home", str(self.home.root))
        assert done.returncode == 0, done.stderr


def start(root: Path) -> Served:
    """Start a demo in `root`, and wait until it says that it serves."""
    started = datetime.now(UTC)
    output, complaints = root / "stdout", root / "stderr"
    with output.open("wb") as out, complaints.open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "ops_pipelines.demo", "serve", "--home", str(root)],
            stdout=out,
            stderr=err,
            env=ENVIRONMENT,
        )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while b"answers at" not in output.read_bytes():
        assert process.poll() is None, complaints.read_text("utf-8")
        assert time.monotonic() < deadline, "the demo does not come up"
        time.sleep(0.02)
    base_url = f"http://127.0.0.1:{Home(root).port_file.read_text().strip()}"
    client = httpx.Client(base_url=base_url, trust_env=False, timeout=PATIENCE_SECONDS)
    return Served(Home(root), process, client, started)


def stop(served: Served, number: int = signal.SIGTERM) -> int:
    """Tell the demo to end; its exit code."""
    served.client.close()
    served.process.send_signal(number)
    return served.process.wait(timeout=PATIENCE_SECONDS)


def without_past(root: Path) -> Path:
    """A home that has a past already, so that none is made: that takes seconds."""
    home = Home(root)
    for folder, name in [
        (home.samples_folder, "2026-01-01.jsonl"),
        (home.application / "logs", "rag-system.log"),
    ]:
        folder.mkdir(parents=True)
        (folder / name).touch()
    return root
