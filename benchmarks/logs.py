"""How fast a log is read, beside DuckDB at the same job: logs.py [MEGABYTES] [ROUNDS].

Each reader makes the same tables (hours by labels, histograms, minutes, the slowest) as Parquet,
with an account of every line. All must agree hour by hour with each other, and with a plain loop
over `json.loads`, before any time is shown; the shown times are medians of alternating rounds.

Goals: two processes at most 0.80 of DuckDB's time and 0.75 of its processor time, one process at
most 1.25 of its time with two threads; at most 250 MB; 10 % bad lines at most 2.5 times the time of
1 %; all times or latencies of another type at most 1.5 times; .gz 1.3 times, an envelope 3 times.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import pyarrow.parquet as pq
from peers import log_file
from peers.log_file import Shape

from ops_pipelines.logs import planning, tables, times
from ops_pipelines.logs.analysis import analyze
from ops_pipelines.logs.ledger import Reading
from ops_pipelines.logs.sources import find
from ops_pipelines.settings.logs import Logs
from ops_pipelines.storage.tables import encode

UTC = ZoneInfo("UTC")
DUCKDB = Path(__file__).parent / "peers/duckdb_logs.py"
LABELS = ("endpoint", "provider", "model", "error_type")
SHAPES = {
    "10 % bad": Shape(bad_ratio=0.1), "epoch times": Shape(epoch=True),
    "text latencies": Shape(text_latency=True), "docker": Shape(docker=True),
}  # fmt: skip


def main() -> None:
    megabytes, rounds = (
        (*map(int, sys.argv[1:]), 150, 3)[:2] if len(sys.argv) < 3 else map(int, sys.argv[1:3])
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain = folder / "plain.log"
        log_file.write(plain, megabytes * 1_000_000, Shape())
        check(plain, folder)
        commands = {
            "ours, 2 processes": ours(plain, folder, 2),
            "ours, 1 process": ours(plain, folder, 1),
            "DuckDB, 2 threads": duckdb(plain, folder, 2),
        }
        measured = measure(commands, rounds)
        show(measured, "DuckDB, 2 threads")
        others = {"plain": ours(plain, folder, 2), ".gz": ours(log_file.pack(plain), folder, 1)}
        others["plain, 1 process"] = ours(plain, folder, 1)
        for shape, wanted in SHAPES.items():
            path = folder / f"{shape.split()[-1]}.log"
            log_file.write(path, megabytes * 1_000_000, wanted)
            others[shape] = ours(path, folder, 2)
        show(measure(others, rounds), "plain")


def ours(path: Path, folder: Path, processes: int) -> list[str]:
    return [sys.executable, __file__, "--read", str(path), str(folder), str(processes)]


def duckdb(path: Path, folder: Path, threads: int) -> list[str]:
    return [sys.executable, str(DUCKDB), str(path), str(folder), str(threads)]


def read() -> None:
    """Our part: what `logs analyze` with a service file reads, as the stored tables."""
    path, folder, processes = sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
    started, used = time.perf_counter(), cpu_seconds()
    logs = Logs.model_validate({"files": [path]}, context={"folder": "/"})
    how = Reading(planning.make(logs.reading, UTC, logs.slow_seconds), UTC)
    analysis = analyze(find(logs.files), how, processes)
    first, last = (int(edge(analysis.rollup.column("minutes", "minute"))) for edge in (min, max))
    for name, table in tables.tables(analysis.rollup, first, last + 1).items():
        (folder / f"{name}.parquet").write_bytes(encode(table))
    took = {"wall": time.perf_counter() - started, "cpu": cpu_seconds() - used}
    account = {"read": analysis.lines, "accepted": analysis.accepted, **analysis.rejected}
    print(json.dumps({**account, **took}))


def cpu_seconds() -> float:
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in found)


def run(command: list[str]) -> dict[str, Any]:
    """What a reader says, with the most memory that it and its helpers had at any time."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = [0]
    watching = threading.Thread(target=watch, args=(process.pid, peak))
    watching.start()
    said, _ = process.communicate()
    watching.join()
    return {**json.loads(said), "megabytes": peak[0] / 1e6}


def watch(pid: int, peak: list[int]) -> None:
    try:
        process = psutil.Process(pid)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            found = [process, *process.children(recursive=True)]
            peak[0] = max(peak[0], sum(one.memory_info().rss for one in found))
            time.sleep(0.02)
    except psutil.NoSuchProcess:
        pass


