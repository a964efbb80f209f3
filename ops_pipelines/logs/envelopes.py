"""Lines in which another one is wrapped: Docker's json-file, Kubernetes' CRI, journald's JSON.

Docker and the CRI cut a long line into partial ones; they belong together by stream.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

DOCKER, CRI, JOURNALD = "docker", "cri", "journald"
# https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
_CRI = re.compile(
    rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)) (stdout|stderr) "
    rb"([FP](?::[^ ]*)?)(?: (.*))?",
    re.DOTALL,
)


class Inner(NamedTuple):
    """What was wrapped.

    Attributes:
        kind: which envelope.
        stream: to which stream it was written; partial ones of the same stream belong together.
        text: the line, or the part of it.
        is_whole: whether the line ends with this.
        outer: what the envelope itself says.
    """

    kind: str
    stream: str
    text: bytes
    is_whole: bool
    outer: Mapping[str, Any]


def may_hold(kind: str, path: str) -> bool:
    """Whether an envelope of this kind may have something at `path` itself."""
    if kind == JOURNALD:  # its fields are in capitals
        return path[:1] == "_" or path[:1].isupper()
    return path.split(".", maxsplit=1)[0] in ("log", "stream", "time", "attrs")


def traps(timestamp: str) -> tuple[str, ...]:
    """The keys that tell an envelope, where an envelope itself may have something at `timestamp`.

    A line with such a key must not be read as if there were no envelopes.
    """
    if "." in timestamp or may_hold(DOCKER, timestamp) or may_hold(JOURNALD, timestamp):
        return ("log", "__REALTIME_TIMESTAMP")
    return ()


def of_line(line: bytes) -> Inner | None:
    """What the CRI wrapped into `line`, if it did."""
    match = _CRI.fullmatch(line)
    if match is None:
        return None
    time, stream, tag, text = match.groups()
    said = {"time": time.decode(), "stream": stream.decode()}
    return Inner(CRI, said["stream"], text or b"", tag[:1] == b"F", said)


def of_record(record: Mapping[str, Any]) -> Inner | None:
    """What Docker or journald wrapped into `record`, if one of them did."""
    text = record.get("log")
    stream = record.get("stream")
    if isinstance(text, str) and stream in ("stdout", "stderr") and "time" in record:
        is_whole = text.endswith("\n")
        return Inner(DOCKER, stream, _bytes(text.removesuffix("\n")), is_whole, record)
    if "__REALTIME_TIMESTAMP" in record and "MESSAGE" in record:
        return Inner(JOURNALD, "", _message(record["MESSAGE"]), True, record)
    return None


def _message(message: Any) -> bytes:
    """Journald writes what is not UTF-8 as a list of bytes, and what is too long as null."""
    if isinstance(message, list):
        try:
            return bytes(message)
        except (ValueError, TypeError):
            return b""
    return _bytes(message) if isinstance(message, str) else b""


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
