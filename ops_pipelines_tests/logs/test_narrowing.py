"""A narrow window of a huge file is found without reading it, and loses no line."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops_pipelines.logs import narrowing, times
from ops_pipelines.logs.contents import file
from ops_pipelines.logs.narrowing import narrowed
from ops_pipelines.logs.stretches import Stretch, read
from ops_pipelines_tests.logs.reading import analyzed, how

START = datetime(2026, 11, 1, tzinfo=UTC)
MINUTES = 30_000
LINES_A_MINUTE = 4
Shift = Callable[[int], float]


def write(path: Path, late_minutes: Shift = lambda _: 0) -> Path:
    """Some 24 MB, a line each quarter of a minute."""
    with path.open("wb") as out:
        for number in range(MINUTES * LINES_A_MINUTE):
            at = START + timedelta(minutes=number / LINES_A_MINUTE - late_minutes(number))
            line = {"timestamp": at.isoformat(), "message": "request", "pad": "x" * 120}
            out.write(json.dumps(line).encode() + b"\n")
    return path


def window(first_minute: int, minutes: int) -> tuple[int, int]:
    start = times.microseconds(START + timedelta(minutes=first_minute))
    return start, start + minutes * times.MINUTE


def found(path: Path, wanted: tuple[int, int], **settings: object) -> Stretch:
    return narrowed(file(str(path)), how(settings, window_us=wanted), least=1)


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("ordered") / "app.log")


@pytest.mark.parametrize(
    ("first", "minutes"), [(-100, 200), (0, 1), (7_000, 10), (29_900, 60), (29_999, 500)]
)
def test_all_lines_of_the_window_are_read_and_few_others(
    ordered: Path, first: int, minutes: int
) -> None:
    wanted = window(first, minutes)
    stretch = found(ordered, wanted)

    part = read(stretch, how(window_us=wanted)).part

    inside = min(first + minutes, MINUTES) - max(first, 0)
    assert part.rollup.total("hours", "lines") == inside * LINES_A_MINUTE
    assert stretch.size < 5 << 20


@pytest.mark.parametrize("first", [-5_000, 40_000])
def test_of_a_window_without_lines_little_is_read(ordered: Path, first: int) -> None:
    stretch = found(ordered, window(first, 60))

    assert stretch.size < 3 << 20


def test_late_lines_within_the_slack_are_not_lost(tmp_path: Path) -> None:
    def late(number: int) -> float:
        return 9 if number % 7 == 0 else 0

    path = write(tmp_path / "app.log", late)
    wanted = window(15_000, 10)

    part = read(found(path, wanted), how(window_us=wanted)).part

    whole = read(Stretch(file(str(path))), how(window_us=wanted)).part
    assert part.rollup.total("hours", "lines") == whole.rollup.total("hours", "lines") > 30


def test_what_is_out_of_order_is_read_as_a_whole(tmp_path: Path) -> None:
    half = MINUTES * LINES_A_MINUTE // 2
    path = write(tmp_path / "app.log", lambda number: MINUTES / 2 if number > half else 0)

    assert found(path, window(100, 10)) == Stretch(file(str(path)), 0, path.stat().st_size)


def test_what_cannot_be_looked_into_is_read_as_a_whole(tmp_path: Path, ordered: Path) -> None:
    packed = tmp_path / "app.log.gz"
    packed.write_bytes(gzip.compress(ordered.read_bytes()[: 1 << 20]))
    wanted = window(7_000, 10)

    assert found(packed, wanted).end is None
    assert found(ordered, wanted, pattern="(?P<timestamp>.+)").start == 0
    assert narrowed(file(str(ordered)), how(), least=1).start == 0


def test_the_answer_says_that_not_all_was_read(
    ordered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(narrowing.narrowed, "__defaults__", (1,))

    analysis = analyzed(ordered, reading=how(window_us=window(7_000, 10)))

    (one,) = analysis.files
    assert one.part is not None
    assert one.part[1] - one.part[0] < 5 << 20
    assert analysis.lines == analysis.accepted + analysis.outside_window
    assert analysis.accepted == 10 * LINES_A_MINUTE
