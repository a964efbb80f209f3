"""The configuration in Dagster, on a real instance."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.observe import observe

from ops_pipelines.config import validation
from ops_pipelines.config.backup import back_up
from ops_pipelines.definitions import build
from ops_pipelines.defs import config as shell
from ops_pipelines.settings.load import Loaded, load_file
from ops_pipelines.settings.service import Service
from ops_pipelines.storage import documents, versions
from ops_pipelines.storage.places import open_folder
from ops_pipelines.storage.versions import Output
from ops_pipelines_tests.config.mutations import CANARY
from ops_pipelines_tests.defs.test_health import NOON, SetClock

FINE = "llm: {provider: ollama, model: qwen3, api_key: '${KEY}'}\n"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


@pytest.fixture
def service(tmp_path: Path) -> Service:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "production.yaml").write_text(FINE)
    (tmp_path / "app" / ".env").write_text("KEY=k-0123456789\n")
    file = tmp_path / "rag.yaml"
    file.write_text(
        "name: rag\nbase_url: http://127.0.0.1:1\ndata_dir: data\n"
        "config: {files: [app/production.yaml, app/.env]}\n"
    )
    return load_file(file, {})


def configuration(service: Service) -> Path:
    assert service.config
    return Path(service.config.validated_file or "")


def validated(service: Service, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return dg.materialize(
        [shell.config_validation(service)],
        instance=instance,
        resources={"clock": SetClock()},
        raise_on_error=False,
    )


def verdict(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    [found] = result.get_asset_check_evaluations()
    return found


def version(result: dg.ExecuteInProcessResult) -> str:
    [event] = result.get_asset_materialization_events()
    return (event.materialization.tags or {})["dagster/data_version"]


def tick(
    service: Service, instance: dg.DagsterInstance, cursor: str | None
) -> tuple[list[str], str | None]:
    """The jobs that a look of the sensor starts, and where it stands then."""
    sensor = shell.config_sensor([service], {service.key: shell.config_job(service)})
    context = dg.build_sensor_context(instance=instance, cursor=cursor)
    found = sensor(context)
    if isinstance(found, dg.SkipReason):
        return [], cursor
    assert isinstance(found, dg.SensorResult)
    return [str(request.job_name) for request in found.run_requests or ()], found.cursor


def observations(service: Service, instance: dg.DagsterInstance) -> list[dg.AssetObservation]:
    key = dg.AssetKey([service.key, "config_files"])
    records = instance.fetch_observations(key, limit=100).records
    return [record.asset_observation for record in records if record.asset_observation]


def test_the_verdict_is_stored_and_shown(service: Service, instance: dg.DagsterInstance) -> None:
    result = validated(service, instance)

    assert result.success
    assert verdict(result).passed
    document = documents.current(open_folder(service.data_dir), validation.ASSET)
    assert document
    assert document["facts"]["valid"] is True
    assert document["data_version"] == version(result)


def test_the_verdict_stands_beside_what_changed_since_the_last_snapshot(
    service: Service, instance: dg.DagsterInstance
) -> None:
    back_up(service, NOON, {})
    configuration(service).write_text(f"{FINE}api_key: {CANARY}\n")

    [event] = validated(service, instance).get_asset_materialization_events()

    table = event.materialization.metadata["changes since the last snapshot"]
    assert isinstance(table, dg.TableMetadataValue)
    assert [(row.data["path"], row.data["new"]) for row in table.records] == [("api_key", '"***"')]
    assert CANARY not in str(event)


def test_an_invalid_configuration_fails_the_check_and_not_the_run(
    service: Service, instance: dg.DagsterInstance
) -> None:
    configuration(service).write_text(f"port: 70000\napi_key: {CANARY}\n")

    result = validated(service, instance)

    assert result.success
    assert not verdict(result).passed
    assert verdict(result).severity is dg.AssetCheckSeverity.ERROR
    assert not verdict(result).blocking
    document = documents.current(open_folder(service.data_dir), validation.ASSET)
    assert document
    assert [f["code"] for f in document["findings"]] == [
        "config.out_of_range", "config.secret_in_clear", "config.env_unused",
    ][: len(document["findings"])]  # fmt: skip
    assert CANARY not in json.dumps(document)
    problems = verdict(result).metadata["problems"]
    assert isinstance(problems, dg.TableMetadataValue)
    rows = [row.data for row in problems.records]
    assert [row["severity"] for row in rows[:2]] == ["critical", "warning"]  # the worst comes first
    assert rows[0]["place"] == "production.yaml:1:7"
    events = [str(event) for event in result.all_events]
    assert not any(CANARY in event for event in events)


def test_the_same_configuration_gives_the_same_version_later(
    service: Service, instance: dg.DagsterInstance
) -> None:
    first = version(validated(service, instance))
    configuration(service).write_text(f"# a comment\n{FINE}")
    again = version(validated(service, instance))
    configuration(service).write_text(f"{FINE}port: 70000\n")
    other = version(validated(service, instance))

    assert first == again != other
    output = Output(validation.ASSET)
    assert len(versions.versions(open_folder(service.data_dir), output)) == 2


def test_a_configuration_that_is_gone_fails_the_run_and_the_earlier_verdict_stays(
    service: Service, instance: dg.DagsterInstance
) -> None:
    validated(service, instance)
    before = documents.current(open_folder(service.data_dir), validation.ASSET)
    configuration(service).unlink()

    assert not validated(service, instance).success
    assert documents.current(open_folder(service.data_dir), validation.ASSET) == before


def test_the_sensor_starts_the_job_at_each_change_and_only_then(
    service: Service, instance: dg.DagsterInstance
) -> None:
    first, cursor = tick(service, instance, None)
    quiet, cursor = tick(service, instance, cursor)
    configuration(service).write_text(f"{FINE}port: 8000\n")
    changed, cursor = tick(service, instance, cursor)
    configuration(service).write_text(FINE)
    back, cursor = tick(service, instance, cursor)
    configuration(service).unlink()
    gone, cursor = tick(service, instance, cursor)

    assert [first, quiet, changed, back, gone] == [
        ["rag_config_job"], [], ["rag_config_job"], ["rag_config_job"], ["rag_config_job"],
    ]  # fmt: skip
    seen = observations(service, instance)
    assert len(seen) == 4
    data_versions = [(one.tags or {})["dagster/data_version"] for one in seen]
    assert data_versions[1] == data_versions[3] != data_versions[2]


def test_an_observation_says_what_changed_since_the_last_snapshot_without_secrets(
    service: Service, instance: dg.DagsterInstance
) -> None:
    back_up(service, NOON, {})
    configuration(service).write_text(f"# moved\n{FINE}port: 8000\napi_key: {CANARY}\n")

    tick(service, instance, None)

    [seen] = observations(service, instance)
    assert seen.metadata["changes"].value == 2
    table = seen.metadata["changes since the last snapshot"]
    assert isinstance(table, dg.TableMetadataValue)
    assert [(row.data["path"], row.data["new"]) for row in table.records] == [
        ("api_key", '"***"'),
        ("port", "8000"),
    ]
    assert CANARY not in str(seen)


def test_observing_by_hand_says_the_same(service: Service, instance: dg.DagsterInstance) -> None:
    tick(service, instance, None)
    result = observe([shell.config_files(service)], instance=instance)

    assert result.success
    by_sensor, by_hand = ((one.tags or {}) for one in reversed(observations(service, instance)))
    assert by_sensor["dagster/data_version"] == by_hand["dagster/data_version"]


def test_a_service_without_configuration_has_none_of_this(tmp_path: Path) -> None:
    file = tmp_path / "rag.yaml"
    file.write_text("name: rag\nbase_url: http://127.0.0.1:1\n")

    definitions = build(Loaded((load_file(file, {}),), ()))

    assert not [key for key in definitions.resolve_all_asset_keys() if "config" in key.path[-1]]


def test_the_job_and_the_daily_job_hold_what_they_should(service: Service) -> None:
    repository = build(Loaded((service,), ())).get_repository_def()

    for job in ("rag_config_job", "rag_daily_job"):
        keys = {key.path[-1] for key in repository.get_job(job).asset_layer.executable_asset_keys}
        assert "config_validation" in keys
