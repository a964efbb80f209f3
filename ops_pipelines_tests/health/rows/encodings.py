"""Charsets and content encodings."""

import gzip
import zlib

from ops_pipelines_tests.health.bad_server import answered
from ops_pipelines_tests.health.rows.row import HEALTHY, Row


def _gzipped(body: bytes, kept: int | None = None) -> bytes:
    return answered(200, gzip.compress(body)[:kept], content_encoding="gzip")


ENCODINGS = [
    Row("a UTF-8 BOM", answered(200, b"\xef\xbb\xbf" + HEALTHY), "healthy"),
    Row(
        "GBK that says so",
        answered(200, '{"status": "正常"}'.encode("gbk"), "application/json; charset=GBK"),
        "healthy",
    ),
    Row(
        "GBK that does not say so",
        answered(200, '{"status": "正常"}'.encode("gbk")),
        "unknown: the body is not utf-8 (byte 12)",
    ),
    Row(
        "UTF-8 that says it is GBK",
        answered(200, '{"status": "正常"}'.encode(), "application/json; charset=gbk"),
        "unknown: “姝ｅ父” at “status” is in none of the lists healthy, degraded, unhealthy",
    ),
    Row(
        "UTF-8 that says it is ASCII",
        answered(200, '{"status": "正常"}'.encode(), "application/json; charset=us-ascii"),
        "unknown: the body is not us-ascii (byte 12)",
    ),
    Row(
        "UTF-16 that says so",
        answered(200, HEALTHY.decode().encode("utf-16"), "application/json; charset=utf-16"),
        "healthy",
    ),
    *(
        Row(
            f"the charset {charset}",
            answered(200, HEALTHY, f"application/json; charset={charset}"),
            f"unknown: the body has the unknown charset {charset}",
        )
        for charset in ("x-none", "base64", "undefined", "idna", "punycode", "unicode_escape")
    ),
    *(
        Row(
            f"the charset {charset} of RFC 2231",
            answered(200, HEALTHY, f"application/json; charset{charset}"),
            f"unknown: the body has the unknown charset {shown}",
        )
        for charset, shown in [("*=utf-8''%00x", "x"), ('="', '"')]
    ),
    Row("gzip", _gzipped(HEALTHY), "healthy"),
    Row(
        "gzip without its end",
        _gzipped(HEALTHY, kept=-8),
        "unknown: the body ends in the middle of its gzip",
    ),
    Row(
        "gzip in two parts",
        answered(
            200, gzip.compress(HEALTHY) + gzip.compress(b', "but": 1'), content_encoding="gzip"
        ),
        "unknown: the body goes on after the end of its gzip",
    ),
    Row(
        "gzip that is none",
        answered(200, HEALTHY, content_encoding="gzip"),
        "unknown: the body is damaged gzip "
        "(Error -3 while decompressing data: incorrect header check)",
    ),
    Row("deflate", answered(200, zlib.compress(HEALTHY), content_encoding="Deflate"), "healthy"),
    Row(
        "deflate without its wrapper",
        answered(200, zlib.compress(HEALTHY)[2:-4], content_encoding="deflate"),
        "healthy",
    ),
    Row("identity", answered(200, HEALTHY, content_encoding="identity"), "healthy"),
    *(
        Row(
            f"the encoding {encoding}",
            answered(200, HEALTHY, content_encoding=encoding),
            f"unknown: the body has the unknown encoding {encoding}",
        )
        for encoding in ("br", "zstd", "gzip, gzip", "aes128gcm")
    ),
]
