"""How soon the command line answers, beside a bare interpreter and beside `dagster --help`.

Goals: `--help` within 0.5 s; the first request of `health check` within 1 s of processor time.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BIN = Path(sys.executable).parent
RUNS = 7


def timed(command: list[str]) -> tuple[float, float]:
    """Wall and processor seconds of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=False)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class FirstRequest(BaseHTTPRequestHandler):
    """Notes the processor time that the asking process had used when it asked."""

    seconds: list[float] = []  # noqa: RUF012 - one list for all requests is the point

    def do_GET(self) -> None:
        """Note it, and answer."""
        fields = Path(f"/proc/{self.server.asking}/stat").read_text().rsplit(")", 1)[1].split()
        self.seconds.append((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def first_request_seconds() -> float:
    server = ThreadingHTTPServer(("127.0.0.1", 0), FirstRequest)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rag.yaml")
        url = f"http://127.0.0.1:{server.server_port}"
        file.write_text(f"name: rag\nbase_url: {url}\nhealth: {{checks: [{{name: a, url: /}}]}}\n")
        FirstRequest.seconds.clear()
        command = [str(BIN / "ops-pipelines"), "--services", str(file), "health", "check"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as asking:
            server.asking = asking.pid
            asking.wait()
    server.shutdown()
    return FirstRequest.seconds[0]


def main() -> None:
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "ops-pipelines --help": [str(BIN / "ops-pipelines"), "--help"],
        "dagster --help (peer)": [str(BIN / "dagster"), "--help"],
    }
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            runs[name].append(timed(command))
    for name, found in runs.items():
        wall, cpu = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{name:24}  wall {wall:6.3f} s  cpu {cpu:6.3f} s")
    first = statistics.median(first_request_seconds() for _ in range(RUNS))
    print(f"{'health check, first GET':24}  cpu {first:6.3f} s (goal: under 1)")


if __name__ == "__main__":
    main()
