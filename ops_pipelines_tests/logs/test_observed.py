"""What a look at the files of a log tells."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from ops_pipelines.logs.observed import MOST_DAYS, Seen, first_day, look
from ops_pipelines_tests.answering import service_at

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def line(at: str, **more: Any) -> bytes:
    return json.dumps({"timestamp": at, "message": "request", **more}).encode() + b"\n"


def seen(folder: Path, **settings: Any) -> Seen:
    files = {"files": [str(folder / "app.log*")]}
    service = service_at(folder, "http://127.0.0.1:1", logs=files, **settings)
    assert service.logs
    return look(service, service.logs)


def first(folder: Path, **settings: Any) -> date | None:
    files = {"files": [str(folder / "app.log*")]}
    service = service_at(folder, "http://127.0.0.1:1", logs=files, **settings)
    assert service.logs
    return first_day(service, service.logs, NOW)


def test_the_first_day_is_that_of_the_oldest_file_compressed_or_not(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(line("2026-11-24T01:00:00Z"))
    (tmp_path / "app.log.1.gz").write_bytes(gzip.compress(line("2026-11-20T01:00:00Z")))
    assert first(tmp_path) == date(2026, 11, 20)


def test_the_first_day_is_meant_in_the_services_timezone(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(line("2026-11-20T17:00:00Z"))
    assert first(tmp_path, timezone="Asia/Shanghai") == date(2026, 11, 21)


def test_lines_that_say_nothing_are_passed_over_in_search_of_the_first_time(
    tmp_path: Path,
) -> None:
    (tmp_path / "app.log").write_bytes(b"starting up\n{}\n" + line("2026-11-20T01:00:00Z"))
    assert first(tmp_path) == date(2026, 11, 20)


def test_a_clock_that_stood_wrong_does_not_make_a_log_of_decades(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_bytes(line("1970-01-01T00:00:01Z"))
    (tmp_path / "app.log.1").write_bytes(line("2026-11-20T01:00:00Z"))
    assert first(tmp_path) == date(2026, 11, 20)
    oldest = (NOW - timedelta(days=MOST_DAYS - 1)).isoformat()
    (tmp_path / "app.log.2").write_bytes(line(oldest))
    assert first(tmp_path) == (NOW - timedelta(days=MOST_DAYS - 1)).date()


def test_without_a_file_or_a_time_there_is_no_first_day(tmp_path: Path) -> None:
    assert first(tmp_path) is None
    (tmp_path / "app.log").write_bytes(b"GET /\n")
    assert first(tmp_path) is None


def test_the_version_stays_when_a_file_is_renamed_or_compressed_and_changes_when_it_grows(
    tmp_path: Path,
) -> None:
    content = line("2026-11-20T01:00:00Z") * 500
    log = tmp_path / "app.log"
    log.write_bytes(content)
    before = seen(tmp_path).data_version
    log.rename(tmp_path / "app.log.1")
    assert seen(tmp_path).data_version == before
    (tmp_path / "app.log.1").unlink()
    (tmp_path / "app.log.2.gz").write_bytes(gzip.compress(content))
    assert seen(tmp_path).data_version == before
    (tmp_path / "app.log.2.gz").write_bytes(gzip.compress(content * 2))
    assert seen(tmp_path).data_version != before


def test_how_fast_a_file_grew_is_its_bytes_by_the_hours_from_its_first_line(
    tmp_path: Path,
) -> None:
    at = datetime.now(UTC) - timedelta(hours=2)
    (tmp_path / "app.log").write_bytes(line(at.isoformat()) * 100)
    (file,) = seen(tmp_path).files
    assert file.bytes_per_hour
    size = (tmp_path / "app.log").stat().st_size
    assert abs(file.bytes_per_hour - size / 2) < size / 100


def test_what_cannot_be_read_is_told_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "app.log.xz").write_bytes(b"\xfd7zXZ\x00")
    found = seen(tmp_path)
    assert list(found.failed) == [str(tmp_path / "app.log.xz")]
    assert found.files == ()
