"""One deed on the snapshots of an application, in a process of its own that a drill can kill.

python -m ops_pipelines_tests.config.deed ROOT backup|prune|restore

Ends with 0 when it was done, and with 1 and a sentence when it was refused.
"""

import sys
from datetime import timedelta
from pathlib import Path

from ops_pipelines.config.restore import in_place
from ops_pipelines.config.retention import prune
from ops_pipelines.errors import OpsError
from ops_pipelines_tests.config.application import NOON, Application, judge

LATER = NOON + timedelta(days=1)
DEEDS = ("backup", "prune", "restore")


def do(app: Application, deed: str) -> None:
    if deed == "backup":
        app.back_up(LATER)
    elif deed == "prune":
        prune(app.archive, LATER + timedelta(days=1), days=1, minimum=1)
    else:
        in_place(app.archive, app.archive.snapshots()[0], LATER, judge)


if __name__ == "__main__":
    try:
        do(Application(Path(sys.argv[1])), sys.argv[2])
    except OpsError as error:
        sys.exit(str(error))
