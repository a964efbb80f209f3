"""A process in which name lookups hang; it probes a service and says what it found, and how fast.

    python -m ops_pipelines_tests.health.hanging_names SERVICE_FILE LOOKUP_SECONDS STAY_SECONDS

A lookup takes LOOKUP_SECONDS and then fails; after the round the process stays for STAY_SECONDS.
"""

import json
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops_pipelines.health import network
from ops_pipelines.health.probe import run_round
from ops_pipelines.settings.load import load_file

resolve = socket.getaddrinfo


def main(file: str, lookup_seconds: str, stay_seconds: str) -> None:
    def hang(host: Any, *arguments: Any, **options: Any) -> Any:
        if host == "127.0.0.1":
            return resolve(host, *arguments, **options)
        time.sleep(float(lookup_seconds))
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    service = load_file(Path(file))
    socket.getaddrinfo = hang  # no machine has a name server that hangs on demand
    started = time.monotonic()
    found = network.run(run_round(service, datetime.now(UTC)))
    seconds = time.monotonic() - started
    said = {r.check: f"{r.status}: {r.reason}" if r.reason else r.status for r in found.readings}
    print(json.dumps({"seconds": seconds, "said": said}), flush=True)  # noqa: T201
    time.sleep(float(stay_seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
