"""Many days in one run: one event a day, written as soon as the day is done.

Dagster's public ways write a range's events when the step ends, with one data version for all, or
add an empty event after ours. So each day's events are logged here as they come, and the outputs
at the end carry the mark by which Dagster itself keeps observations from becoming a second
materialization. That mark and the target of a day's asset check are the only private names of
Dagster's that this package uses; a contract test holds "exactly one event a day, with its metadata
and version".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)
from dagster._core.definitions.source_asset import SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION

from ops_pipelines.errors import OpsError


@dataclass(frozen=True, slots=True)
class Made:
    """What one day of one asset came to."""

    key: dg.AssetKey
    data_version: str
    metadata: Mapping[str, Any]
    checks: tuple[dg.AssetCheckResult, ...] = field(default=())


def run_days(
    context: dg.AssetExecutionContext,
    make_day: Callable[[date], list[Made]],
    others: Iterable[date] = (),
) -> Iterator[dg.MaterializeResult]:
    """Make every day that the run is asked for, and the `others`, each for itself.

    A day that fails is remembered and the next one is made; at the end the run fails with the
    reasons, and exactly the bad days show as failed.
    """
    failed: dict[str, str] = {}
    days = sorted({*context.partition_keys, *map(str, others)})
    for day in days:
        try:
            made = make_day(date.fromisoformat(day))
        except OpsError as error:
            failed[day] = str(error)
            context.log.error("%s: %s", day, error)
            continue
        for output in made:
            if output.key in context.selected_asset_keys:
                _log(context, output, day)
        context.log.info("%s: done", day)
    if failed:
        raise dg.Failure(
            f"{len(failed)} of {len(days)} days failed",
            metadata=failed,
            allow_retries=False,
        )
    selected = context.selected_asset_keys  # a set: Dagster wants what depends on another after it
    for key in (spec.key for spec in context.assets_def.specs if spec.key in selected):
        yield dg.MaterializeResult(
            asset_key=key, metadata={SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION: True}
        )


def _log(context: dg.AssetExecutionContext, made: Made, day: str) -> None:
    context.log_event(
        dg.AssetMaterialization(
            made.key, metadata=made.metadata, partition=day, tags=_provenance(context, made, day)
        )
    )
    records = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(made.key, asset_partitions=[day]), limit=1
    ).records
    target = AssetCheckEvaluationTargetMaterializationData(
        storage_id=records[0].storage_id,
        run_id=records[0].run_id,
        timestamp=records[0].timestamp,
    )
    for check in made.checks:
        context.log_event(
            dg.AssetCheckEvaluation(
                asset_key=made.key,
                check_name=check.check_name or "",
                passed=check.passed,
                metadata=check.metadata,
                description=check.description,
                severity=check.severity,
                partition=day,
                target_materialization_data=target,
            )
        )


def _provenance(context: dg.AssetExecutionContext, made: Made, day: str) -> dict[str, str]:
    """The tags by which Dagster tells whether a day is stale."""
    graph = context.job_def.asset_layer.asset_graph
    spec = context.assets_def.get_asset_spec(made.key)
    tags = {
        "dagster/data_version": made.data_version,
        "dagster/data_version_is_user_provided": "true",
        "dagster/code_version": spec.code_version or "",
    }
    for dep in spec.deps:
        is_daily = graph.has(dep.asset_key) and graph.get(dep.asset_key).is_partitioned
        newest = context.instance.get_latest_data_version_record(
            dep.asset_key, partition_key=day if is_daily else None
        )
        version = dg.DataVersion("INITIAL")
        if newest and newest.asset_event:
            version = dg.DataVersion(
                (newest.asset_event.tags or {}).get("dagster/data_version", "INITIAL")
            )
        path = dep.asset_key.to_user_string()
        tags[f"dagster/input_event_pointer/{path}"] = str(newest.storage_id) if newest else "NULL"
        tags[f"dagster/input_data_version/{path}"] = version.value
    return tags