def measure(commands: dict[str, list[str]], rounds: int) -> dict[str, dict[str, float]]:
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            found[name].append(run(command))
    keys = ("wall", "cpu", "megabytes", "read")
    return {
        name: {key: statistics.median(one[key] for one in said) for key in keys}
        for name, said in found.items()
    }


def show(measured: dict[str, dict[str, float]], beside: str) -> None:
    base = measured[beside]
    print(f"{'':20}    wall s     cpu s   peak MB  µs a line   wall and cpu ÷ {beside}")
    for name, one in measured.items():
        line = 1e6 * one["wall"] / one["read"]
        per_line = [one[key] / one["read"] / (base[key] / base["read"]) for key in ("wall", "cpu")]
        print(
            f"{name:20} {one['wall']:9.2f} {one['cpu']:9.2f} {one['megabytes']:9.0f}"
            f" {line:10.2f} {per_line[0]:8.2f} {per_line[1]:6.2f}"
        )


def check(path: Path, folder: Path) -> None:
    """All three readers agree, line by line of the accounts and row by row of the hours."""
    accounts, rows = [], []
    for name, command in {
        "log_rollup": ours(path, folder, 2),
        "hours": duckdb(path, folder, 2),
    }.items():
        said = run(command)
        accounts.append({key: said[key] for key in said if key not in ("wall", "cpu", "megabytes")})
        rows.append(hours(folder / f"{name}.parquet"))
    started = time.perf_counter()
    account, by_hour = plain_loop(path)
    took = time.perf_counter() - started
    # DuckDB has no reason apart for what is not UTF-8.
    for one in (account, accounts[0]):
        one["not_json"] += one.pop("not_utf8", 0)
    for one in (account, *accounts):
        one.pop("torn", None)
    if not (account == accounts[0] == accounts[1] and by_hour == rows[0] == rows[1]):
        differing = [key for key in by_hour if by_hour[key] != rows[0].get(key)]
        sys.exit(f"they do not agree: {account} {accounts} {differing[:3]}")
    size = path.stat().st_size
    print(f"{size / 1e6:.0f} MB, {account['read']} lines, {len(by_hour)} rows, all agree;"
          f" a plain loop over json.loads took {took:.2f} s")  # fmt: skip


def hours(path: Path) -> dict[tuple[Any, ...], dict[str, int]]:
    counts = ("lines", "requests", "errors", "failed", "timed", "slow")
    found = {}
    for row in pq.read_table(path).to_pylist():
        hour = row["hour"] if isinstance(row["hour"], int) else int(row["hour"].timestamp()) // 3600
        key = (hour, *(row[name] for name in LABELS))
        found[key] = {name: row[name] for name in counts}
    return found


def plain_loop(path: Path) -> tuple[dict[str, int], dict[tuple[Any, ...], dict[str, int]]]:
    """What one writes without us: a loop, a dict of counters."""
    account: Counter[str] = Counter()
    found: dict[tuple[Any, ...], Counter[str]] = {}
    for line in log_file.lines(path):
        account["read"] += 1
        reason, at, record = plainly(line)
        account[reason] += 1
        if reason != "accepted":
            continue
        key = (int(at // 3600), *(record.get(name) for name in LABELS))
        is_request = "request" in record["message"].lower()
        is_error = record["level"] in ("ERROR", "CRITICAL")
        seconds = float(record.get("response_time", -1))
        is_timed = is_request and seconds >= 0
        found.setdefault(key, Counter()).update(
            lines=1, requests=is_request, errors=is_error, failed=is_request and is_error,
            timed=is_timed, slow=is_timed and seconds > 5,
        )  # fmt: skip
    return dict(account), {key: dict(counts) for key, counts in found.items()}


def plainly(line: bytes) -> tuple[str, float, dict[str, Any]]:
    if not line.strip():
        return "blank", 0, {}
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError:
        return "not_utf8", 0, {}
    except ValueError:
        return "not_json", 0, {}
    if not isinstance(record, dict):
        return "not_object", 0, {}
    value = record.get("timestamp")
    if value is None:
        return "no_timestamp", 0, {}
    at = times.parse(value, UTC)
    return ("bad_timestamp", 0, {}) if at == times.BAD else ("accepted", at / 1e6, record)


if __name__ == "__main__":
    read() if "--read" in sys.argv else main()
