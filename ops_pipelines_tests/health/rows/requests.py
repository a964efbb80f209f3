"""Requests that our side gets wrong, or nearly."""

from ops_pipelines_tests.health.bad_server import answered
from ops_pipelines_tests.health.rows.row import HEALTHY, Row

OUR_SIDE = [
    Row(
        "a header with the newline of its file",
        answered(200, HEALTHY),
        "healthy",
        'status: status, headers: {Authorization: "Bearer token\\n"}',
    ),
    Row(
        "a header without a name",
        answered(200, HEALTHY),
        "unknown: the request cannot be made (Illegal header name b'')",
        'status: status, headers: {"": "x"}',
    ),
    Row(
        "a length that is not that of the body",
        answered(200, HEALTHY),
        "unknown: the probe itself failed "
        "(LocalProtocolError: Too little data for declared Content-Length)",
        'status: status, headers: {Content-Length: "5"}',
    ),
]
