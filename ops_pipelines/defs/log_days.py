"""Makes days of the log in one run: what is new is read once, then each day is a sum."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic

import dagster as dg

from ops_pipelines.defs import log_shown
from ops_pipelines.defs.clock import Clock
from ops_pipelines.defs.days import Made, run_days
from ops_pipelines.errors import OpsError
from ops_pipelines.logs import day_stamps, observed, reports
from ops_pipelines.logs.day_report import settings_of
from ops_pipelines.logs.history import History, refresh
from ops_pipelines.logs.sources import Found, find
from ops_pipelines.settings.service import Service
from ops_pipelines.window import local_day

LATE_TAG = "ops_pipelines/late_days"
"""A run with this tag also makes the days anew to which lines came since they were made."""
PROGRESS_SECONDS = 5.0
PARTS_FOLDER = "log_parts"


def make_days(
    context: dg.AssetExecutionContext, service: Service, clock: Clock
) -> Iterator[dg.MaterializeResult]:
    """Read what is new, then make each day that the run is asked for."""
    history = _history(context, service, clock.now())
    late = _late_days(context, service, history)
    stamps: dict[date, str] = {}

    def make(day: date) -> list[Made]:
        stored = reports.make(service, day, history, clock.now())
        stamps[day] = history.stamp(day)
        if stored.kept:
            context.log.warning("%s: %s", day, stored.kept)
        return log_shown.made(service, day, stored, history, is_late=day in late)

    try:
        yield from run_days(context, make, late)
    finally:
        day_stamps.note(service, stamps)


def _history(context: dg.AssetExecutionContext, service: Service, now: datetime) -> History:
    logs = settings_of(service)
    found = find(logs.files)
    context.log.info("%s files, %s", len(found.sources), _mebibytes(_size(found)))
    keep_from = local_day(now, service.zone) - timedelta(days=service.keep.samples_days)
    folder = Path(service.state_dir) / PARTS_FOLDER
    try:
        history = refresh(
            found, observed.reading(service, logs), folder,
            _progress(context, _size(found)), keep_from=keep_from,
        )  # fmt: skip
    except OpsError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    context.log.info("read what was new: %s", _mebibytes(history.bytes_read))
    for name, reason in history.failed.items():
        context.log.warning("%s: %s", name, reason)
    return history


def _late_days(context: dg.AssetExecutionContext, service: Service, history: History) -> list[date]:
    if LATE_TAG not in context.run.tags:
        return []
    asked = context.partition_keys
    late = day_stamps.late_days(service, history, date.fromisoformat(asked[0]))
    late = [day for day in late if context.assets_def.partitions_def.has_partition_key(str(day))]
    if late:
        context.log.info("lines came late to: %s", ", ".join(map(str, late)))
    return late


def _progress(context: dg.AssetExecutionContext, size: int) -> Callable[[int], None]:
    """Says every few seconds how far the reading is."""
    read, said = 0, monotonic()

    def progress(more: int) -> None:
        nonlocal read, said
        read += more
        if monotonic() - said >= PROGRESS_SECONDS:
            said = monotonic()
            context.log.info("%s of %s read", _mebibytes(read), _mebibytes(size))

    return progress


def _size(found: Found) -> int:
    return sum(source.size or 0 for source in found.sources)


def _mebibytes(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"
