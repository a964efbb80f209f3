"""Makes a round as a user's service does: a service file is written, loaded and probed."""

import itertools
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ops_pipelines.health import network
from ops_pipelines.health.probe import Round, run_round
from ops_pipelines.health.reading import Reading
from ops_pipelines.settings.load import load_file
from ops_pipelines.settings.service import Service

NOW = datetime(2025, 11, 24, 12, 0, tzinfo=UTC)
Words = dict[str | None, str]
_numbers = itertools.count(1)


def service_from(folder: Path, text: str) -> Service:
    """The service that the service file `text` describes; it is written below `folder`."""
    services = folder / "services"
    services.mkdir(exist_ok=True)
    file = services / f"service-{next(_numbers)}.yaml"
    file.write_text(text, encoding="utf-8")
    return load_file(file)


def service_with(
    folder: Path, base_url: str, checks: Iterable[str], more: str = "timeout_seconds: 10"
) -> Service:
    """A service with `checks`, each the inside of a flow mapping: `name: api, url: /health`."""
    lines = "".join(f"    - {{{check}}}\n" for check in checks)
    return service_from(
        folder, f"name: rag\nbase_url: {base_url}\nhealth:\n  {more}\n  checks:\n{lines}"
    )


def made(service: Service, now: datetime = NOW, *, by_hand: bool = False) -> Round:
    """One round."""
    return network.run(run_round(service, now, by_hand=by_hand))


def words(reading: Reading) -> str:
    """What a reading says, in one line: `unhealthy: status (503), wanted 200`."""
    return f"{reading.status}: {reading.reason}" if reading.reason else str(reading.status)


def words_of(readings: Iterable[Reading], check: str) -> Words:
    """What `check` says of itself (None) and of each component."""
    own = [reading for reading in readings if reading.check == check]
    said: Words = {reading.component: words(reading) for reading in own}
    assert len(said) == len(own), "two readings of one round have the same key"
    return said


def round_of(folder: Path, base_url: str, check: str) -> Words:
    """What one check, given like those of `service_with` but without a name, says."""
    service = service_with(folder, base_url, [f"name: it, {check}"])
    return words_of(made(service).readings, "it")
