"""HTTP statuses and redirects."""

from ops_pipelines_tests.health.bad_server import answered, redirect
from ops_pipelines_tests.health.rows.row import HEALTHY, STATUS_ONLY, Row

STATUSES = [
    Row("204 decides by itself", answered(204), "healthy", STATUS_ONLY),
    Row("204 where a verdict is wanted", answered(204), "unknown: the body is empty"),
    Row(
        "204 that is not expected",
        answered(204),
        "unhealthy: status (204), wanted 200",
        "expect_status: [200]",
    ),
    Row(
        "301 to itself",
        redirect(301, "/301%20to%20itself"),
        "unhealthy: status (301), wanted 200-299; it leads to /301%20to%20itself",
    ),
    Row(
        "302 to a port that is none",
        redirect(302, "http://127.0.0.1:99999/"),
        "unhealthy: status (302), wanted 200-299; it leads to http://127.0.0.1:99999/",
    ),
    Row(
        "302 to no address at all",
        redirect(302, "http://[::1"),
        "unhealthy: {address} gave no whole HTTP answer "
        "(invalid literal for int() with base 10: ':1')",
    ),
    Row(
        "302 to a file",
        redirect(302, "file:///etc/passwd"),
        "unhealthy: status (302), wanted 200-299; it leads to file:///etc/passwd",
    ),
    Row("302 to a healthy answer", redirect(302, "/healthy"), "healthy"),
    Row(
        "302 where the status alone decides",
        redirect(302, "/healthy"),
        "unhealthy: status (302), wanted 200-299; it leads to /healthy",
        STATUS_ONLY,
    ),
    Row("302 that is expected", redirect(302, "/login"), "healthy", "expect_status: [302]"),
    Row(
        "302 without a location",
        answered(302, HEALTHY),
        "unhealthy: status (302), wanted 200-299",
    ),
    Row(
        "304 with a location",
        redirect(304, "/healthy"),
        "unhealthy: status (304), wanted 200-299",
    ),
    *(
        Row(
            f"{status} with a healthy body",
            answered(status, HEALTHY),
            f"unhealthy: status ({status}), wanted 200",
            "status: status, expect_status: [200]",
        )
        for status in (201, 401, 403, 404, 429, 500, 502, 503, 504)
    ),
    Row(
        "503 without expectations",
        answered(503, HEALTHY),
        "unhealthy: status (503), wanted 200-299",
    ),
    Row(
        "503 that is expected, with an unhealthy body",
        answered(503, b'{"status": "DOWN"}'),
        "unhealthy: says “DOWN”",
        "status: status, expect_status: [200, 503]",
    ),
    Row(
        "status 999",
        answered(999, HEALTHY),
        "unhealthy: status (999), wanted 200-299",
    ),
]
