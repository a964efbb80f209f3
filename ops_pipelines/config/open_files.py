"""Which processes have a file open: whoever has goes on using the old one after a swap."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")


class Holder(NamedTuple):
    """A process that has a file open."""

    pid: int
    name: str


def holders(path: Path) -> list[Holder]:
    """The other processes that have `path` open, as far as this user may see them.

    Empty as well where the system has no `/proc`.
    """
    with suppress(OSError):
        wanted = path.stat()
        return [_holder(pid) for pid in _pids() if _has_open(pid, wanted)]
    return []


def _pids() -> Iterator[int]:
    for name in os.listdir(PROC):  # noqa: PTH208 - names are all that is wanted
        if name.isdigit() and int(name) != os.getpid():
            yield int(name)


def _has_open(pid: int, wanted: os.stat_result) -> bool:
    with suppress(OSError):  # it has ended, or is none of this user's
        for handle in (PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):
                if os.path.samestat(handle.stat(), wanted):
                    return True
    return False


def _holder(pid: int) -> Holder:
    with suppress(OSError):
        return Holder(pid, (PROC / str(pid) / "comm").read_text().strip())
    return Holder(pid, "?")
