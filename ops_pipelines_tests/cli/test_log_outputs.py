"""`history` and `show` of what is kept of a log: tables and reports."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ops_pipelines.logs import observed, reports
from ops_pipelines.logs.history import refresh
from ops_pipelines.logs.sources import find
from ops_pipelines_tests.answering import service_at
from ops_pipelines_tests.cli.command import ops

DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LINE = (
    '{{"timestamp": "2026-11-23T{hour:02}:30:00Z", "level": "INFO", "message": "request done", '
    '"endpoint": "/api/query", "response_time": 0.5}}\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A service with two versions of one day of its log: one line came late."""
    log = tmp_path / "app.log"
    service = service_at(tmp_path, "http://127.0.0.1:1", logs={"files": [str(log)]})
    assert service.logs
    how = observed.reading(service, service.logs)
    for hour in (1, 2):
        with log.open("a") as file:
            file.write(LINE.format(hour=hour))
        history = refresh(find([str(log)]), how, tmp_path / "parts")
        reports.make(service, DAY, history, NOON + timedelta(hours=hour))
    return tmp_path / "services"


@pytest.mark.parametrize("asset", ["log_rollup", "log_minutes", "log_report"])
def test_history_lists_versions_of_tables_as_of_documents(folder: Path, asset: str) -> None:
    versions = ops("--services", folder, "history", asset, "--json").document["versions"]
    assert [version["partition"] for version in versions] == ["2026-11-23"] * 2
    assert all(Path(version["file"]).is_file() for version in versions)


def test_show_prints_the_rows_of_a_table_of_its_newest_day_or_of_a_version(folder: Path) -> None:
    versions = ops("--services", folder, "history", "log_rollup", "--json").document["versions"]
    newest = ops("--services", folder, "show", "log_rollup", "--json").document
    assert [row["hour"] for row in newest["rows"]] == [
        "2026-11-23T01:00:00+00:00", "2026-11-23T02:00:00+00:00",
    ]  # fmt: skip
    first = ops(
        "--services", folder, "show", "log_rollup", "--version", versions[0]["version"], "--json"
    ).document
    assert [row["lines"] for row in first["rows"]] == [1]


def test_people_see_the_columns_of_a_table_that_say_something(folder: Path) -> None:
    shown = ops("--services", folder, "show", "log_rollup").out
    assert "/api/query" in shown
    assert "cache_hits" not in shown


def test_a_log_report_is_shown_as_an_analysis_in_the_readers_language(folder: Path) -> None:
    assert "Requests: 2" in ops("--services", folder, "show", "log_report").out
    assert "总请求数：2" in ops("--language", "zh", "--services", folder, "show", "log_report").out


def test_a_version_that_is_not_there_is_said_to_be_none(folder: Path) -> None:
    result = ops("--services", folder, "show", "log_rollup", "--version", "20260101T000000Z-0")
    assert result.code == 2
    assert "history log_rollup" in result.err
