"""A user's first hour: a clean clone, `make run`, the UI in a browser, an incident, the end."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from ops_pipelines_tests.conftest import need

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CHROMIUM = Path("/usr/bin/chromium")
READY = "Ctrl-C ends it"


@dataclass
class Deployment:
    """A clone of this repository in which `make run` runs."""

    folder: Path
    port: int
    make: subprocess.Popen[str]
    output: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        return self.output.read_text()

    def ask(self, query: str) -> Any:
        request = urllib.request.Request(
            f"{self.address}/graphql",
            json.dumps({"query": query}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["data"]

    def demo(self, *arguments: str) -> None:
        python = self.folder / ".venv" / "bin" / "python"
        command = [str(python), "-m", "ops_pipelines.demo", *arguments]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], Any], seconds: float) -> Any:
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.2)
    return found


def start(folder: Path, port: int) -> Deployment:
    output = folder.parent / f"{folder.name}-{time.monotonic_ns()}.out"
    kept = {
        k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")
    }
    with output.open("w") as file:
        make = subprocess.Popen(
            ["make", "run", f"PORT={port}"],
            cwd=folder,
            env={**kept, "OPS_LANGUAGE": "en"},
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
    deployment = Deployment(folder, port, make, output)
    until(lambda: READY in deployment.said() or make.poll() is not None, 400)
    assert make.poll() is None, deployment.said()
    return deployment


def processes_of(folder: Path) -> list[str]:
    """What still runs out of a clone."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(folder) in " ".join(process.cmdline()) or process.cwd() == str(folder):
                found.append(" ".join(process.cmdline()))
        except (psutil.Error, OSError):
            continue
    return found


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first-hour") / "ops_pipelines"
    command = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture(scope="module")
def running(clone: Path) -> Iterator[Deployment]:
    deployment = start(clone, free_port())
    yield deployment
    if deployment.make.poll() is None:
        os.killpg(deployment.make.pid, signal.SIGINT)
        deployment.make.wait(30)


@pytest.fixture
def page() -> Iterator[Page]:
    need("a browser: apt install chromium", CHROMIUM.exists())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser.new_page(viewport={"width": 1500, "height": 1000})
        browser.close()


def materialize_in_the_ui(page: Page, running: Deployment) -> None:
    """Press the button, and wait until its run has ended well."""
    runs = "{ runsOrError(limit: 1) { ... on Runs { results { runId status } } } }"
    before = running.ask(runs)["runsOrError"]["results"][0]["runId"]
    page.goto(f"{running.address}/assets/rag_demo/health_samples")
    page.get_by_role("button", name=re.compile("Materialize")).first.click()

    def has_ended() -> bool:
        run = running.ask(runs)["runsOrError"]["results"][0]
        assert run["status"] != "FAILURE"
        return bool(run["runId"] != before and run["status"] == "SUCCESS")

    until(has_ended, 60)


def shown_status(page: Page, running: Deployment, status: str) -> None:
    page.goto(f"{running.address}/assets/rag_demo/health_samples")
    row = page.get_by_role("row", name=re.compile("status"))
    expect(row.first).to_contain_text(status, timeout=20_000)


def test_the_first_report_is_printed_and_kept(running: Deployment) -> None:
    assert "rag-demo" in running.said()
    assert re.search(r"^embeddings +healthy", running.said(), re.MULTILINE)
    reports = list((running.folder / ".demo/data/rag-demo/health_reports").glob("health_*.json"))
    assert len(reports) == 31


def test_the_month_of_the_log_is_backfilled_with_its_two_incidents(running: Deployment) -> None:
    folder = running.folder / ".demo/data/rag-demo"
    documents = [json.loads(path.read_text()) for path in folder.glob("log_reports/log_*.json")]
    assert len(documents) == 31
    risen = [
        document["window"]["start"]
        for document in documents
        if "logs.error_rate_up" in [finding["code"] for finding in document["findings"]]
    ]
    assert len(risen) == 2
    assert len(list(folder.glob("log_rollup/*-*-*.parquet"))) == 31


def test_no_log_has_a_warning_up_to_the_first_report(running: Deployment) -> None:
    logs = {
        log.name: log.read_text() for log in (running.folder / ".dagster" / "console").glob("*.log")
    }
    assert {"code_server.log", "daemon.log", "webserver.log", "demo.log"} <= set(logs)
    loud = re.compile(r"WARN|ERROR|CRITICAL|Traceback|Warning")
    assert {
        name: line for name, text in logs.items() for line in text.splitlines() if loud.search(line)
    } == {}


def test_the_working_tree_stays_clean(running: Deployment) -> None:
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=running.folder, capture_output=True, check=True
    )
    assert status.stdout == b""


def test_the_ui_shows_the_days_figure(running: Deployment, page: Page) -> None:
    page.goto(f"{running.address}/assets/rag_demo/health_report")
    expect(page.get_by_text("Join the Dagster community")).to_have_count(0)
    page.get_by_text("Show Markdown").first.click()
    figure = page.locator("img[src^='data:image/svg+xml']")
    expect(figure).to_be_visible(timeout=20_000)
    assert figure.evaluate("image => image.naturalWidth") == 900


def test_an_incident_is_seen_from_the_ui_and_so_is_its_end(running: Deployment, page: Page) -> None:
    materialize_in_the_ui(page, running)
    shown_status(page, running, "healthy")
    running.demo("break", "outage")
    materialize_in_the_ui(page, running)
    shown_status(page, running, "unhealthy")
    running.demo("repair")
    materialize_in_the_ui(page, running)
    shown_status(page, running, "healthy")


def test_a_changed_service_file_is_taken_up(running: Deployment) -> None:
    services = running.folder / ".demo" / "services"
    assets = "{ assetNodes { assetKey { path } } }"
    (services / "second.yaml").write_text("name: second\nbase_url: http://127.0.0.1:1\n")
    until(
        lambda: (
            ["second", "health_report"]
            in [node["assetKey"]["path"] for node in running.ask(assets)["assetNodes"]]
        ),
        60,
    )
    (services / "second.yaml").unlink()
    until(lambda: "second" not in json.dumps(running.ask(assets)), 60)


def test_ctrl_c_leaves_no_process_behind(running: Deployment) -> None:
    os.killpg(running.make.pid, signal.SIGINT)
    running.make.wait(30)
    assert until(lambda: not processes_of(running.folder), 10)


def test_a_kill_of_the_supervisor_leaves_no_process_behind(
    running: Deployment, clone: Path
) -> None:
    assert running.make.poll() is not None
    again = start(clone, free_port())
    made = psutil.Process(again.make.pid)
    supervisor = next(p for p in [made, *made.children()] if "up" in p.cmdline())
    supervisor.kill()
    again.make.wait(30)
    assert until(lambda: not processes_of(clone), 30)
