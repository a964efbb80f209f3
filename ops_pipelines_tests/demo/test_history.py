from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ops_pipelines.demo import history, troubles
from ops_pipelines.demo.configuration import Monitoring
from ops_pipelines.health import sampler
from ops_pipelines.health.network import run
from ops_pipelines.health.past import evidence_window, look_back
from ops_pipelines.health.summary import summarize
from ops_pipelines.report import Report, Status
from ops_pipelines.storage import samples
from ops_pipelines.window import Window, day_window, local_day
from ops_pipelines_tests.demo.served import Served

LIMITS = Monitoring(degraded_after=1, unhealthy_after=5)
NOW = datetime(2026, 3, 30, 17, 45, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Madrid")  # its clocks changed on the 29th


def written(folder: Path, **options: Any) -> dict[str, bytes]:
    history.write(folder, NOW, ZONE, LIMITS, days=2, **options)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_end_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    one = written(tmp_path / "one")
    assert written(tmp_path / "two") == one
    assert written(tmp_path / "three", seed=1) != one


def test_it_begins_at_midnight_and_ends_now(tmp_path: Path) -> None:
    history.write(tmp_path / "samples", NOW, ZONE, LIMITS, days=2)
    window = Window(NOW - timedelta(days=5), NOW)
    found = samples.read(tmp_path / "samples", window)

    assert found.samples[0]["slot"] == "2026-03-27T23:00:00+00:00"
    assert found.samples[-1]["slot"] == "2026-03-30T17:44:00+00:00"
    assert all(sample["at"] < NOW.isoformat() for sample in found.samples)
    minutes = (NOW - datetime(2026, 3, 27, 23, tzinfo=UTC)) // timedelta(minutes=1)
    assert len(found.samples) == minutes * 5
    assert (found.torn, found.doubled) == (0, 0)
    assert {path.name for path in tmp_path.iterdir()} == {"samples"}


def test_what_a_killed_start_left_is_no_history(tmp_path: Path) -> None:
    aside = tmp_path / ".samples.aside"
    aside.mkdir()
    (aside / "1999-01-01.jsonl").touch()

    assert set(written(tmp_path / "samples")) == {
        f"2026-03-{day}.jsonl" for day in (27, 28, 29, 30)
    }


def test_it_has_the_format_of_the_sampler(served: Served) -> None:
    """A real round is kept beside the history, and differs in nothing but its values."""
    folder = served.service.samples_folder
    kept = {sample["check"]: shape(sample) for sample in samples.newest(folder)}
    aside = served.service.model_copy(update={"state_dir": f"{served.service.state_dir}-live"})
    run(sampler.sample(aside, datetime.now(UTC)))
    live = samples.newest(aside.samples_folder)

    assert {sample["check"]: shape(sample) for sample in live} == kept
    assert set(kept) == {check.name for check in served.service.health.checks}
    assert not sampler.is_due(aside, datetime.fromisoformat(live[0]["slot"]))


def shape(value: Any) -> Any:
    """What is left of a JSON value without its numbers and times."""
    match value:
        case dict():
            return {key: shape(item) for key, item in value.items()}
        case list():
            return [shape(item) for item in value]
        case str() if value[:2] == "20":
            return len(value)
        case float():
            return "number"
    return value


@pytest.fixture(scope="module")
def report_of(served: Served) -> dict[str, Report]:
    """Reports on remarkable days of the seeded past."""
    service, now = served.service, served.started
    days = {
        "incident": local_day(troubles.incident(now, service.zone).start, service.zone),
        "gap": local_day(troubles.gap(now, service.zone).start, service.zone),
        "outage": local_day(troubles.embeddings_outage(now, service.zone).start, service.zone),
        "first": local_day(now, service.zone) - timedelta(days=history.DAYS),
    }
    reports = {}
    for name, day in days.items():
        window = day_window(day, service.zone)
        evidence = evidence_window(window, service, None)
        found = samples.read(service.samples_folder, evidence)
        reports[name] = summarize(look_back(found, service, window, now), now)
    return reports


def test_the_day_of_the_incident(report_of: dict[str, Report]) -> None:
    facts = report_of["incident"].facts

    for name in ("llm", "detailed/llm"):
        seconds = facts["components"][name]["seconds"]
        assert seconds["unhealthy"] == pytest.approx(31 * 60, abs=90)
        assert 47 * 60 < seconds["unhealthy"] + seconds["degraded"] < 57 * 60
        assert 0.97 < facts["components"][name]["availability_ratio"] < 0.985
        assert facts["components"][name]["latency_seconds"]["p99"] > 5
    assert facts["components"]["embeddings"]["availability_ratio"] == 1
    assert facts["overall_status"] == "healthy", "it was over by the end of the day"


def test_the_day_of_the_embeddings_outage(report_of: dict[str, Report]) -> None:
    components = report_of["outage"].facts["components"]

    for name in ("embeddings", "detailed/embeddings"):
        assert components[name]["seconds"]["unhealthy"] == pytest.approx(45 * 60, abs=90)
    assert components["llm"]["availability_ratio"] == 1


def test_the_day_of_the_gap(report_of: dict[str, Report]) -> None:
    for component in report_of["gap"].facts["components"].values():
        assert component["seconds"]["unknown"] == pytest.approx(130 * 60, abs=120)
        assert component["coverage_ratio"] == pytest.approx(1 - 130 / 1440, abs=0.002)
        assert component["availability_ratio"] == 1


def test_an_ordinary_day(report_of: dict[str, Report]) -> None:
    report = report_of["first"]

    assert report.complete
    assert report.findings == ()
    assert report.inputs["torn"] == report.inputs["doubled"] == 0
    assert report.inputs["of_other_checks"] == 0
    assert len(report.facts["components"]) == 8
    for component in report.facts["components"].values():
        assert component["probes"] == 1440
        assert component["coverage_ratio"] > 0.999
        assert component["availability_ratio"] == 1
        latency = component["latency_seconds"]
        assert 0 < latency["p50"] < latency["p95"] < latency["p99"]


def test_days_have_a_rhythm(served: Served) -> None:
    service = served.service
    today = day_window(local_day(served.started, service.zone), service.zone)
    window = Window(today.start - timedelta(days=5), today.start)
    seconds: dict[int, list[float]] = {}
    for sample in samples.read(service.samples_folder, window).samples:
        if sample["check"] == "embeddings":
            hour = datetime.fromisoformat(sample["at"]).astimezone(service.zone).hour
            seconds.setdefault(hour, []).append(sample["readings"][0]["seconds"])

    means = {hour: sum(values) / len(values) for hour, values in seconds.items()}
    assert len(means) == 24
    assert means[14] > 1.15 * means[3]
    assert max(means, key=lambda hour: means[hour]) in range(11, 18)


def test_there_is_one_incident(served: Served, tmp_path: Path) -> None:
    """A minute in which the model falters is none: three rounds would be."""
    service = served.service
    history.write(tmp_path / "samples", NOW, ZONE, LIMITS, days=7)
    window = Window(NOW - timedelta(days=7), NOW)
    found = samples.read(tmp_path / "samples", window)
    lengths = [
        stretch.window.seconds
        for stretch in look_back(found, service, window, NOW).stretches
        if stretch.status in (Status.DEGRADED, Status.UNHEALTHY)
    ]

    long, short = [x for x in lengths if x > 150], [x for x in lengths if x <= 150]
    assert sum(long) == pytest.approx(52 * 60, abs=60)
    assert len(long) == 3, "degraded, unhealthy, degraded"
    assert len(short) in range(1, 8)
