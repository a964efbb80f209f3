"""One round of 200 checks, 20 of which hang, beside a plain httpx client asking the same.

Goals: the round ends at its deadline; under 5 ms of processor time a check.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from ops_pipelines.health import network
from ops_pipelines.health.probe import run_round
from ops_pipelines.settings.load import load_file

CHECKS, HANGING, DEADLINE_SECONDS = 200, 20, 3

SERVER = textwrap.dedent("""
    import asyncio
    BODY = b'{"status": "healthy"}'
    async def answer(reader, writer):
        line = await reader.readline()
        while (await reader.readline()).strip(): pass
        if b"hang" in line: await asyncio.sleep(60)
        writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(BODY) + BODY)
        await writer.drain(); writer.close()
    async def main():
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()
    asyncio.run(main())
""")


def service_file(folder: str, port: int) -> Path:
    checks = [
        {"name": f"c{n}", "url": "/hang" if n < HANGING else "/ok", "status": "status"}
        for n in range(CHECKS)
    ]
    health = {"timeout_seconds": DEADLINE_SECONDS, "deadline_seconds": DEADLINE_SECONDS}
    file = Path(folder, "rag.yaml")
    base = {"name": "rag", "base_url": f"http://127.0.0.1:{port}"}
    file.write_text(json.dumps({**base, "health": {**health, "checks": checks}}))
    return file


async def plain(port: int) -> None:
    """What one writes without us: a client, a timeout, a gather."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=DEADLINE_SECONDS, limits=limits) as client:
        urls = ["/hang" if n < HANGING else "/ok" for n in range(CHECKS)]
        asked = (client.get(f"http://127.0.0.1:{port}{url}") for url in urls)
        await asyncio.gather(*asked, return_exceptions=True)


def measure(name: str, call: object) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    call()  # type: ignore[operator]
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{name:12}  wall {wall:6.3f} s  cpu {cpu / CHECKS * 1000:6.3f} ms a check")


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE) as server,
    ):
        assert server.stdout
        port = int(server.stdout.readline())
        service = load_file(service_file(folder, port))
        for _ in range(3):
            measure("a round", lambda: network.run(run_round(service, datetime.now(UTC))))
            measure("plain httpx", lambda: asyncio.run(plain(port)))
        server.kill()


if __name__ == "__main__":
    main()
