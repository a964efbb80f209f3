"""`history` and `show`: what the stored outputs of a service say."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ops_pipelines.health import reports
from ops_pipelines.storage import samples
from ops_pipelines_tests.answering import service_at
from ops_pipelines_tests.cli.command import ops

DAY = date(2026, 11, 23)
START = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A service with two versions of one day's report."""
    service = service_at(tmp_path, "http://127.0.0.1:1")
    for hour, status in ((1, "healthy"), (2, "unhealthy")):
        at = (START + timedelta(hours=hour)).isoformat()
        reading = {"status": status, "reason": {"code": "health.says", "facts": {"word": "DOWN"}}}
        samples.append(
            service.samples_folder, [{"at": at, "slot": at, "check": "api", "readings": [reading]}]
        )
        reports.make(service, DAY, START + timedelta(hours=hour, minutes=1))
    return tmp_path / "services"


def test_history_lists_every_version(folder: Path) -> None:
    versions = ops("--services", folder, "history", "health_report", "--json").document["versions"]
    assert [version["partition"] for version in versions] == ["2026-11-23"] * 2
    assert all(Path(version["file"]).is_file() for version in versions)
    assert versions[0]["version"] in ops("--services", folder, "history", "health_report").out


def test_show_prints_the_current_version_or_the_one_that_is_asked_for(folder: Path) -> None:
    versions = ops("--services", folder, "history", "health_report", "--json").document["versions"]
    current = ops("--services", folder, "show", "health_report", "--json").document
    first = ops(
        "--services", folder, "show", "health_report", "--version", versions[0]["version"], "--json"
    ).document
    assert current["facts"]["overall_status"] == "unhealthy"
    assert current["findings"][0]["message"] == "api is unhealthy: says “DOWN”"
    assert first["facts"]["overall_status"] == "healthy"


def test_a_stored_report_is_shown_in_the_readers_language(folder: Path) -> None:
    document = ops(
        "--language", "zh", "--services", folder, "show", "health_report", "--json"
    ).document
    assert "不健康" in document["findings"][0]["message"]
    assert "不健康" in ops("--language", "zh", "--services", folder, "show", "health_report").out


@pytest.mark.parametrize(
    "arguments",
    [
        ["history", "nothing"],
        ["show", "nothing"],
        ["show", "health_report", "--version", "20260101T000000Z-000000000000"],
        ["show", "health_report", "--partition", "2020-01-01"],
    ],
)
def test_what_is_not_there_ends_with_2(folder: Path, arguments: list[str]) -> None:
    assert ops("--services", folder, *arguments).code == 2
