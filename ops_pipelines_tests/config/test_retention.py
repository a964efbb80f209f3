import json
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.config.archive import Snapshot, Verification
from ops_pipelines.config.manifest import Manifest, Validity, snapshot_id
from ops_pipelines.config.retention import choose, prune
from ops_pipelines_tests.config.application import NOON, Application, application

AT = NOON.isoformat()


def snapshot(age_days: float, *, verified: bool = True, valid: bool | None = True) -> Snapshot:
    created = NOON - timedelta(days=age_days)
    validity = None if valid is None else Validity(valid, {})
    manifest = Manifest("rag", created, (), (), validity, {})
    name = snapshot_id(created, "0" * 64)
    return Snapshot(name, Path(), created, manifest, Verification(verified, AT, AT))


def ages(snapshots: list[Snapshot], names: Iterable[str]) -> list[int]:
    chosen = set(names)
    return [(NOON - s.created).days for s in snapshots if s.id in chosen]


def test_what_was_the_state_in_the_last_days_stays_and_what_was_replaced_before_goes() -> None:
    snapshots = [snapshot(age) for age in (90, 60, 40, 20, 5, 1)]
    choice = choose(snapshots, NOON, days=30, minimum=1)
    assert ages(snapshots, choice.removed) == [90, 60]
    assert ages(snapshots, choice.kept) == [40, 20, 5, 1]  # 40 was the state until 20 days ago


def test_the_minimum_stays_however_old_it_is() -> None:
    snapshots = [snapshot(age) for age in (500, 400, 300, 200)]
    assert ages(snapshots, choose(snapshots, NOON, 30, 3).removed) == [500]


def test_the_newest_verified_valid_one_stays_when_all_newer_ones_are_bad() -> None:
    bad = [snapshot(age, verified=age % 2 == 0, valid=age % 2 == 1) for age in range(99, 40, -1)]
    snapshots = [snapshot(500), snapshot(400), *bad]
    choice = choose(snapshots, NOON, 30, 1)
    assert ages(snapshots, choice.removed)[0] == 500
    assert choice.kept[snapshots[1].id] == "newest_good"


def test_snapshots_that_do_not_restore_do_not_count_towards_the_minimum() -> None:
    snapshots = [
        *(snapshot(age) for age in (400, 300, 200)),
        *(snapshot(100 - n, verified=False) for n in range(3)),
    ]
    assert choose(snapshots, NOON, 30, 3).removed == ()


SNAPSHOTS = st.lists(
    st.tuples(st.integers(-10, 400), st.booleans(), st.sampled_from([True, False, None])),
    max_size=12,
    unique_by=lambda row: row[0],
).map(lambda rows: [snapshot(age, verified=v, valid=w) for age, v, w in sorted(rows, reverse=True)])


@given(SNAPSHOTS, st.integers(1, 60), st.integers(1, 5))
def test_laws_of_keeping(snapshots: list[Snapshot], days: int, minimum: int) -> None:
    choice = choose(snapshots, NOON, days, minimum)
    names = [snapshot.id for snapshot in snapshots]
    assert sorted([*choice.kept, *choice.removed]) == names, "each is kept or removed, never both"
    assert len(choice.kept) >= min(minimum, len(snapshots))
    verified = [s.id for s in snapshots if s.verified]
    assert set(verified[-minimum:]) <= set(choice.kept)
    good = [s.id for s in snapshots if s.verified and s.valid]
    assert set(good[-1:]) <= set(choice.kept)
    assert all(
        s.created <= NOON - timedelta(days=days) for s in snapshots if s.id in choice.removed
    )
    rest = [s for s in snapshots if s.id in choice.kept]
    assert choose(rest, NOON, days, minimum).removed == (), "doing it again changes nothing"


@given(SNAPSHOTS, st.integers(1, 60), st.integers(0, 60))
def test_every_state_of_the_last_days_can_be_had_back(
    snapshots: list[Snapshot], days: int, ago: int
) -> None:
    def state_at(moment: datetime, among: list[Snapshot]) -> str | None:
        return next((s.id for s in reversed(among) if s.created <= moment), None)

    choice = choose(snapshots, NOON, days, minimum=1)
    kept = [s for s in snapshots if s.id in choice.kept]
    moment = NOON - timedelta(days=min(ago, days - 1))
    assert state_at(moment, kept) == state_at(moment, snapshots)


@pytest.fixture
def app(tmp_path: Path) -> Application:
    """Snapshots of the last hundred days, one every ten."""
    made = application(tmp_path)
    for age in range(100, -1, -10):
        made.add_row()
        made.back_up(NOON - timedelta(days=age))
    return made


def test_pruning_removes_what_was_chosen_and_records_it(app: Application) -> None:
    before = app.listed()
    choice = prune(app.archive, NOON, days=30, minimum=3)
    assert list(choice.removed) == before[:7]
    assert app.listed() == before[7:]
    record = list(map(json.loads, (app.archive.root / "removed.jsonl").read_text().splitlines()))
    assert record == [{"snapshot": name, "removed_at": AT} for name in before[:7]]
    left = {path.name for path in app.archive.folder.iterdir()}
    assert left == {".lock", *app.listed()}


def test_a_dry_run_tells_the_same_and_touches_nothing(app: Application) -> None:
    before = app.listed()
    told = prune(app.archive, NOON, days=30, minimum=3, dry_run=True)
    assert app.listed() == before
    assert not (app.archive.root / "removed.jsonl").exists()
    assert prune(app.archive, NOON, days=30, minimum=3) == told


def test_the_times_of_files_mean_nothing(app: Application) -> None:
    told = prune(app.archive, NOON, days=30, minimum=3, dry_run=True)
    for path in app.archive.folder.rglob("*"):
        os.utime(path, (0, 0))
    assert prune(app.archive, NOON, days=30, minimum=3, dry_run=True) == told


def test_what_is_foreign_or_damaged_is_never_removed(app: Application) -> None:
    foreign = [app.archive.folder / "notes.txt", app.archive.folder / "production_20200101.yaml"]
    for path in foreign:
        path.write_text("by hand")
    damaged = app.archive.folder / app.listed()[0]
    (damaged / "manifest.json").write_text("{")
    choice = prune(app.archive, NOON, days=1, minimum=1)
    assert choice.kept[damaged.name] == "damaged"
    assert all(path.exists() for path in (*foreign, damaged))
    assert len(app.listed()) == 3
