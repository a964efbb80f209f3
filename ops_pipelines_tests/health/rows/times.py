"""Times of verdicts: of now, frozen, of the future, and none."""

import json

from ops_pipelines_tests.health.bad_server import said
from ops_pipelines_tests.health.rows.row import Row

TIMES = "status: status, timestamp: at, max_age_seconds: 300"

TIMESTAMPS = [
    Row("a time of now", said({"status": "up", "at": "2025-11-24T12:00:00Z"}), "healthy", TIMES),
    Row(
        "a time at the limit",
        said({"status": "up", "at": "2025-11-24T11:55:00+00:00"}),
        "healthy",
        TIMES,
    ),
    Row(
        "a frozen time",
        said({"status": "up", "at": "2025-11-24T11:54:59+00:00"}),
        "unknown: the verdict is 301 s old, wanted at most 300 s",
        TIMES,
    ),
    Row(
        "a frozen time of bad news",
        said({"status": "down", "at": "2024-11-24T12:00:00+00:00"}),
        "unknown: the verdict is 3.1536e+07 s old, wanted at most 300 s",
        TIMES,
    ),
    Row(
        "a clock a minute ahead",
        said({"status": "up", "at": "2025-11-24T20:01:00+08:00"}),
        "healthy",
        TIMES,
    ),
    Row(
        "a time in the future",
        said({"status": "up", "at": "2025-11-24T12:01:01Z"}),
        "unknown: the verdict's time lies 61 s in the future",
        TIMES,
    ),
    Row("Unix seconds", said({"status": "up", "at": 1763985600}), "healthy", TIMES),
    Row("Unix milliseconds", said({"status": "up", "at": 1763985600123}), "healthy", TIMES),
    *(
        Row(f"the time {value}", said({"status": "up", "at": value}), "healthy", TIMES)
        for value in (
            1763985600123456,  # microseconds
            1763985600123456789,  # nanoseconds
            "Mon, 24 Nov 2025 12:00:00 GMT",
        )
    ),
    Row("Unix seconds as text", said({"status": "up", "at": "1763985600.5"}), "healthy", TIMES),
    Row(
        "nanoseconds in ISO text",
        said({"status": "up", "at": "2025-11-24T11:59:59.123456789Z"}),
        "healthy",
        TIMES,
    ),
    Row(
        "no time",
        said({"status": "up"}),
        "unknown: the body has nothing at “at”",
        TIMES,
    ),
    *(
        Row(
            f"the time {json.dumps(value)}",
            said({"status": "up", "at": value}),
            f"unknown: “at” is no time: {shown}",
            TIMES,
        )
        for value, shown in [
            ("yesterday", "yesterday"),
            (True, "True"),
            (-1, "-1"),
            ({}, "{}"),
            (1e300, "1e+300"),
            ("24/11/2025 12:00", "24/11/2025 12:00"),
        ]
    ),
    Row(
        "components of a frozen time",
        said({"components": {"llm": {"status": "up"}}, "at": 0}),
        {
            None: "unknown: the verdict is 1.76399e+09 s old, wanted at most 300 s",
            "llm": "unknown: the verdict is 1.76399e+09 s old, wanted at most 300 s",
        },
        "components: components, timestamp: at",
    ),
    Row(
        "a time alone",
        said({"at": "2025-11-24T12:00:00Z"}),
        "healthy",
        "timestamp: at",
    ),
    Row(
        "a frozen time alone",
        said({"at": "2025-11-24T10:00:00Z"}),
        "unknown: the verdict is 7200 s old, wanted at most 300 s",
        "timestamp: at",
    ),
]
