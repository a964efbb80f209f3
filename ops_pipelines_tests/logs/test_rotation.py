"""Debian's logrotate at work while a busy service writes: every line is counted, and once.

With OPS_DRILLS=full (make drills) a hundred rotations are forced, else three.
"""

from pathlib import Path

import pytest

from ops_pipelines.config.rotation import render
from ops_pipelines.logs import answer
from ops_pipelines.logs.follow import Follow
from ops_pipelines.logs.history import History, refresh
from ops_pipelines.logs.sources import find
from ops_pipelines.settings.config import Rotation
from ops_pipelines_tests.cli.command import ops
from ops_pipelines_tests.config.test_rotation import (
    LINES_A_SECOND,
    ROTATIONS,
    rotate_over_and_over,
    writing,
)
from ops_pipelines_tests.logs.reading import how


def requests(history: History) -> int:
    return sum(history.day(day).rollup.total("hours", "requests") for day in history.days)


@pytest.mark.slow
@pytest.mark.drill
@pytest.mark.parametrize("names", ["rag.log", "rag.log*"], ids=["name", "glob"])
def test_our_counts_are_the_writers_own(public_path: Path, names: str) -> None:
    public_path.chmod(0o755)
    folder, file = public_path / "logs", public_path / "rag"
    folder.mkdir(mode=0o755)
    log = folder / "rag.log"
    reload_it = f"kill -HUP $(cat {public_path / 'pid'})"
    file.write_text(render("rag", Rotation(rotate=500, postrotate=reload_it), [f"{log}*"]))
    followed, everything = [str(folder / names)], [f"{log}*"]
    with writing(log, LINES_A_SECOND) as told:
        follow = Follow(followed, find(followed), how())
        for _ in range(ROTATIONS):
            rotate_over_and_over(folder, file, 1)
            follow.poll()
            refresh(find(everything), how(), public_path / "parts")
    [written] = told
    follow.poll()
    lines = answer.lines(follow.analysis())
    follow.close()
    history = refresh(find(everything), how(), public_path / "parts")
    document = ops("logs", "analyze", *everything, "--json").document
    print(  # noqa: T201 - a drill says what it did
        f"\n{len(document['files']['read']) - 1} rotations under {LINES_A_SECOND} lines a second: "
        f"{written} lines written, {lines['accepted']} followed, {requests(history)} in the "
        f"history, {document['total_requests']} analyzed"
    )
    assert lines == {"read": written, "accepted": written, "outside_window": 0, "rejected": {}}
    assert requests(history) == document["total_requests"] == written
    assert len(document["files"]["read"]) == ROTATIONS + 1
