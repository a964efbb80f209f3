"""A canary in every place that takes a secret, a service that echoes it, and no trace."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest

from ops_pipelines_tests.cli.command import ops

CANARY = 'c4nary"/+ é$&=key'
FORMS = {
    CANARY,
    quote(CANARY, safe=""),
    quote(CANARY),
    json.dumps(CANARY)[1:-1],
    json.dumps(CANARY, ensure_ascii=False)[1:-1],
    base64.b64encode(f"user:{CANARY}".encode()).decode(),
}

SERVICE = """\
name: echoing
base_url: http://127.0.0.1:{port}
health:
  checks:
    - name: in-headers
      url: /says
      headers: {{X-Key: "prefix ${{CANARY_ASCII}}"}}
      status: status
    - name: in-the-body
      url: /says
      method: POST
      body: {{token: "${{CANARY}}", nested: [{{deep: "${{CANARY}}"}}]}}
      components: components
      component: {{status: status, error: error}}
    - name: in-the-query
      url: /redirects?key=${{CANARY_QUOTED}}
    - name: in-the-path
      url: /garbage/${{CANARY_QUOTED}}
      status: status
    - name: in-the-user-info
      url: http://user:${{CANARY_QUOTED}}@127.0.0.1:{port}/refuses
    - name: nobody-there
      url: http://user:${{CANARY_QUOTED}}@127.0.0.1:1/?key=${{CANARY_QUOTED}}
"""

DAGSTER = """\
import sys, warnings, logging
logging.basicConfig(level=logging.DEBUG)
import dagster as dg
from ops_pipelines.definitions import defs
job = defs.resolve_job_def("echoing_health_job")
with dg.DagsterInstance.get() as instance:
    result = job.execute_in_process(
        partition_key=sys.argv[1], instance=instance, raise_on_error=False
    )
    context = dg.build_sensor_context(instance=instance, resources={"clock": type("Clock", (), {
        "now": lambda self: __import__("datetime").datetime.now(__import__("datetime").UTC)})()})
    print(defs.resolve_sensor_def("health_sensor")(context))
print("success", result.success)
"""


class Echo(BaseHTTPRequestHandler):
    """Answers with everything that it was sent."""

    def _answer(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        everything = f"{self.path} {dict(self.headers)} {sent}"
        if self.path.startswith("/garbage"):
            body = f"not json: {everything}"
        else:
            body = json.dumps(
                {
                    "status": everything,
                    "components": {sent[:99]: {"status": "down", "error": everything}},
                },
                ensure_ascii=False,
            )
        status = {"/redirects": 302, "/refuses": 401}.get(self.path.partition("?")[0], 200)
        self.send_response(status)
        self.send_header("Location", f"http://elsewhere/{self.path}")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_POST = _answer  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def environment(folder: Path) -> dict[str, str]:
    return {
        "CANARY": CANARY,
        "CANARY_QUOTED": quote(CANARY, safe=""),
        "CANARY_ASCII": CANARY.replace("é", "e"),
        "OPS_SERVICES": str(folder / "services"),
        "DAGSTER_HOME": str(folder / "home"),
    }


def traces(content: bytes) -> list[str]:
    ascii_forms = {form.replace("é", "e") for form in FORMS}
    return [form for form in FORMS | ascii_forms if form.encode() in content]


@pytest.mark.slow
def test_no_output_event_log_or_stored_file_holds_the_canary(tmp_path: Path, port: int) -> None:
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "echoing.yaml").write_text(SERVICE.format(port=port))
    (tmp_path / "services" / "broken.yaml").write_text(
        'name: broken\nbase_url: "${CANARY}"\ntimezone: "${CANARY} x"\nhealth: "${CANARY}"\n'
    )
    (tmp_path / "home").mkdir()
    extra = environment(tmp_path)
    outcomes = [
        ops(*arguments, environment=extra)
        for arguments in (
            ["--service", "echoing", "health", "check"],
            ["--service", "echoing", "--debug", "health", "check", "--json"],
            ["settings", "check"],
            ["settings", "check", "--json"],
            ["sample"],
        )
    ]
    assert outcomes[1].document["components"]["in-headers"]["status"] == "unknown"
    today = subprocess.run(["date", "-u", "+%F"], capture_output=True, text=True, check=True)
    run = subprocess.run(
        [sys.executable, "-c", DAGSTER, today.stdout.strip()],
        env={**os.environ, **extra},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "success True" in run.stdout
    outcomes.append(ops("--service", "echoing", "show", "health_report", environment=extra))
    outcomes.append(
        ops("--service", "echoing", "show", "health_report", "--json", environment=extra)
    )
    printed = "".join(outcome.out + outcome.err for outcome in outcomes) + run.stdout + run.stderr
    assert "***" in printed
    assert traces(printed.encode()) == []
    stored = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.suffix for file in stored} >= {".json", ".jsonl", ".db"}
    assert {str(file): found for file in stored if (found := traces(file.read_bytes()))} == {}
