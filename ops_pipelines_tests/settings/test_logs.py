"""The `logs` section: its defaults, presets, and what goes over what."""

from pathlib import Path
from typing import Any

import pytest

from ops_pipelines.settings.line_reading import Condition, LineReading
from ops_pipelines.settings.load import load_file
from ops_pipelines.settings.logs import Logs
from ops_pipelines_tests.settings.files import BASE, ENVIRONMENT, write
from ops_pipelines_tests.settings.test_load import CONTRACT


def logs(folder: Path, inside: str) -> Logs:
    service = load_file(write(folder, f"{BASE}logs: {{files: [a.log], {inside}}}"), {})
    assert service.logs
    return service.logs


def conditions(found: tuple[Condition, ...]) -> list[dict[str, Any]]:
    return [one.model_dump(exclude_unset=True, by_alias=True) for one in found]


def test_the_section_of_the_contract_is_read(tmp_path: Path) -> None:
    found = load_file(write(tmp_path, CONTRACT.read_bytes()), ENVIRONMENT).logs

    assert found
    assert found.files == ("/app/logs/rag-system.log*",)
    assert (found.preset, found.timestamp_timezone) == ("ecs", "Asia/Shanghai")
    assert (found.slow_seconds, found.max_rejected_ratio, found.late_minutes) == (5, 0.05, 60)
    reading = found.reading
    assert reading.fields.places["timestamp"].path == "@timestamp"
    response_time = reading.fields.response_time
    assert response_time
    assert (response_time.path, response_time.unit) == ("duration", "ms")
    assert conditions(reading.request_when)[1] == {"field": "status", "present": True}
    assert conditions(reading.error_when)[1] == {"field": "status", "at_least": 500}
    assert reading.pattern


def test_the_defaults_are_the_rules_of_the_guide(tmp_path: Path) -> None:
    reading = logs(tmp_path, "").reading

    assert conditions(reading.request_when) == [{"field": "message", "contains": "request"}]
    assert conditions(reading.error_when) == [{"field": "level", "at_least": "error"}]
    assert (reading.fields.places, reading.pattern) == ({}, None)


def test_files_start_from_the_service_file_and_globs_stay(tmp_path: Path) -> None:
    found = load_file(write(tmp_path, f"{BASE}logs: {{files: [../log/*.log, /var/log/x]}}"), {})

    assert found.logs
    assert found.logs.files == (f"{tmp_path}/log/*.log", "/var/log/x")


def test_what_the_section_says_goes_over_its_preset_field_by_field(tmp_path: Path) -> None:
    reading = logs(tmp_path, "preset: pino, fields: {response_time: took, model: m}").reading

    places = {name: place.path for name, place in reading.fields.places.items()}
    assert places == {
        "timestamp": "time", "message": "msg", "endpoint": "req.url", "method": "req.method",
        "status": "res.statusCode", "error_type": "err.type", "response_time": "took", "model": "m",
    }  # fmt: skip
    assert reading.fields.response_time
    assert reading.fields.response_time.unit is None  # the preset's was that of its own field
    assert conditions(reading.error_when)[-1] == {"field": "status", "at_least": 500}


def test_rules_of_the_section_replace_those_of_its_preset(tmp_path: Path) -> None:
    rule = "{field: level, at_least: critical}"

    reading = logs(tmp_path, f"preset: pino, error_when: [{rule}]").reading

    assert conditions(reading.error_when) == [{"field": "level", "at_least": "critical"}]
    assert conditions(reading.request_when)[-1] == {"field": "status", "present": True}


@pytest.mark.parametrize("place", ["duration", "{path: duration}"])
def test_a_field_is_a_path_or_has_one(tmp_path: Path, place: str) -> None:
    reading: LineReading = logs(tmp_path, f"fields: {{response_time: {place}}}").reading

    assert reading.fields.places["response_time"].path == "duration"
