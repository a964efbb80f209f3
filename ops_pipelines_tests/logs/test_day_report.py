"""The report of a day of the log: its figures, its account, and its findings."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops_pipelines.logs import day_report, day_tables, observed
from ops_pipelines.logs.history import refresh
from ops_pipelines.logs.sources import find
from ops_pipelines.report import Report
from ops_pipelines_tests.answering import service_at
from ops_pipelines_tests.golden import golden

DAY = date(2026, 11, 23)
START = datetime(2026, 11, 23, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"


def line(minute: int, failed: bool = False, seconds: float = 0.5) -> str:
    found = {
        "timestamp": (START + timedelta(minutes=minute)).isoformat(),
        "level": "ERROR" if failed else "INFO",
        "message": "request failed" if failed else "request done",
        "endpoint": ("/api/query", "/api/chat")[minute % 2],
        "provider": "local",
        "model": ("qwen3", "bge-m3")[minute % 2],
        "response_time": seconds,
        **({"error_type": "timeout"} if failed else {}),
    }
    return json.dumps(found) + "\n"


def report(folder: Path, text: str, now: datetime = NOON, **settings: Any) -> Report:
    log = folder / "app.log"
    log.write_text(text)
    logs = {"files": [str(log)], **settings.pop("logs", {})}
    service = service_at(folder, "http://127.0.0.1:1", logs=logs, **settings)
    assert service.logs
    how = observed.reading(service, service.logs)
    history = refresh(find([str(log)]), how, folder / "parts")
    return day_report.summarize(history.day(DAY), service, DAY, now, {})


def codes(found: Report) -> list[str]:
    return [finding.code for finding in found.findings]


@pytest.mark.snapshot
def test_a_change_of_what_a_day_comes_to_raises_the_code_version(tmp_path: Path) -> None:
    """The golden file bears the code versions in its name: another output wants another one."""
    text = "".join(line(m, m % 40 == 0, 0.2 + m / 500) for m in range(0, 1440, 3))
    document = report(tmp_path, text + "torn off\n").document()
    said = {name: document[name] for name in ("data_version", "window", "facts", "findings")}
    name = f"day-{day_tables.CODE_VERSION}-{day_report.CODE_VERSION}.json"
    golden(GOLDEN / name, json.dumps(said, indent=1, ensure_ascii=False) + "\n")


def test_every_line_is_in_the_account_of_the_report(tmp_path: Path) -> None:
    found = report(tmp_path, "".join(map(line, range(100))) + "no json\n\n")
    assert found.facts["lines"] == {
        "read": 102, "accepted": 100, "outside_window": 0, "rejected": {"not_json": 1, "blank": 1},
    }  # fmt: skip
    assert found.facts["rejected_ratio"] == pytest.approx(2 / 102)


def test_names_of_files_are_not_part_of_the_version(tmp_path: Path) -> None:
    text = "".join(map(line, range(100))) + "no json\n"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = report(tmp_path / "a", text), report(tmp_path / "b", text)
    assert one.inputs != other.inputs
    assert one.document()["data_version"] == other.document()["data_version"]


def test_a_tenth_of_failed_requests_is_still_no_finding_and_more_is(tmp_path: Path) -> None:
    tenth = "".join(line(m, m % 10 == 0) for m in range(100))
    assert codes(report(tmp_path, tenth)) == []
    more = "".join(line(m, m % 10 == 0 or m == 1) for m in range(100))
    assert codes(report(tmp_path, more)) == ["logs.error_rate_high"]


def test_nineteen_requests_are_too_few_to_judge(tmp_path: Path) -> None:
    assert codes(report(tmp_path, "".join(line(m, True, 60) for m in range(19)))) == []
    twenty = "".join(line(m, True, 60) for m in range(20))
    assert codes(report(tmp_path, twenty)) == ["logs.error_rate_high", "logs.slow"]


def test_the_limit_of_response_times_is_the_objective_of_the_service(tmp_path: Path) -> None:
    text = "".join(line(m, seconds=4.0) for m in range(100))
    assert codes(report(tmp_path, text)) == []
    strict = {"slo": {"latency_seconds": 2}}
    assert codes(report(tmp_path, text, monitoring=strict)) == ["logs.slow"]


def test_more_rejected_lines_than_the_settings_allow_are_a_finding_with_their_reason(
    tmp_path: Path,
) -> None:
    found = report(tmp_path, "".join(map(line, range(90))) + "no json\n" * 10)
    (finding,) = found.findings
    assert finding.code == "logs.too_many_rejected"
    assert finding.message == "10 of 100 lines (10.0%) cannot be read; most often: not JSON"
    lenient = {"max_rejected_ratio": 0.2}
    text = "".join(map(line, range(90))) + "no json\n" * 10
    assert codes(report(tmp_path, text, logs=lenient)) == []


def test_a_day_is_closed_when_its_late_minutes_are_over_be_it_of_23_hours_or_25(
    tmp_path: Path,
) -> None:
    service = service_at(
        tmp_path, "http://127.0.0.1:1", timezone="Europe/Berlin", logs={"files": ["x"]}
    )
    for day, end in (
        (date(2026, 3, 29), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ):
        late = timedelta(minutes=60)
        assert not day_report.is_closed(service, day, end + late - timedelta(seconds=1))
        assert day_report.is_closed(service, day, end + late)
