"""A process that makes rounds of a service, one after the other, and says what they found.

python -m ops_pipelines_tests.health.spender SERVICE_FILE ROUNDS
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from ops_pipelines.health import network
from ops_pipelines.health.probe import run_round
from ops_pipelines.settings.load import load_file


def main(file: str, rounds: str) -> None:
    service = load_file(Path(file))
    for _ in range(int(rounds)):
        found = network.run(run_round(service, datetime.now(UTC), by_hand=True))
        print(*(reading.status for reading in found.readings), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
