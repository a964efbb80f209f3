"""Loading our definitions, beside an empty Dagster project. Goal: at most 1.3 times as long."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 7
EMPTY = "import dagster as dg; defs = dg.Definitions(); defs.get_repository_def()"
OURS = "from ops_pipelines.definitions import defs; defs.get_repository_def()"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        services = Path(folder, "services")
        services.mkdir()
        (services / "rag.yaml").write_text("name: rag\nbase_url: http://localhost:8000\n")
        environment = {**os.environ, "OPS_SERVICES": str(services)}
        runs: dict[str, list[float]] = {"empty": [], "ours": []}
        for _ in range(RUNS):
            for name, code in (("empty", EMPTY), ("ours", OURS)):
                started = time.perf_counter()
                subprocess.run([sys.executable, "-c", code], env=environment, check=True)
                runs[name].append(time.perf_counter() - started)
    empty, ours = (statistics.median(runs[name]) for name in ("empty", "ours"))
    print(f"empty project {empty:.2f} s, ours {ours:.2f} s, ratio {ours / empty:.2f} (goal: 1.3)")


if __name__ == "__main__":
    main()
