"""Writes documents and samples until it is killed, and shows at each moment what it is doing.

python -m ops_pipelines_tests.storage.drill_writer [--careless]

What writes is the product. Only its calls to the system are wrapped here: each is shown on a board
in shared memory and comes a moment late, so that a kill can find it in its middle. For each line
`FOLDER` that it reads it starts such a writer as a process of its own, and tells how that ended.
"""

import fcntl
import io
import mmap
import os
import random
import re
import stat
import struct
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from ops_pipelines.storage import documents, samples
from ops_pipelines.storage.folder import LocalFolder
from ops_pipelines_tests.storage.making import DAY, NEXT_DAY, NOON, report

PAUSE_SECONDS = 0.002
KEEP = 3
CONTENTS = ("version", "current", "latest")
STEPS = (
    "between two writes",
    "lock",
    "clear what a killed writer left",
    *(
        f"{content}: {step}"
        for content in CONTENTS
        for step in ("write aside", "flush", "rename", "flush the folder")
    ),
    "remove an old version",
    "append a sample",
)


_PLACES = {"is_writing": 0, "step": 8, "begun": 16, "done": 24}
_SIZE = 32


class Board:
    """Numbers in memory that outlives its writer: all zero at first.

    `begun` and `done` count the documents and samples whose writing was begun, and came to its end.
    """

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(bytes(_SIZE))
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), _SIZE)

    def __getitem__(self, name: str) -> int:
        number: int = struct.unpack_from("q", self._memory, _PLACES[name])[0]
        return number

    def __setitem__(self, name: str, number: int) -> None:
        struct.pack_into("q", self._memory, _PLACES[name], number)


class Shown:
    """The system as the writer meets it: every call is shown, and comes a moment late."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.content = CONTENTS[0]

    def show(self, step: str) -> None:
        self.board["step"] = STEPS.index(step)
        time.sleep(random.uniform(0, PAUSE_SECONDS))

    def show_content(self, name: str, step: str) -> None:
        if re.match(r"\.?\d{8}T", name):
            self.content = "version"
        else:
            self.content = "latest" if "latest" in name else "current"
        self.show(f"{self.content}: {step}")

    def wrap(self) -> None:
        """Stand between the product and the system, in this process."""
        fcntl.flock = self._before(fcntl.flock, lambda *_: self.show("lock"))
        os.fsync = self._before(os.fsync, self._fsync)
        Path.replace = self._before(  # type: ignore[method-assign]
            Path.replace, lambda _, target: self.show_content(target.name, "rename")
        )
        Path.unlink = self._before(Path.unlink, self._unlink)  # type: ignore[method-assign]
        Path.open = self._open(Path.open)  # type: ignore[method-assign]
        os.write = self._write(os.write)

    def _before(self, call: Callable[..., Any], show: Callable[..., None]) -> Callable[..., Any]:
        def shown(*args: Any, **options: Any) -> Any:
            show(*args)
            return call(*args, **options)

        return shown

    def _fsync(self, handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            self.show(f"{self.content}: flush the folder")
        else:
            self.show(f"{self.content}: flush")

    def _unlink(self, path: Path) -> None:
        if path.suffix != ".aside":
            self.show("remove an old version")
        elif path.exists():
            self.show("clear what a killed writer left")

    def _open(self, open_it: Callable[..., Any]) -> Callable[..., Any]:
        shown = self

        class InHalves(io.FileIO):
            def write(self, content: Any) -> int:
                shown.show_content(Path(str(self.name)).name, "write aside")
                return _in_halves(super().write, content)

        def opened(path: Path, mode: str = "r") -> Any:
            return InHalves(path, "wb") if mode == "wb" else open_it(path, mode)

        return opened

    def _write(self, write: Callable[..., int]) -> Callable[..., int]:
        def written(handle: int, line: bytes) -> int:
            self.show("append a sample")
            return _in_halves(lambda part: write(handle, part), line)

        return written


def _in_halves(write: Callable[[Any], int], content: bytes) -> int:
    """Write as a large write does that a kill meets: first one part, then the other."""
    cut = random.randrange(len(content))
    written = write(content[:cut])
    time.sleep(random.uniform(0, PAUSE_SECONDS))
    return written + write(content[cut:])


def write_in_place(folder: LocalFolder, name: str, content: bytes) -> None:
    """How a careless product would write."""
    path = folder.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(content)


def write_on(folder: Path, parent: int) -> None:
    """Write documents 1, 2, 3 …; what a killed writer had begun is written once more."""
    random.seed()
    board = Board(folder / "board")
    shown = Shown(board)
    shown.wrap()
    data = LocalFolder(folder / "data")
    board["is_writing"] = 1
    for n in count(board["done"] + 1):
        board["begun"] = n
        for partition in (DAY, NEXT_DAY):
            shown.show("between two writes")
            text = "x" * random.Random(n).randrange(9000)
            content = report({"n": n, "partition": partition, "text": text})
            documents.write(data, content, partition, keep=KEEP)
        shown.show("between two writes")
        at = datetime.fromtimestamp(NOON.timestamp() + n, UTC).isoformat()
        samples.append(folder / "samples", [{"at": at, "check": "api", "slot": at, "n": n}])
        board["done"] = n
        if os.getppid() != parent:  # the drill itself was stopped
            return


def main() -> None:
    if "--careless" in sys.argv:
        LocalFolder.write = write_in_place  # type: ignore[assignment, method-assign]
    for line in sys.stdin:
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            write_on(Path(line.strip()), parent)
            return
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
