"""How long an outage lasts before an incident is open, beside interval × threshold.

A real server is stopped at a random moment between two rounds, ten times. The goal: between
(threshold - 1) and threshold intervals, plus the time of a probe.
"""

import asyncio
import random
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ops_pipelines.health import sampler
from ops_pipelines.health.incidents import Memory, follow
from ops_pipelines.settings.load import load_file
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import samples
from ops_pipelines.window import Window

INTERVAL_SECONDS, THRESHOLD, OUTAGES = 5, 3, 10
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER)
    await writer.drain()
    writer.close()


async def detected_after(folder: Path) -> float:
    """Seconds from the moment the server stops to the round that opens the incident."""
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    service = _service(folder, server.sockets[0].getsockname()[1])
    stop_at = 2 * INTERVAL_SECONDS + random.random() * INTERVAL_SECONDS
    stopped: list[datetime] = []

    def stop() -> None:
        server.close()
        stopped.append(datetime.now(UTC))

    asyncio.get_running_loop().call_later(stop_at, stop)
    while True:
        now = datetime.now(UTC)
        if sampler.is_due(service, now):
            await sampler.sample(service, now)
            if _has_incident(service):
                return (datetime.now(UTC) - stopped[0]).total_seconds()
        await asyncio.sleep(0.1)


def _service(folder: Path, port: int) -> Service:
    file = folder / "rag.yaml"
    file.write_text(
        f"{{name: rag, base_url: 'http://127.0.0.1:{port}', health: "
        f"{{interval_seconds: {INTERVAL_SECONDS}, failure_threshold: {THRESHOLD}, "
        "checks: [{name: api, url: /}]}}"
    )
    return load_file(file)


def _has_incident(service: Service) -> bool:
    now = datetime.now(UTC)
    found = samples.read(service.samples_folder, Window(now - timedelta(hours=1), now))
    rounds = [
        (datetime.fromisoformat(sample["at"]), sampler.readings_of(sample))
        for sample in found.samples
    ]
    memory, _ = follow(Memory(now - timedelta(hours=1)), rounds, service)
    return any(track.incident for track in memory.tracks.values())


async def all_outages() -> list[float]:
    """Ten outages at once, each of its own service."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, str(number), "services") for number in range(OUTAGES)]
        for folder in folders:
            folder.mkdir(parents=True)
        return list(await asyncio.gather(*map(detected_after, folders)))


def main() -> None:
    found = sorted(asyncio.run(all_outages()))
    print(f"interval x threshold: {INTERVAL_SECONDS * THRESHOLD} s")
    print(f"detected after {found[0]:.1f} to {found[-1]:.1f} s, median {found[OUTAGES // 2]:.1f} s")


if __name__ == "__main__":
    main()
