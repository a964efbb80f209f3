"""A month of one-minute probes of ten components: bytes on disk, processor time of its reports.

Goals: a day's report in under 2 s, thirty days in under 5 s. The peer reads the same samples with
pandas, and has counts and quantiles, but no incidents, no coverage, no documents.
"""

import json
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from ops_pipelines.health import reports
from ops_pipelines.health.reading import Reading
from ops_pipelines.health.sampler import sample_of
from ops_pipelines.report import Reason, Status
from ops_pipelines.settings.load import load_file
from ops_pipelines.settings.service import Service
from ops_pipelines.window import local_day

DAYS, COMPONENTS, INTERVAL = 30, 10, timedelta(minutes=1)
END = datetime(2026, 11, 1, tzinfo=UTC)


def service_in(folder: Path) -> Service:
    """A service whose one check reports ten components."""
    file = folder / "rag.yaml"
    check = {"name": "api", "url": "/health", "status": "status", "components": "parts"}
    base = {"name": "rag", "base_url": "http://127.0.0.1:9", "data_dir": str(folder / "data")}
    file.write_text(json.dumps({**base, "health": {"checks": [check]}}))
    return load_file(file)


def write_month(service: Service) -> int:
    """The samples of the month, one probe in a thousand of them bad; how many bytes they are."""
    chance = random.Random(1)
    service.samples_folder.mkdir(parents=True)
    size = 0
    for day in range(DAYS):
        start = END - timedelta(days=DAYS - day)
        slots = (start + minute * INTERVAL for minute in range(1440))
        lines = [json.dumps(sample_of(slot, slot, _readings(chance)), separators=(",", ":"))
                 for slot in slots]  # fmt: skip
        text = "\n".join(lines) + "\n"
        (service.samples_folder / f"{start:%Y-%m-%d}.jsonl").write_text(text)
        size += len(text)
    return size


def _readings(chance: random.Random) -> list[Reading]:
    names = [None, *(f"part-{number}" for number in range(COMPONENTS - 1))]
    return [_reading(name, chance) for name in names]


def _reading(name: str | None, chance: random.Random) -> Reading:
    is_bad = chance.random() < 0.001
    status = Status.UNHEALTHY if is_bad else Status.HEALTHY
    reason = Reason("health.says", {"word": "down"}) if is_bad else None
    return Reading("api", name, status, round(chance.lognormvariate(-3, 0.3), 6), reason)


def ours(service: Service, days: int) -> float:
    """The seconds of the processor that the reports of the last `days` days take."""
    started = time.process_time()
    for back in range(days, 0, -1):
        reports.make(service, local_day(END - timedelta(days=back), service.zone), END)
    return time.process_time() - started


def pandas(service: Service, days: int) -> float:
    """The seconds of the processor for counts and quantiles of the same days."""
    started = time.process_time()
    for file in sorted(service.samples_folder.glob("*.jsonl"))[-days:]:
        with file.open() as lines:
            rows = pd.json_normalize([json.loads(line) for line in lines], "readings", ["at"])
        rows.groupby("component", dropna=False)["seconds"].quantile([0.5, 0.95, 0.99])
        rows.groupby(["component", "status"], dropna=False).size()
    return time.process_time() - started


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        service = service_in(Path(name))
        size = write_month(service)
        print(f"samples of {DAYS} days: {size / 1e6:.1f} MB")
        for _ in range(3):
            for days in (1, DAYS):
                print(f"{days:2} days: ours {ours(service, days):6.2f} s, "
                      f"pandas {pandas(service, days):6.2f} s")  # fmt: skip
        stored = sum(file.stat().st_size for file in Path(name, "data").rglob("*.json"))
        print(f"the reports: {stored / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
