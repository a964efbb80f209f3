"""The shape in which the operations guide has a health report."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ops_pipelines.health import guide, sampler
from ops_pipelines.health.past import look_back
from ops_pipelines.health.summary import summarize
from ops_pipelines.storage.samples import Samples
from ops_pipelines.window import Window
from ops_pipelines_tests.health.bad_server import BadServer, answered, said
from ops_pipelines_tests.health.rounds import NOW, made, service_from

FILE = """
name: rag-system
base_url: {url}
timezone: Asia/Shanghai
health:
  checks:
    - {{name: api, url: /api, status: status}}
    - {{name: detailed, url: /detailed, components: components}}
    - {{name: embeddings, url: /embeddings}}
"""
ANSWERS = {
    "/api": said({"status": "healthy"}),
    "/detailed": said(
        {
            "components": {
                "api": {"status": "healthy", "response_time": 0.25},
                "llm": {"status": "degraded", "response_time": None, "error": "slow"},
            }
        }
    ),
    "/embeddings": answered(503),
}


def shown(tmp_path: Path) -> dict[str, Any]:
    with BadServer(ANSWERS) as server:
        service = service_from(tmp_path, FILE.format(url=server.url))
        return guide.of_round(made(service), service)


def test_a_round_has_the_guides_keys(tmp_path: Path) -> None:
    form = shown(tmp_path)
    assert list(form) == [
        "schema_version",
        "service",
        "timestamp",
        "overall_status",
        "components",
        "findings",
    ]
    assert form["service"] == "rag-system"
    assert form["timestamp"] == "2025-11-24T20:00:00+08:00"
    assert form["overall_status"] == "unhealthy"
    json.dumps(form, allow_nan=False)


def test_every_component_stands_under_its_name_with_the_guides_keys(tmp_path: Path) -> None:
    components = shown(tmp_path)["components"]
    at = "2025-11-24T20:00:00+08:00"
    for name in ("api", "detailed", "embeddings"):
        assert 0 < components[name].pop("response_time") < 10  # ours: measured
    assert components == {
        "api": {"status": "healthy", "last_check": at, "error": None},
        "detailed": {"status": "healthy", "last_check": at, "error": None},
        "detailed/api": {
            "status": "healthy",
            "response_time": 0.25,
            "last_check": at,
            "error": None,
        },
        "llm": {
            "status": "degraded",
            "response_time": None,
            "last_check": at,
            "error": "says “degraded”: slow",
        },
        "embeddings": {
            "status": "unhealthy",
            "last_check": at,
            "error": "status (503), wanted 200-299",
        },
    }


def test_findings_are_told_in_words(tmp_path: Path) -> None:
    found = shown(tmp_path)["findings"]
    assert [finding["message"] for finding in found] == [
        "embeddings is unhealthy: status (503), wanted 200-299",
        "llm is degraded: says “degraded”: slow",
    ]
    assert set(found[0]) == {"code", "severity", "subject", "message", "facts", "action"}


def test_a_stored_report_has_the_same_shape_and_its_window(tmp_path: Path) -> None:
    with BadServer(ANSWERS) as server:
        service = service_from(tmp_path, FILE.format(url=server.url))
        found = made(service)
    window = Window(NOW - timedelta(hours=1), NOW + timedelta(minutes=1))
    samples = Samples(sampler._samples(found, NOW.isoformat()))
    now = NOW + timedelta(minutes=1)
    report = summarize(look_back(samples, service, window, now), now)
    stored = json.loads(json.dumps(report.document()))
    form = guide.of_document(stored)
    live = guide.of_round(found, service)
    assert form["components"] == live["components"]
    assert form["overall_status"] == live["overall_status"]
    assert form["findings"] == live["findings"]
    assert form["window"] == {
        "start": datetime(2025, 11, 24, 11, tzinfo=UTC).isoformat(),
        "end": datetime(2025, 11, 24, 12, 1, tzinfo=UTC).isoformat(),
    }
    assert form["complete"] is True
