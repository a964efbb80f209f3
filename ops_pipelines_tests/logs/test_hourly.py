"""A day by the hour is the day's log counted by a plain loop."""

import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ops_pipelines import quantiles
from ops_pipelines.logs import planning
from ops_pipelines.logs.analysis import analyze
from ops_pipelines.logs.hourly import BOUNDS_SECONDS, Hour, hours
from ops_pipelines.logs.ledger import Reading
from ops_pipelines.logs.rollup import Rollup
from ops_pipelines.logs.sources import find
from ops_pipelines.settings.line_reading import LineReading

START = datetime(2026, 11, 23, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def written(path: Path, count: int = 3000) -> list[dict[str, object]]:
    chance = random.Random(3)
    found: list[dict[str, object]] = []
    for _ in range(count):
        at = START + timedelta(hours=chance.choice((0, 1, 5, 23)), minutes=chance.randrange(60))
        error = chance.choice((None, None, None, "timeout", "disk_full", ""))
        found.append(
            {
                "timestamp": at.isoformat(),
                "level": "INFO" if error is None else "ERROR",
                "message": chance.choice(("request done", "cache refreshed")),
                "error_type": error or None,
                "endpoint": chance.choice(("/a", "/b")),
                "response_time": round(chance.lognormvariate(0, 2), 3),
            }
        )
    path.write_text("".join(json.dumps(record) + "\n" for record in found))
    return found


def read(path: Path) -> list[Hour]:
    how = Reading(planning.make(LineReading(), UTC_ZONE), UTC_ZONE)
    return hours(analyze(find([str(path)]), how).rollup)


def test_each_hour_has_the_counts_of_a_plain_loop(tmp_path: Path) -> None:
    records = written(tmp_path / "app.log")
    for hour in read(tmp_path / "app.log"):
        of_hour = [r for r in records if str(r["timestamp"])[:13] == hour.start.isoformat()[:13]]
        requests = [r for r in of_hour if "request" in str(r["message"])]
        errors = [r for r in of_hour if r["level"] == "ERROR"]
        assert hour.counts == {
            "lines": len(of_hour),
            "requests": len(requests),
            "errors": len(errors),
            "failed": sum(r["level"] == "ERROR" for r in requests),
        }
        types = Counter(str(r["error_type"] or "unknown") for r in errors)
        assert hour.error_types == dict(types)
        assert sum(hour.histogram.values()) == len(requests)


def test_only_hours_with_lines_are_there_in_their_order(tmp_path: Path) -> None:
    written(tmp_path / "app.log")
    assert [hour.start.hour for hour in read(tmp_path / "app.log")] == [0, 1, 5, 23]
    assert hours(Rollup()) == []


def test_the_rows_of_a_heat_map_hold_each_response_time_once() -> None:
    seconds = [0.05, 0.09, 0.2, 0.9, 4.0, 31.0, 500.0]
    histogram = dict(Counter(map(quantiles.bucket, seconds)))
    hour = Hour(START, {}, {}, histogram)
    assert hour.bands == [2, 1, 0, 1, 0, 1, 0, 0, 2]
    assert len(hour.bands) == len(BOUNDS_SECONDS) + 1


def test_an_hour_as_a_row_names_its_start_in_the_zone_and_its_quantiles() -> None:
    hour = Hour(START, {"lines": 1}, {}, {quantiles.bucket(2.0): 1})
    row = hour.row(ZoneInfo("Asia/Shanghai"))
    assert row["start"] == "2026-11-23T08:00:00+08:00"
    assert abs(row["p95"] - 2.0) <= 0.02
    assert Hour(START, {}, {}, {}).row(UTC_ZONE)["p50"] is None
