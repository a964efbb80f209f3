"""Bodies: of every size and kind, with their verdict somewhere or nowhere."""

import json

from ops_pipelines_tests.health.bad_server import (
    answered,
    bomb,
    endless_body,
    fifty_megabytes,
    said,
    text,
    unframed,
)
from ops_pipelines_tests.health.rows.row import HEALTHY, NOT_FOUND_HERE, STATUS_ONLY, Row


def _not_json(line: int, column: int, begins: str) -> str:
    return f"unknown: the body is not JSON (line {line}, column {column}); it begins with: {begins}"


BODIES = [
    Row("healthy", answered(200, HEALTHY), "healthy"),
    Row(
        "HTML",
        text("<!DOCTYPE html>\n<html><body>healthy</body></html>", "text/html"),
        _not_json(1, 1, "<!DOCTYPE html> <html><body>healthy</bod"),
    ),
    Row("an empty body", text(""), "unknown: the body is empty"),
    Row("a blank body", text(" \r\n\t"), "unknown: the body is empty"),
    Row("an empty mapping", text("{}"), NOT_FOUND_HERE),
    Row("null", text("null"), NOT_FOUND_HERE),
    Row("an empty list", text("[]"), NOT_FOUND_HERE),
    Row("a bare word", text('"healthy"'), NOT_FOUND_HERE),
    Row(
        "a word without quotes",
        text("healthy"),
        _not_json(1, 1, "healthy"),
    ),
    Row(
        "truncated JSON",
        text('{"status": "healthy"'),
        _not_json(1, 21, '{"status": "healthy"'),
    ),
    Row(
        "truncated JSON without a length",
        unframed(b'{"status": "healthy", '),
        _not_json(1, 23, '{"status": "healthy",'),
    ),
    Row(
        "two documents",
        text('{"status": "healthy"}\n{"status": "healthy"}'),
        _not_json(2, 1, '{"status": "healthy"} {"status": "health'),
    ),
    Row(
        "a single-quoted mapping",
        text("{'status': 'healthy'}"),
        _not_json(1, 2, "{'status': 'healthy'}"),
    ),
    Row("a verdict that is null", said({"status": None}), NOT_FOUND_HERE),
    Row(
        "a verdict that is a list",
        said({"status": ["healthy"]}),
        "unknown: “status” is a list, wanted a word",
    ),
    Row(
        "a verdict that is a mapping",
        said({"status": {"healthy": True}}),
        "unknown: “status” is a mapping, wanted a word",
    ),
    *(
        Row(
            f"a verdict that is {json.dumps(value)}",
            said({"status": value}),
            f"unknown: “{shown}” at “status” is in none of the lists healthy, degraded, unhealthy",
        )
        for value, shown in [
            (True, "true"),
            (1, "1"),
            (0, "0"),
            (200, "200"),
            (0.5, "0.5"),
            ("", ""),
            ("success", "success"),
            ("running", "running"),
            ("not healthy", "not healthy"),
            ("healthy!", "healthy!"),
            ("unhealthy, healthy", "unhealthy, healthy"),
            ("he\nalthy", "he althy"),
        ]
    ),
    Row(
        "a verdict that ends far behind a known word",
        said({"status": f"healthy{' ' * 60}a minute ago, down since"}),
        "unknown: “healthy a minute ago, down since” at “status” is in none of the lists "
        "healthy, degraded, unhealthy",
    ),
    Row("odd case", said({"status": " HeALTHy\n"}), "healthy"),
    Row(
        "odd case of bad news",
        said({"status": "OUT_OF_Service"}),
        "unhealthy: says “OUT_OF_Service”",
    ),
    Row(
        "the verdict in another field",
        said({"status": "success", "data": {"health": "unhealthy"}}),
        "unhealthy: says “unhealthy”",
        "status: data.health",
    ),
    Row(
        "the verdict in another field than the one that is read",
        said({"status": "success", "health": "unhealthy"}),
        "unknown: “success” at “status” is in none of the lists healthy, degraded, unhealthy",
    ),
    Row(
        "success true beside an unhealthy verdict",
        said({"success": True, "status": "unhealthy"}),
        "unhealthy: says “unhealthy”",
    ),
    Row(
        "success true, read as the verdict",
        said({"success": True, "status": "unhealthy"}),
        "unknown: “true” at “success” is in none of the lists healthy, degraded, unhealthy",
        "status: success",
    ),
    Row(
        "duplicate keys: the last wins",
        text('{"status": "healthy", "status": "down"}'),
        "unhealthy: says “down”",
    ),
    Row(
        "a bare NaN",
        text('{"status": "healthy", "latency": NaN}'),
        "unknown: the body holds a number that is not JSON (NaN)",
    ),
    Row(
        "a bare Infinity",
        text('{"status": "healthy", "latency": -Infinity}'),
        "unknown: the body holds a number that is not JSON (-Infinity)",
    ),
    Row("a number beyond all floats", text('{"status": "healthy", "latency": 1e999}'), "healthy"),
    Row(
        "a verdict beyond all floats, in a function",
        text('{"status": 1e999}'),
        "unknown: the body has nothing at “ceil(status)”",
        "status: ceil(status)",
    ),
    Row(
        "a number of ten thousand digits",
        text('{"status": "healthy", "n": ' + "9" * 10_000 + "}"),
        "unknown: the body holds a number that is not JSON (Exceeds the limit (4300 digits) for "
        "integer string conversion: value has 10000 d)",
    ),
    Row(
        "huge nesting",
        text('{"status": "healthy", "x": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        "unknown: the body is nested too deeply to be read",
    ),
    Row(
        "50 MB",
        fifty_megabytes,
        "unknown: the body is larger than 1048576 bytes",
    ),
    Row("50 MB that nobody reads", fifty_megabytes, "healthy", STATUS_ONLY),
    Row("an endless body", endless_body, "unknown: the body is larger than 1048576 bytes"),
    Row("a gzip bomb", bomb(), "unknown: the body is larger than 1048576 bytes"),
    Row(
        "a function that meets another type",
        said({"status": 3}),
        "unknown: the body has nothing at “join(',', status)”",
        "status: \"join(',', status)\"",
    ),
]
