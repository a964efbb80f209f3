"""A process in which name lookups misbehave; it probes a service and says what it found, how fast.

    python -m ops_pipelines_tests.health.odd_names SERVICE_FILE LOOKUP STAY_SECONDS

LOOKUP says how a name is looked up (`LOOKUPS`); after the round the process stays for STAY_SECONDS.
"""

import json
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops_pipelines.health import network
from ops_pipelines.health.probe import run_round
from ops_pipelines.settings.load import load_file

Addresses = list[Any]
_resolve = socket.getaddrinfo
_looked_up: set[str] = set()


def _fails(seconds: float) -> Callable[..., Addresses]:
    def lookup(*_: Any, **__: Any) -> Addresses:
        time.sleep(seconds)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    return lookup


def _works_once(host: str, *arguments: Any, **options: Any) -> Addresses:
    """The name server dies between our lookup and that of the connection."""
    if host in _looked_up:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    _looked_up.add(host)
    return _resolve("127.0.0.1", *arguments, **options)


def _has_two_addresses(_: str, *arguments: Any, **options: Any) -> Addresses:
    both = [_resolve(host, *arguments, **options) for host in ("127.0.0.1", "127.0.0.2")]
    return [address for addresses in both for address in addresses]


LOOKUPS: dict[str, Callable[..., Addresses]] = {
    "hangs": _fails(60),
    "fails late": _fails(1.3),
    "fails": _fails(0),
    "works once": _works_once,
    "two addresses": _has_two_addresses,
}


def main(file: str, lookup: str, stay_seconds: str) -> None:
    def look_up(host: Any, *arguments: Any, **options: Any) -> Addresses:
        name: str = host.decode() if isinstance(host, bytes) else host
        asked = _resolve if name.startswith("127.") else LOOKUPS[lookup]
        return asked(name, *arguments, **options)

    service = load_file(Path(file))
    socket.getaddrinfo = look_up  # no machine has a name server that hangs on demand
    started = time.monotonic()
    found = network.run(run_round(service, datetime.now(UTC)))
    seconds = time.monotonic() - started
    said = {r.check: f"{r.status}: {r.reason}" if r.reason else r.status for r in found.readings}
    print(json.dumps({"seconds": seconds, "said": said}), flush=True)  # noqa: T201
    time.sleep(float(stay_seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
