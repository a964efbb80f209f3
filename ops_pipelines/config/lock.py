"""One deed at a time on the snapshots of a service.

The lock is the kernel's: it ends with the process that holds it, however that ends. What stands in
the file only tells others who holds it.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ops_pipelines.errors import StorageError
from ops_pipelines.storage.folder import as_storage_error

WAIT_SECONDS = 60.0
_PAUSE_SECONDS = 0.1


@contextmanager
def held(file: Path, deed: str, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock `file` inside the block; `deed` says what for.

    Raises:
        StorageError: somebody else still held it after `wait_seconds`; the error says who.
    """
    with as_storage_error(str(file)):
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + wait_seconds
        while not _try(handle):
            if time.monotonic() >= deadline:
                raise StorageError("backup.held", where=str(file.parent), **_holder(handle))
            time.sleep(_PAUSE_SECONDS)
        with as_storage_error(str(file)):
            _sign(handle, deed)
        yield
    finally:
        os.close(handle)


def _try(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(handle: int, deed: str) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps({"pid": os.getpid(), "deed": deed, "since": since}).encode(), 0)


def _holder(handle: int) -> dict[str, object]:
    """What the holder wrote into the file; it may be writing it just now."""
    with suppress(ValueError):
        found = json.loads(os.pread(handle, 1000, 0))
        return {name: found.get(name) for name in ("pid", "deed", "since")}
    return dict.fromkeys(("pid", "deed", "since"), "?")
