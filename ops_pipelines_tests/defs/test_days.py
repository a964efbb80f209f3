"""The contract with Dagster that `defs.days` depends on, private names of Dagster's included."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import pytest

from ops_pipelines.defs.days import Made, run_days
from ops_pipelines.errors import InputError

KEY = dg.AssetKey(["rag", "report"])
DAYS = dg.DailyPartitionsDefinition("2026-11-01", end_offset=1)


@dg.asset(key=["rag", "source"])
def source() -> dg.MaterializeResult:
    return dg.MaterializeResult(data_version=dg.DataVersion("appended"))


def report_of(bad_day: int | None = None) -> dg.AssetsDefinition:
    def make(day: date) -> list[Made]:
        if day.day == bad_day:
            raise InputError("file.missing", file=f"{day}.log")
        check = dg.AssetCheckResult(passed=day.day != 2, check_name="is_well", asset_key=KEY)
        return [Made(KEY, f"version-{day}", {"day": day.isoformat()}, (check,))]

    @dg.asset(
        key=KEY,
        deps=[source],
        partitions_def=DAYS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        code_version="1",
    )
    def report(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        yield from run_days(context, make)

    return report


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def run(
    instance: dg.DagsterInstance, last: str, bad_day: int | None = None
) -> dg.ExecuteInProcessResult:
    tags = {
        "dagster/asset_partition_range_start": "2026-11-01",
        "dagster/asset_partition_range_end": last,
    }
    assets = [source, report_of(bad_day)]
    return dg.materialize(
        assets, selection=[KEY], instance=instance, tags=tags, raise_on_error=False
    )


def events(instance: dg.DagsterInstance) -> list[dg.EventLogRecord]:
    return list(instance.fetch_materializations(KEY, limit=100).records)


def test_each_day_has_exactly_one_event_with_its_metadata_and_version(
    instance: dg.DagsterInstance,
) -> None:
    assert run(instance, "2026-11-03").success
    found = {}
    for record in events(instance):
        event = record.asset_materialization
        assert event is not None
        assert record.partition_key not in found
        found[record.partition_key] = (
            event.metadata["day"].value,
            (event.tags or {})["dagster/data_version"],
            (event.tags or {})["dagster/code_version"],
        )
    assert found == {
        f"2026-11-0{day}": (f"2026-11-0{day}", f"version-2026-11-0{day}", "1") for day in (1, 2, 3)
    }


def test_a_bad_day_fails_alone_and_with_its_reason(instance: dg.DagsterInstance) -> None:
    result = run(instance, "2026-11-03", bad_day=2)
    assert not result.success
    assert [record.partition_key for record in events(instance)] == ["2026-11-03", "2026-11-01"]
    failure = result.get_step_failure_events()[0].step_failure_data
    assert failure.user_failure_data is not None
    assert failure.user_failure_data.metadata["2026-11-02"].value == (
        "2026-11-02.log: there is no such file or folder"
    )


def test_a_days_check_is_evaluated_against_that_days_event(instance: dg.DagsterInstance) -> None:
    evaluations = run(instance, "2026-11-02").get_asset_check_evaluations()
    found = {e.partition: (e.passed, e.target_materialization_data) for e in evaluations}
    for record in events(instance):
        passed, target = found[str(record.partition_key)]
        assert passed == (record.partition_key == "2026-11-01")
        assert target
        assert target.storage_id == record.storage_id


def test_what_did_not_change_is_not_stale(instance: dg.DagsterInstance) -> None:
    dg.materialize([source], instance=instance)
    run(instance, "2026-11-01")
    tags = (events(instance)[0].asset_materialization or dg.AssetMaterialization(KEY)).tags or {}
    assert tags["dagster/input_data_version/rag/source"] == "appended"
    assert tags["dagster/input_event_pointer/rag/source"].isdigit()


# Several assets in one step

CHAIN = [dg.AssetKey(["rag", f"link_{number}"]) for number in range(6)]


def chain() -> dg.AssetsDefinition:
    """Assets of which each depends on the one before it."""

    @dg.multi_asset(
        specs=[
            dg.AssetSpec(key, deps=CHAIN[max(0, number - 1) : number], code_version="1")
            for number, key in enumerate(CHAIN)
        ],
        partitions_def=DAYS,
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
    )
    def links(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        yield from run_days(
            context, lambda day: [Made(key, f"{key.path[-1]} {day}", {}) for key in CHAIN]
        )

    return links


def run_chain(
    instance: dg.DagsterInstance,
    selection: list[dg.AssetKey] | None = None,
    last: str = "2026-11-02",
) -> dg.ExecuteInProcessResult:
    tags = {
        "dagster/asset_partition_range_start": "2026-11-01",
        "dagster/asset_partition_range_end": last,
    }
    return dg.materialize([chain()], selection=selection, instance=instance, tags=tags)


def test_a_chain_in_one_step_ends_well_whatever_the_order_of_sets(
    instance: dg.DagsterInstance,
) -> None:
    assert run_chain(instance).success
    for key in CHAIN:
        assert len(instance.fetch_materializations(key, limit=9).records) == 2


def test_a_day_of_a_chain_was_made_from_the_same_day_of_the_one_before_it(
    instance: dg.DagsterInstance,
) -> None:
    run_chain(instance)
    run_chain(instance, [CHAIN[1]], "2026-11-01")  # the newest of the one before is another day
    for record in instance.fetch_materializations(CHAIN[1], limit=9).records:
        tags = (record.asset_materialization or dg.AssetMaterialization(CHAIN[1])).tags or {}
        version = tags["dagster/input_data_version/rag/link_0"]
        assert version == f"link_0 {record.partition_key}"


def test_of_a_chain_only_what_is_selected_gets_events(instance: dg.DagsterInstance) -> None:
    run_chain(instance, [CHAIN[2]])
    assert [len(instance.fetch_materializations(key, limit=9).records) for key in CHAIN] == [
        0, 0, 2, 0, 0, 0,
    ]  # fmt: skip
