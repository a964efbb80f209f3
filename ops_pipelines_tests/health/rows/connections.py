"""Connections that break, servers that speak no HTTP, and servers that hang."""

from ops_pipelines_tests.health.bad_server import (
    closes,
    drip_headers,
    drip_informational,
    drip_the_body,
    endless_headers,
    hang,
    hang_after_the_verdict,
    hang_in_the_body,
    hang_in_the_headers,
    reset,
    reset_in_the_body,
    short_body,
)
from ops_pipelines_tests.health.rows.row import HEALTHY, STATUS_ONLY, Row

NO_ANSWER = "unhealthy: {address} gave no whole HTTP answer"

CONNECTIONS = [
    Row(
        "reset before the answer",
        reset,
        f"{NO_ANSWER} (Connection reset by peer)",
    ),
    Row(
        "closed before the answer",
        closes,
        f"{NO_ANSWER} (Server disconnected without sending a response.)",
    ),
    Row(
        "reset in the middle of the body",
        reset_in_the_body,
        f"{NO_ANSWER} (Connection reset by peer)",
    ),
    Row(
        "reset in the middle of a body that nobody reads",
        reset_in_the_body,
        f"{NO_ANSWER} (Connection reset by peer)",
        STATUS_ONLY,
    ),
    Row(
        "closed in the middle of the body",
        short_body,
        f"{NO_ANSWER} (peer closed connection without sending complete "
        "message body (received 21 bytes, expected 1000))",
    ),
    Row(
        "garbage instead of HTTP",
        b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n\r\n",
        f"{NO_ANSWER} (illegal status line: bytearray(b'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3'))",
    ),
    Row(
        "binary garbage instead of HTTP",
        bytes(range(256)) * 4,
        f"{NO_ANSWER} (illegal request line)",
    ),
    Row(
        "a body without a head",
        HEALTHY,
        f"{NO_ANSWER} (Server disconnected without sending a response.)",
    ),
    Row(
        "endless headers",
        endless_headers,
        f"{NO_ANSWER} (Receive buffer too long)",
    ),
    Row(
        "a chunk that is none",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + HEALTHY,
        f"{NO_ANSWER} (illegal chunk header: bytearray(b'zz\\r\\n'))",
    ),
]

HANGS = [
    Row("hang at the headers", hang, "unhealthy: connected, but no answer within 0.7 s"),
    Row(
        "hang in the middle of the headers",
        hang_in_the_headers,
        "unhealthy: connected, but no answer within 0.7 s",
    ),
    Row("hang in the body", hang_in_the_body, "unhealthy: the answer did not end within 0.7 s"),
    Row(
        "hang after the verdict",
        hang_after_the_verdict,
        "unhealthy: the answer did not end within 0.7 s",
    ),
    Row(
        "hang in a body that nobody reads",
        hang_in_the_body,
        "unhealthy: the answer did not end within 0.7 s",
        STATUS_ONLY,
    ),
    Row("slow drip of headers", drip_headers, "unhealthy: connected, but no answer within 0.7 s"),
    Row("slow drip of a body", drip_the_body, "unhealthy: the answer did not end within 0.7 s"),
    Row(
        "promises of an answer, for ever",
        drip_informational,
        "unhealthy: connected, but no answer within 0.7 s",
    ),
]
