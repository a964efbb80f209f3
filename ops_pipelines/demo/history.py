"""A past for the demo: thirty days of probes, as the sampler would have kept them.

Nights are quiet and working days busy; the model falters for a minute now and then, and there were
real troubles. The same end and seed give the same bytes.
"""

import json
import random
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ops_pipelines.demo import embedding, model, troubles
from ops_pipelines.demo.configuration import Monitoring
from ops_pipelines.demo.health import Condition, judge
from ops_pipelines.demo.rhythm import load
from ops_pipelines.health.reading import Reading
from ops_pipelines.health.sampler import sample_of
from ops_pipelines.report import Reason, Status
from ops_pipelines.window import Window, day_window, local_day

DAYS = 30
INTERVAL = timedelta(minutes=1)
SEED = 20

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_FALTERS = 1 / 7000  # of all rounds: the model takes long, for this one only


def write(
    folder: Path,
    now: datetime,
    zone: ZoneInfo,
    limits: Monitoring,
    *,
    days: int = DAYS,
    seed: int = SEED,
) -> None:
    """Fill `folder` with the samples of the `days` before today, and of today until `now`.

    Days are those of `zone`; the folder appears with all of them or not at all.
    """
    first_day = local_day(now, zone) - timedelta(days=days)
    window = Window(day_window(first_day, zone).start, now)
    aside = folder.with_name(f".{folder.name}.aside")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    day = window.start.replace(hour=0, minute=0)
    while day < window.end:
        part = Window(max(day, window.start), min(day + timedelta(days=1), window.end))
        chance = random.Random(f"{seed} {day.date()}")  # noqa: S311 - reproducible on purpose
        lines = _lines(part, now, zone, limits, chance)
        (aside / f"{day.date()}.jsonl").write_text("".join(lines), "utf-8")
        day += timedelta(days=1)
    aside.replace(folder)


def _lines(
    window: Window, now: datetime, zone: ZoneInfo, limits: Monitoring, chance: random.Random
) -> Iterator[str]:
    """The lines of the rounds in `window`, which lies within one day of UTC."""
    trouble, silence = troubles.incident(now, zone), troubles.gap(now, zone)
    outage = troubles.embeddings_outage(now, zone)
    slot = window.start
    while slot + INTERVAL <= window.end:
        if slot not in silence:
            at = slot + timedelta(seconds=chance.uniform(0.2, 3.0))
            llm = judge(_llm_seconds(slot, trouble, zone, chance), limits)
            for readings in _round(llm, slot in outage, load(slot.astimezone(zone)), chance):
                yield _encode(sample_of(at, slot, readings)) + "\n"
        slot += INTERVAL


def _llm_seconds(slot: datetime, trouble: Window, zone: ZoneInfo, chance: random.Random) -> float:
    """How long the model took for one token."""
    if slot in trouble:
        return chance.uniform(*troubles.first_token_seconds(slot, trouble))
    usual = model.FIRST_TOKEN_SECONDS * load(slot.astimezone(zone)) * _noise(chance)
    return usual + 1.2 if chance.random() < _FALTERS else usual


def _round(
    llm: Condition, embeddings_fail: bool, busy: float, chance: random.Random
) -> Iterator[list[Reading]]:
    """What each check of the demo's service file reads, check by check."""

    def web(behind: float = 0.0) -> float:
        return behind + 0.005 * busy * _noise(chance)

    def embed() -> Condition:
        seconds = embedding.seconds(1, 1) * busy * _noise(chance)
        if embeddings_fail:
            return Condition("unhealthy", seconds, embedding.OUT_OF_MEMORY)
        return Condition("healthy", seconds)

    database = Condition("healthy", 0.0004 * busy * _noise(chance))
    beside = embed()
    slowest = max(llm.response_time, beside.response_time)
    yield [_reading("api", None, Condition("healthy", web(database.response_time)))]
    yield [
        _reading("detailed", None, Condition("healthy", web(slowest))),
        _reading("detailed", "llm", llm),
        _reading("detailed", "embeddings", beside),
        _reading("detailed", "database", database),
    ]
    # The verdict on a check itself is a word; only a component that it reports comes with an error.
    yield [_reading("llm", None, Condition(llm.status, web(llm.response_time)))]
    again = embed()
    yield [_reading("embeddings", None, Condition(again.status, web(again.response_time)))]
    yield [_reading("port", None, Condition("healthy", 0.0015 * _noise(chance)))]


def _reading(check: str, component: str | None, condition: Condition) -> Reading:
    reason = None
    if condition.status != Status.HEALTHY:
        error = {"error": condition.error} if condition.error else {}
        reason = Reason("health.says", {"word": condition.status, **error})
    return Reading(check, component, Status(condition.status), condition.response_time, reason)


def _noise(chance: random.Random) -> float:
    """A factor around 1, with a tail to the slow side, as latencies have it."""
    return chance.lognormvariate(0, 0.15)
