"""Captures log lines from the software for which there are presets, for the tests.

    .venv/bin/python scripts/capture_logs.py

Installs the software into a temporary folder (uv, npm, apt-get download), has it write some lines,
and keeps them under ops_pipelines_tests/logs/captured/, with the names of this machine replaced.
Run it again when a preset is added or its software has a new version; review the diff.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

KEPT = Path(__file__).parents[1] / "ops_pipelines_tests" / "logs" / "captured"
PYTHON_PACKAGES = ("python-json-logger", "structlog", "ecs-logging", "loguru", "litellm[proxy]")
NODE_PACKAGES = ("pino", "pino-http")
DEBIAN_PACKAGES = ("nginx", "caddy")

LINES = """
    log.info("request completed", extra={"endpoint": "/api/query", "response_time": 0.25,
        "provider": "openai", "model": "gpt-4o", "status": 200})
    log.warning("request rejected", extra={"endpoint": "/api/chat", "response_time": 0.01,
        "status": 429, "error_type": "rate_limit"})
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("request failed: 除数为零", extra={"endpoint": "/api/query",
            "response_time": 6.5, "status": 500, "error_type": "ZeroDivisionError"})
    log.critical("disk is full")
"""
PROGRAMS = {
    "python-json-logger": """
    import logging, sys
    from pythonjsonlogger.json import JsonFormatter
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    log = logging.getLogger("app"); log.addHandler(handler); log.setLevel(logging.INFO)
    """
    + LINES,
    "ecs": """
    import logging, sys, ecs_logging
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(ecs_logging.StdlibFormatter())
    log = logging.getLogger("app"); log.addHandler(handler); log.setLevel(logging.INFO)
    log.info("handled", extra={"url.path": "/api/query", "http.request.method": "POST",
        "http.response.status_code": 200, "event.duration": 250_000_000})
    log.info("handled", extra={"url": {"path": "/api/chat"}, "event": {"duration": 9_000_000,
        "outcome": "failure"}, "http": {"response": {"status_code": 503}}})
    """
    + LINES,
    "structlog": """
    import structlog
    structlog.configure(processors=[structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"), structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(ensure_ascii=False)])
    log = structlog.get_logger()
    log.info("request completed", endpoint="/api/query", response_time=0.25, model="gpt-4o")
    log.warning("request rejected", endpoint="/api/chat", response_time=0.01)
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("request failed: 除数为零", endpoint="/api/query", response_time=6.5)
    log.critical("disk is full")
    """,
    "python-logging": """
    import logging, sys
    from loguru import logger
    def write(form):
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter(form))
        log = logging.getLogger(form); log.addHandler(handler); log.setLevel(logging.INFO)
        log.propagate = False
        log.info("request completed")
        try:
            1 / 0
        except ZeroDivisionError:
            log.exception("request failed: 除数为零")
    write("%(asctime)s - %(name).7s - %(levelname)s - %(message)s")
    write("%(asctime)s %(levelname)s %(message)s")
    write("%(asctime)s [%(levelname)s] %(module)s: %(message)s")
    logger.remove(); logger.add(sys.stdout, diagnose=False)
    logger.info("request completed")
    """,
}
PINO = """
const http = require("http"), pino = require("pino")();
const log = require("pino-http")({logger: pino});
pino.info("starting");
const server = http.createServer((request, response) => {
  log(request, response);
  if (request.url === "/fail") response.err = new TypeError("x is not a function");
  response.statusCode = request.url === "/fail" ? 500 : 200;
  setTimeout(() => response.end("done"), 20);
});
server.listen(0, "127.0.0.1", async () => {
  const base = "http://127.0.0.1:" + server.address().port;
  for (const path of ["/api/query", "/fail"]) await (await fetch(base + path)).text();
  pino.fatal("giving up");
  server.close(); server.closeAllConnections();
});
"""
NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    {setup}
    access_log {folder}/combined.log;
    server {{
        listen 127.0.0.1:{port};
        location /ok {{ return 200 "fine"; }}
        location /gone {{ return 404; }}
        location /fail {{ proxy_pass http://127.0.0.1:9; }}
    }}
}}
"""
CADDY = """
{{
    admin off
    auto_https off
}}
http://127.0.0.1:{port} {{
    log {{
        output stdout
    }}
    handle /ok {{
        respond "fine"
    }}
    handle /fail {{
        reverse_proxy 127.0.0.1:9
    }}
    handle {{
        respond "gone" 404
    }}
}}
"""
LITELLM = {
    "model_list": [
        {
            "model_name": "gpt-4o-mini",
            "litellm_params": {"model": "openai/x", "api_key": "none", "mock_response": "hello"},
        },
        {
            "model_name": "broken",
            "litellm_params": {
                "model": "openai/y", "api_key": "none", "api_base": "http://127.0.0.1:9",
                "max_retries": 0,
            },
        },
    ],
    "litellm_settings": {"json_logs": True, "num_retries": 0},
}  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install(folder)
        for preset, program in PROGRAMS.items():
            source = textwrap.dedent(program)
            keep(folder, preset, run(folder, [folder / "venv/bin/python", "-c", source]))
        script = folder / "pino.js"
        script.write_text(PINO)
        keep(folder, "pino", run(folder, ["node", script]))
        capture_nginx(folder)
        capture_caddy(folder)
        capture_litellm(folder)


def install(folder: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    run(folder, [uv, "venv", "--quiet", "--python", "3.11", folder / "venv"])
    environment = {"VIRTUAL_ENV": str(folder / "venv")}
    run(folder, [uv, "pip", "install", "--quiet", *PYTHON_PACKAGES], environment)
    run(folder, ["npm", "install", "--silent", *NODE_PACKAGES])
    run(folder, ["apt-get", "download", *DEBIAN_PACKAGES])
    for package in folder.glob("*.deb"):
        run(folder, ["dpkg", "-x", package, folder / "debian"])


def capture_nginx(folder: Path) -> None:
    preset = KEPT.parents[2] / "ops_pipelines" / "settings" / "presets" / "nginx.yaml"
    setup = re.search(r"setup: \|\n((?:  .*\n)+)", preset.read_text())
    assert setup
    port = free_port()
    written = setup[1].replace("/var/log/nginx/access.json", f"{folder}/access.json")
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port, setup=written))
    with serving(folder, [folder / "debian/usr/sbin/nginx", "-c", configuration], port):
        for path in ("/ok?question=1", "/gone", "/fail", "/ok/%22quoted%22"):
            fetch(f"http://127.0.0.1:{port}{path}")
    keep(folder, "nginx", (folder / "access.json").read_text())
    keep(folder, "nginx-combined", (folder / "combined.log").read_text())


