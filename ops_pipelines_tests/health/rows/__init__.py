"""The matrix: what a server can answer, the check that asks, and the exact verdict on it.

`test_matrix` serves each row at a path of its own and loads all checks from one service file.
"""

from ops_pipelines_tests.health.rows.bodies import BODIES
from ops_pipelines_tests.health.rows.components import COMPONENTS
from ops_pipelines_tests.health.rows.connections import CONNECTIONS, HANGS
from ops_pipelines_tests.health.rows.encodings import ENCODINGS
from ops_pipelines_tests.health.rows.requests import OUR_SIDE
from ops_pipelines_tests.health.rows.statuses import STATUSES
from ops_pipelines_tests.health.rows.times import TIMESTAMPS

QUICK = [
    *CONNECTIONS,
    *STATUSES,
    *BODIES,
    *ENCODINGS,
    *TIMESTAMPS,
    *COMPONENTS,
    *OUR_SIDE,
]

__all__ = ["HANGS", "QUICK"]
