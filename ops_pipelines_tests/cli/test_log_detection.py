"""`logs detect` and `logs presets`, as a user runs them."""

import json
import re
from pathlib import Path

import pytest
import yaml

from ops_pipelines.settings import presets
from ops_pipelines_tests.cli.command import ops
from ops_pipelines_tests.cli.logs import record, service, write
from ops_pipelines_tests.logs.test_presets import CAPTURED

ODD = {
    "ts": "2026-11-24T10:00:00Z", "severity": "info", "text": "done", "latency_ms": 12,
    "http": {"status_code": 200, "route": "/a"}, "llm.provider": "openai", "usage": {"n": 1},
}  # fmt: skip


def test_a_preset_is_proposed_with_the_evidence() -> None:
    found = ops("logs", "detect", CAPTURED / "pino.log", "--json")

    assert found.code == 0
    document = found.document
    assert (document["format"], document["preset"]) == ("json", "pino")
    assert document["fields"]["response_time"] == {"path": "responseTime", "unit": "ms"}
    [level] = [one for one in document["evidence"] if one["field"] == "level"]
    assert level == {
        "field": "level", "path": "level", "unit": None, "seen": 4, "of": 4, "example": 30,
    }  # fmt: skip


def test_without_a_preset_a_mapping_is_proposed_that_reads_the_log(tmp_path: Path) -> None:
    failed = {**ODD, "http": {"status_code": 500, "route": "/b"}}
    log = write(tmp_path / "app.log", ODD, ODD, failed)

    document = ops("logs", "detect", log, "--json").document

    assert document["preset"] is None
    assert document["fields"] == {
        "timestamp": "ts", "level": "severity", "message": "text", "endpoint": "http.route",
        "provider": "llm.provider", "status": "http.status_code",
        "response_time": {"path": "latency_ms", "unit": "ms"},
    }  # fmt: skip
    path = service(tmp_path, json.dumps({"files": ["app.log"], **document["settings"]}))
    analysis = ops("--services", path, "logs", "analyze", "--all", "--json").document
    assert (analysis["total_requests"], analysis["error_count"]) == (3, 1)
    assert (analysis["max_response_time"], analysis["providers"]) == (0.012, {"openai": 3})


def test_what_it_prints_can_be_put_into_the_service_file(tmp_path: Path) -> None:
    log = write(tmp_path / "app.log", ODD)

    printed = ops("logs", "detect", log).out.partition("In the service file:\n")[2]

    settings = yaml.safe_load(printed)["logs"]
    assert settings == ops("logs", "detect", log, "--json").document["settings"]


def test_of_a_log_that_needs_nothing_it_says_so(tmp_path: Path) -> None:
    found = ops("logs", "detect", write(tmp_path / "app.log", record(0)))

    assert found.code == 0
    assert "the defaults read it" in found.out


@pytest.mark.parametrize("name", ["python-logging", "nginx-combined"])
def test_text_is_recognised(name: str) -> None:
    document = ops("logs", "detect", CAPTURED / f"{name}.log", "--json").document

    assert (document["format"], document["preset"]) == ("text", name)
    assert {one["field"] for one in document["evidence"]} >= {"timestamp"}


def test_an_envelope_is_named(tmp_path: Path) -> None:
    inner = json.dumps(record(0))
    at = "2026-11-24T10:00:00Z"
    docker = {"log": f"{inner}\n", "stream": "stdout", "time": at}
    log = write(tmp_path / "docker.log", docker, docker)
    cri = write(tmp_path / "cri.log", f"{at} stdout F {inner}")

    assert ops("logs", "detect", log, "--json").document["format"] == "docker"
    assert ops("logs", "detect", cri, "--json").document["format"] == "cri"


def test_text_that_nobody_knows_ends_with_1_and_says_what_to_write(tmp_path: Path) -> None:
    found = ops("logs", "detect", write(tmp_path / "app.log", "hello", "world"))

    assert found.code == 1
    assert "pattern:" in found.out


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    found = ops("logs", "detect", tmp_path / "nowhere.log")

    assert (found.code, found.out) == (2, "")
    assert "No such file" in found.err


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00" * 100, b"{" * 100_000])
def test_rubbish_is_no_format_and_no_crash(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "app.log"
    path.write_bytes(content)

    found = ops("logs", "detect", path, "--json")

    assert found.code == 1
    assert (found.document["preset"], found.document["fields"]) == (None, {})


def test_presets_are_listed_in_both_languages_with_what_they_need() -> None:
    english, chinese = (ops("--language", code, "logs", "presets").out for code in ("en", "zh"))

    for name in presets.names():
        assert f"{name}: " in english
        assert f"{name}: " in chinese
    assert "log_format ops escape=json" in english
    assert re.search("[一-鿿]", chinese)


def test_presets_as_json_have_their_mappings() -> None:
    found = {
        preset["name"]: preset for preset in ops("logs", "presets", "--json").document["presets"]
    }

    assert found.keys() == set(presets.names())
    assert found["ecs"]["fields"]["response_time"] == {"path": "event.duration", "unit": "ns"}
    assert found["nginx"]["setup"].startswith("log_format")
