"""What Dagster sees of two services and a broken file: any change of it is a reviewed diff."""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from ops_pipelines.definitions import build
from ops_pipelines.settings.load import load
from ops_pipelines_tests.answering import write_service
from ops_pipelines_tests.golden import golden

GRAPH = Path(__file__).parent / "golden" / "graph.json"


def described(definitions: dg.Definitions) -> dict[str, Any]:
    repository = definitions.get_repository_def()
    graph = repository.asset_graph
    return {
        "assets": {
            key.to_user_string(): {
                "deps": sorted(parent.to_user_string() for parent in graph.get(key).parent_keys),
                "group": graph.get(key).group_name,
                "kinds": sorted(graph.get(key).kinds),
                "owners": list(graph.get(key).owners),
                "partitions": _partitions(graph.get(key).partitions_def),
                "checks": sorted(found.name for found in graph.get(key).check_keys),
                "described": bool(graph.get(key).description),
                "executable": graph.get(key).is_executable,
            }
            for key in sorted(graph.get_all_asset_keys())
        },
        "jobs": {
            job.name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
            for job in repository.get_all_jobs()
            if not job.name.startswith("__")
        },
        "schedules": {
            schedule.name: [
                schedule.job_name,
                str(schedule.cron_schedule),
                schedule.execution_timezone,
                schedule.default_status.value,
            ]
            for schedule in sorted(repository.schedule_defs, key=lambda found: found.name)
        },
        "sensors": {
            sensor.name: [sensor.minimum_interval_seconds, sensor.default_status.value]
            for sensor in repository.sensor_defs
        },
    }


def _partitions(found: dg.PartitionsDefinition[str] | None) -> str | None:
    if found is None:
        return None
    assert isinstance(found, dg.DailyPartitionsDefinition)
    return f"daily, {found.timezone}, end_offset={found.end_offset}"


def two_services_and_a_broken_file(folder: Path) -> dg.Definitions:
    logs = {"files": ["/nowhere/app.log*"]}
    write_service(
        folder, "http://localhost:8000", "rag-system", timezone="Asia/Shanghai", logs=logs
    )
    write_service(folder, "http://localhost:9000", "other", language="zh", logs=logs)
    write_service(folder, "nowhere", "broken")
    return build(load(folder / "services"))


@pytest.mark.snapshot
def test_the_graph_is_what_was_reviewed(tmp_path: Path) -> None:
    found = described(two_services_and_a_broken_file(tmp_path))
    golden(GRAPH, json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def test_everything_that_can_start_by_itself_starts_running(tmp_path: Path) -> None:
    found = described(two_services_and_a_broken_file(tmp_path))
    assert {status for *_, status in (found["schedules"] | found["sensors"]).values()} == {
        "RUNNING"
    }


def test_every_asset_is_described_in_its_services_language(tmp_path: Path) -> None:
    graph = two_services_and_a_broken_file(tmp_path).get_repository_def().asset_graph
    for key in graph.get_all_asset_keys():
        description = graph.get(key).description
        assert description
        assert any("一" <= c <= "鿿" for c in description) == (key.path[0] == "other"), key


def test_a_broken_file_shows_its_problems_and_keeps_only_itself_from_loading(
    tmp_path: Path,
) -> None:
    graph = two_services_and_a_broken_file(tmp_path).get_repository_def().asset_graph
    description = graph.get(dg.AssetKey(["broken", "broken_settings"])).description
    assert "**1:11** base_url is nowhere, wanted http://… or https://…" in str(description)
    assert dg.AssetKey(["rag_system", "health_report"]) in graph.get_all_asset_keys()


def test_broken_files_of_the_same_name_are_both_shown(tmp_path: Path) -> None:
    write_service(tmp_path, "http://127.0.0.1:9", "well")
    for name in ("my-rag", "my_rag"):
        write_service(tmp_path, "nowhere", name)
    (tmp_path / "services/my-rag.yml").write_text("name: [")
    found = described(build(load(tmp_path / "services")))["assets"]
    assert {name for name in found if "broken" in name} == {
        "my_rag/broken_settings",
        "my_rag_2/broken_settings",
        "my_rag_3/broken_settings",
    }
    assert "well/health_report" in found


def test_without_any_service_there_is_a_location_to_look_at(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    assert described(build(load(tmp_path / "services")))["assets"] == {}