def capture_caddy(folder: Path) -> None:
    port = free_port()
    (folder / "Caddyfile").write_text(CADDY.format(port=port))
    command = [folder / "debian/usr/bin/caddy", "run", "--config", folder / "Caddyfile"]
    with serving(folder, command, port) as output:
        for path in ("/ok?question=1", "/gone", "/fail"):
            fetch(f"http://127.0.0.1:{port}{path}")
    keep(folder, "caddy", output.read_text())


def capture_litellm(folder: Path) -> None:
    port = free_port()
    (folder / "litellm.yaml").write_text(json.dumps(LITELLM))
    command = [
        folder / "venv/bin/litellm", "--config", folder / "litellm.yaml", "--host", "127.0.0.1",
        "--port", str(port), "--telemetry", "False",
    ]  # fmt: skip
    with serving(folder, command, port) as output:
        for model in ("gpt-4o-mini", "broken", "nothing"):
            asked = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
            fetch(f"http://127.0.0.1:{port}/v1/chat/completions", json.dumps(asked).encode())
        time.sleep(1)
    keep(folder, "litellm", output.read_text())


@contextmanager
def serving(folder: Path, command: list[str | Path], port: int) -> Iterator[Path]:
    """A server that listens inside the block; what it prints goes into the file."""
    output = folder / "output.log"
    environment = {
        **os.environ, "HOME": str(folder),
        "JSON_LOGS": "True", "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
    }  # fmt: skip
    with output.open("w") as file:
        server = subprocess.Popen(command, cwd=folder, stdout=file, stderr=file, env=environment)
    try:
        for _ in range(600):
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield output
    finally:
        server.terminate()
        server.wait()


def fetch(url: str, body: bytes | None = None) -> None:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=30).read()
    except urllib.error.HTTPError as error:
        error.close()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def run(folder: Path, command: list[str | Path], environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **(environment or {})}, check=True,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return done.stdout


def keep(folder: Path, preset: str, text: str) -> None:
    """Keep `text` as what `preset` has to read, without what names this machine."""
    for found, kept in ((str(folder), "/srv/app"), (socket.gethostname(), "app-1")):
        text = text.replace(found, kept)
    text = re.sub(r"/[^\s\"\\]*/lib/python3", "/usr/lib/python3", text)
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / f"{preset}.log").write_text(text)
    print(f"{preset}: {text.count(chr(10))} lines")


if __name__ == "__main__":
    main()
