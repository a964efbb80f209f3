"""A year of days of a log in one backfill, beside one pass over the same bytes and Dagster alone.

Goal: at most 1.3 times one pass plus what Dagster itself costs for so many days. And what an hourly
refresh costs when only its last hour is new.
"""

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")

import dagster as dg
from typing_extensions import override

from ops_pipelines.defs.clock import Clock
from ops_pipelines.defs.days import Made, run_days
from ops_pipelines.defs.logs import log_days
from ops_pipelines.logs.analysis import analyze
from ops_pipelines.logs.observed import reading
from ops_pipelines.logs.sources import find
from ops_pipelines.settings.load import load
from ops_pipelines.settings.service import Service

DAYS = 365
ENDPOINTS = ("/api/query", "/api/chat", "/v1/embeddings", "/health")
MODELS = (("openai", "gpt-4o"), ("local", "qwen3"), ("local", "bge-m3"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        today = datetime.now(UTC).date()
        first = today - timedelta(days=DAYS - 1)
        size = make_year(folder, first, options.mebibytes << 20)
        service = described(folder)
        logs = service.logs
        assert logs
        how = reading(service, logs)
        one_pass = cost(lambda: analyze(find(logs.files), how))
        with dg.instance_for_test() as instance:
            alone = cost(lambda: run(nothing(first), instance, first, today))
        with dg.instance_for_test() as instance:
            assets = log_days(service)
            backfill = cost(lambda: run(assets, instance, first, today))
            again = cost(lambda: run(assets, instance, first, today))
            append_hour(folder)
            refresh = cost(lambda: run(assets, instance, today, today))
    print(f"{DAYS} days, {size / (1 << 20):.0f} MiB in {DAYS} files; seconds (of processors)")
    print(f"one pass {one_pass}, Dagster alone {alone}, backfill {backfill}")
    ratios = [(backfill[n] - alone[n]) / one_pass[n] for n in (0, 1)]
    print(f"(backfill - Dagster) / pass = {ratios[0]:.2f} ({ratios[1]:.2f}); goal: 1.3")
    print(f"the same again, nothing new: {again}; today with an hour new: {refresh}")


class Cost(NamedTuple):
    """Seconds of the clock, and of all processors."""

    wall: float
    cpu: float

    @override
    def __str__(self) -> str:
        return f"{self.wall:.1f} ({self.cpu:.1f})"


def cost(work: Callable[[], object]) -> Cost:
    started, before = time.perf_counter(), sum(os.times()[:4])
    work()
    return Cost(time.perf_counter() - started, sum(os.times()[:4]) - before)


def make_year(folder: Path, first: date, size: int) -> int:
    """A file a day, as logrotate leaves them, without compression; how many bytes they have."""
    (folder / "logs").mkdir()
    chance = random.Random(5)
    pool = [line(chance) for _ in range(5000)]
    count = size // DAYS // 215
    for back in range(DAYS):
        day = first + timedelta(days=back)
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        step = timedelta(days=1) / count
        lines = (
            f'{{"timestamp": "{(start + n * step).isoformat(timespec="milliseconds")}", '
            + chance.choice(pool)
            for n in range(count)
        )
        (folder / "logs" / f"app.log-{day:%Y%m%d}").write_text("".join(lines))
    return sum(file.stat().st_size for file in (folder / "logs").iterdir())


def line(chance: random.Random) -> str:
    provider, model = chance.choice(MODELS)
    failed = chance.random() < 0.01
    found = {
        "level": "ERROR" if failed else "INFO",
        "message": "request failed" if failed else "request completed",
        "provider": provider,
        "model": model,
        "endpoint": chance.choice(ENDPOINTS),
        "response_time": round(chance.lognormvariate(-0.5, 1), 3),
        "status": 503 if failed else 200,
        **({"error_type": "timeout"} if failed else {}),
    }
    return json.dumps(found)[1:] + "\n"


def append_hour(folder: Path) -> None:
    newest = max((folder / "logs").iterdir())
    lines = newest.read_text().splitlines(keepends=True)
    with newest.open("a") as log:
        log.writelines(lines[-len(lines) // 24 :])


def described(folder: Path) -> Service:
    found = {
        "name": "year",
        "base_url": "http://localhost:1",
        "data_dir": str(folder / "data"),
        "state_dir": str(folder / "state"),
        "logs": {"files": [str(folder / "logs" / "app.log*")]},
    }
    file = folder / "year.yaml"
    file.write_text(json.dumps(found))  # which is YAML as well
    return load(file).services[0]


def nothing(first: date) -> dg.AssetsDefinition:
    """Days of two assets and three checks, of which none does anything."""
    keys = [dg.AssetKey(["year", "one"]), dg.AssetKey(["year", "two"])]
    checks = [("a", keys[0]), ("b", keys[1]), ("c", keys[1])]

    def make(day: date) -> list[Made]:
        found = [dg.AssetCheckResult(passed=True, check_name=n, asset_key=k) for n, k in checks]
        return [
            Made(key, f"{day}", {"lines": 1}, tuple(c for c in found if c.asset_key == key))
            for key in keys
        ]

    @dg.multi_asset(
        specs=[dg.AssetSpec(keys[0]), dg.AssetSpec(keys[1], deps=[keys[0]])],
        check_specs=[dg.AssetCheckSpec(name, asset=key) for name, key in checks],
        partitions_def=dg.DailyPartitionsDefinition(first.isoformat(), end_offset=1),
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
    )
    def assets(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        yield from run_days(context, make)

    return assets


def run(assets: dg.AssetsDefinition, instance: dg.DagsterInstance, first: date, last: date) -> None:
    tags = {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }
    result = dg.materialize([assets], instance=instance, tags=tags, resources={"clock": Clock()})
    assert result.success


if __name__ == "__main__":
    main()
