"""A past for the demo: the log of thirty days, as the service and logrotate would have left it.

It is what Debian's logrotate makes of it with `daily`, `rotate 30`, `compress`, `delaycompress` and
`dateext`: a file is named after the day on which it was put aside, just after midnight, and so
holds the lines of the day before. The same end and seed give the same bytes.
"""

import gzip
import os
import shutil
from bisect import bisect_left
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

from ops_pipelines.demo import past_lines
from ops_pipelines.demo.past import Past
from ops_pipelines.demo.past_lines import Entry
from ops_pipelines.window import day_window

_COMPRESSION = 6  # that of gzip, when nobody names another


def write(log: Path, past: Past) -> None:
    """Fill the folder of the file `log` with it and what was rotated away from it.

    The folder appears with all of them or not at all.
    """
    aside = log.parent.with_name(f".{log.parent.name}.aside")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    with ThreadPoolExecutor(1) as compressing:  # beside the making of the lines
        written = [
            compressing.submit(_put, aside / f"{log.name}{suffix}", entries)
            for suffix, entries in _files(past)
        ]
    for each in written:
        each.result()
    aside.replace(log.parent)


def _files(past: Past) -> Iterator[tuple[str, list[Entry]]]:
    """Each file: what stands behind the log's name in its name, and what it holds."""
    rotations = dict(_rotations(past))
    newest = max(rotations, default=None)
    held: list[Entry] = []
    for day, entries in past_lines.of_days(past):
        held += entries
        if day in rotations:
            here = bisect_left(held, rotations[day], key=lambda entry: entry.at)
            yield f"-{day:%Y%m%d}{'' if day == newest else '.gz'}", held[:here]
            held = held[here:]
    yield "", held


def _rotations(past: Past) -> Iterator[tuple[date, float]]:
    """On which days the log was rotated, and when: soon after midnight."""
    for day in past.dates[1:]:
        midnight = day_window(day, past.zone).start.timestamp()
        moment = midnight + past.chance(day, "rotation").uniform(3, 50)
        if moment <= past.now.timestamp():
            yield day, moment


def _put(path: Path, entries: list[Entry]) -> None:
    content = b"".join(entry.content for entry in entries)
    if path.suffix == ".gz":
        content = gzip.compress(content, _COMPRESSION, mtime=0)
    path.write_bytes(content)
    if entries:
        os.utime(path, (entries[-1].at, entries[-1].at))
