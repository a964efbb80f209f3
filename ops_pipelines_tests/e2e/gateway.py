"""LiteLLM's proxy as its users run it, in a virtualenv of its own, and fake models behind it."""

import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from ops_pipelines_tests.conftest import need

VERSION = "1.99.4"
NO_NEWER_THAN = "2026-10-01"
"""Releases of LiteLLM have been poisoned twice: this one, and all it needs, are of before that day
and have been out for months."""
KEY = "sk-key-of-the-gateway"
MODELS = ("qwen3", "llama3", "bge-m3")
CHECK_SECONDS = 3


@dataclass
class FakeModels:
    """An OpenAI-compatible server whose models can be broken."""

    url: str
    broken: set[str] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append(asked)
        if asked["model"] in self.broken:
            return 500, {"error": {"message": "CUDA out of memory", "type": "server_error"}}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        answer = {"id": "x", "created": 1, "model": asked["model"], "usage": usage}
        if "input" in asked:
            vector = {"object": "embedding", "index": 0, "embedding": [0.1] * 8}
            return 200, {**answer, "object": "list", "data": [vector]}
        message = {"role": "assistant", "content": "ok"}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        return 200, {**answer, "object": "chat.completion", "choices": [choice]}


@contextmanager
def fake_models() -> Iterator[FakeModels]:
    """The running server."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = models.answer(asked)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    models = FakeModels(f"http://127.0.0.1:{server.server_port}/v1")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield models
    finally:
        server.shutdown()
        server.server_close()


def install(folder: Path) -> Path:
    """LiteLLM's proxy in a new virtualenv; its command."""
    uv = Path(sys.executable).parent / "uv"
    need("LiteLLM is installed with uv, for which there is no wheel here", uv.is_file())
    python = str(folder / "bin" / "python")
    packages = [f"litellm[proxy]=={VERSION}", "--only-binary", ":all:"]
    packages += ["--exclude-newer", NO_NEWER_THAN]
    for arguments in (
        ["venv", "--python", sys.executable, str(folder)],
        ["pip", "install", "--python", python, *packages],
    ):
        done = subprocess.run([uv, "--quiet", *arguments], env=_with_index(), check=False)
        need("LiteLLM comes from a package index, which cannot be reached", done.returncode == 0)
    return folder / "bin" / "litellm"


def _with_index() -> Mapping[str, str]:
    """The environment, in which uv is told the index that pip is set to: it reads no settings."""
    pip = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    told = subprocess.run(pip, capture_output=True, text=True, check=False).stdout.strip()
    index = os.environ.get("PIP_INDEX_URL") or told
    return {**({"UV_DEFAULT_INDEX": index} if index else {}), **os.environ}


@contextmanager
def running(command: Path, models: FakeModels, port: int, folder: Path) -> Iterator[str]:
    """The proxy in front of `models`, which it calls every few seconds; its address."""
    config = folder / "config.yaml"
    config.write_text(yaml.safe_dump(_config(models)))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it asks the Internet for prices
    }
    arguments = ["--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "litellm.log").open("wb") as log:
        proxy = subprocess.Popen([command, *arguments], env=environment, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        proxy.terminate()
        proxy.wait(30)


def _config(models: FakeModels) -> dict[str, Any]:
    entries: list[dict[str, Any]] = [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{name}", "api_base": models.url, "api_key": "no"},
        }
        for name in MODELS
    ]
    entries[-1]["model_info"] = {"mode": "embedding"}
    return {
        "model_list": entries,
        "general_settings": {
            "master_key": KEY,
            "background_health_checks": True,
            "health_check_interval": CHECK_SECONDS,
        },
    }


def healthy_models(address: str) -> int:
    """How many models the proxy reports as healthy; 0 while it does not answer."""
    request = urllib.request.Request(
        f"{address}/health", headers={"Authorization": f"Bearer {KEY}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return len(json.load(answer).get("healthy_endpoints", []))
    except OSError:
        return 0
