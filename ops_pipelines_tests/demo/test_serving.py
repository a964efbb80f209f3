import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ops_pipelines.demo import prepare
from ops_pipelines.demo.home import Home
from ops_pipelines_tests.demo.served import (
    ENVIRONMENT,
    PATIENCE_SECONDS,
    Served,
    run_demo,
    stop,
    without_past,
)

StartDemo = Callable[[Path], Served]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_and_cleanly_even_while_the_model_is_slow(
    tmp_path: Path, number: signal.Signals, start_demo: StartDemo
) -> None:
    demo = start_demo(without_past(tmp_path))
    demo.switch("break", "slow-model")
    with ThreadPoolExecutor() as pool:
        asking = pool.submit(demo.ask, "What is the refund period?")
        time.sleep(0.5)
        started = time.monotonic()
        demo.process.send_signal(number)
        answer = asking.result()
        assert stop(demo, number) == 0
    assert time.monotonic() - started < 2
    assert (answer.status_code, answer.json()["error"]["type"]) == (503, "ServiceStopping")
    assert demo.complaints == ""
    assert re.fullmatch(
        rf"The demo RAG service answers at http://127\.0\.0\.1:{demo.port}; .*\n", demo.output
    )
    assert [line["message"] for line in demo.log()][:1] == ["service started"]
    assert demo.log()[-1]["message"] == "service stopped"


def test_ctrl_c_while_the_past_is_made_ends_it_quietly_and_leaves_no_half(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ops_pipelines.demo", "serve", "--home", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=ENVIRONMENT,
        start_new_session=True,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (tmp_path / "state/rag-demo/.samples.aside").exists():
        assert time.monotonic() < deadline, "no past is made"
        time.sleep(0.02)
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert (process.returncode, said) == (0, b"")
    assert list((tmp_path / "app" / "logs").iterdir()) == []
    assert not (tmp_path / "state/rag-demo/samples").exists()


def test_it_starts_again_at_the_same_port_and_makes_nothing_anew(
    tmp_path: Path, start_demo: StartDemo
) -> None:
    demo = start_demo(without_past(tmp_path))
    assert stop(demo) == 0
    files = ["app/.env", "app/config/production.yaml", "app/rag_system.db"]
    files += ["services/rag-demo.yaml", "port"]
    before = {name: (tmp_path / name).read_bytes() for name in files}

    again = start_demo(tmp_path)
    assert again.client.get("/api/health").status_code == 200
    assert stop(again) == 0
    assert {name: (tmp_path / name).read_bytes() for name in files} == before


def test_it_takes_another_port_when_the_last_is_taken_and_has_visitors(
    tmp_path: Path, start_demo: StartDemo
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        (without_past(tmp_path) / "port").write_text(f"{taken}\n")
        demo = start_demo(tmp_path)

    assert demo.port != taken
    assert demo.service.base_url == f"http://127.0.0.1:{demo.port}"
    asked = _visits(demo)
    assert stop(demo) == 0
    assert {line["status"] for line in asked} == {200}


def test_a_port_of_somebody_else_is_refused(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = run_demo("serve", "--home", str(without_past(tmp_path)), "--port", str(port))

    assert done.returncode == 2
    assert done.stderr.startswith(f"port {port} cannot be used (")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "port").exists()


def test_two_demos_do_not_share_a_home(tmp_path: Path, start_demo: StartDemo) -> None:
    demo = start_demo(without_past(tmp_path))
    done = run_demo("prepare", "--home", str(tmp_path))
    assert done.returncode == 2
    assert "running already" in done.stderr
    assert demo.client.get("/api/health").status_code == 200
    assert stop(demo) == 0


def test_it_obeys_its_configuration(tmp_path: Path, start_demo: StartDemo) -> None:
    prepare.application(Home(without_past(tmp_path)))
    file = tmp_path / "app" / "config" / "production.yaml"
    text = file.read_text("utf-8")
    for old, new in [
        ("tarn-embed-256", "other-embed"),
        ("dimension: 256", "dimension: 64"),
        ("top_k: 4", "top_k: 1"),
        ("logs/rag-system.log", "logs/other.log"),
    ]:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    with (tmp_path / "app" / ".env").open("a") as env:
        env.write("RAG_LLM_MODEL=other-chat\n")

    demo = start_demo(tmp_path)
    listed = demo.client.get("/v1/models").json()["data"]
    assert [model["id"] for model in listed] == ["other-chat", "other-embed"]
    answer = demo.ask("What is the refund period?").json()
    assert "30 days" in answer["answer"]
    assert (len(answer["sources"]), answer["model"]) == (1, "other-chat")
    body = {"model": "other-embed", "input": "x"}
    [entry] = demo.client.post("/v1/embeddings", json=body).json()["data"]
    assert len(entry["embedding"]) == 64
    logged = {line.get("model") for line in demo.log("other.log")}
    assert logged == {None, "other-chat", "other-embed"}
    assert (tmp_path / "app" / "logs" / "rag-system.log").read_bytes() == b""
    assert stop(demo) == 0


def _visits(demo: Served) -> list[dict[str, Any]]:
    """What the log says of the first three questions, which nobody asked but the demo itself."""
    deadline = time.monotonic() + 10
    while len(asked := [x for x in demo.log() if x.get("endpoint") == "/api/query"]) < 3:
        assert time.monotonic() < deadline, "nobody visits"
        time.sleep(0.05)
    return asked
