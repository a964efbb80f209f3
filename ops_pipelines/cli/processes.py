"""The processes that `up` starts: begun together, ended together, whatever ends first.

Each carries a token in its environment, and so does all that it starts in turn. When `up` ends, in
whatever way, everything that carries its token is ended: by `up` itself, or, when that was killed,
by the guardian, a process that does nothing but wait for the end of a pipe from `up`.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from uuid import uuid4

import psutil

from ops_pipelines.errors import OpsError

TOKEN = "OPS_UP_TOKEN"  # noqa: S105 - the name of a variable, and no secret
GRACE_SECONDS = 5.0
POLL_SECONDS = 0.25


@dataclass(slots=True)
class Household:
    """What one `up` has started.

    Attributes:
        logs: the folder that takes each child's output, a file each.
        environment: what every child gets.
    """

    logs: Path
    environment: Mapping[str, str]
    token: str = field(default_factory=lambda: uuid4().hex)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def watch(self) -> None:
        """Start the guardian. It ends when this process does, and everything else with it."""
        for old in self.logs.glob("*.log"):
            old.unlink()
        self.children["guardian"] = self._popen(
            [sys.executable, "-m", "ops_pipelines.cli.guardian", self.token],
            "guardian",
            subprocess.PIPE,
        )

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a child; its output goes to `<name>.log`."""
        self.children[name] = self._popen(command, name, subprocess.DEVNULL)

    def restart(self, name: str) -> None:
        """End a child and start it again with the same command."""
        child = self.children[name]
        child.terminate()
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
        self.start(name, [str(part) for part in child.args])  # type: ignore[union-attr]

    def check(self) -> None:
        """Make sure that every child is still there.

        Raises:
            OpsError: one has ended; its log says why.
        """
        for name, child in self.children.items():
            if (exit_code := child.poll()) is not None:
                log = str(self.log(name))
                raise OpsError("up.child_died", name=name, exit_code=exit_code, log=log)

    def wait(self, is_done: Callable[[], bool], what: str, seconds: float = 120.0) -> None:
        """Wait until `is_done`, for at most `seconds`, while every child is still there.

        Raises:
            OpsError: it takes too long, or a child has ended.
        """
        started = time.monotonic()
        while not is_done():
            self.check()
            if time.monotonic() - started > seconds:
                raise OpsError("up.too_slow", what=what, seconds=seconds, logs=str(self.logs))
            time.sleep(POLL_SECONDS)

    def log(self, name: str) -> Path:
        """Where a child's output goes."""
        return self.logs / f"{name}.log"

    def end(self) -> None:
        """End every process that carries the token, the guardian last."""
        guardian = self.children.pop("guardian", None)
        end_all(self.token, spare=guardian.pid if guardian else 0)
        for child in self.children.values():
            child.wait()
        if guardian and guardian.stdin:
            guardian.stdin.close()
            guardian.wait()

    def _popen(self, command: Sequence[str], name: str, stdin: int) -> subprocess.Popen[bytes]:
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log(name).open("ab") as log:
            return _popen(command, {**self.environment, TOKEN: self.token}, stdin, log)


def end_all(token: str, spare: int = 0) -> None:
    """End every process that carries `token`, but this one and the one with the id `spare`."""
    spared = (os.getpid(), spare)
    for seconds, end in ((GRACE_SECONDS, psutil.Process.terminate), (2.0, psutil.Process.kill)):
        for process in _carriers(token, spared):
            with suppress(psutil.NoSuchProcess):
                end(process)
        until = time.monotonic() + seconds
        # Those that have ended carry no token any more, be they reaped by their parent or not.
        while _carriers(token, spared) and time.monotonic() < until:
            time.sleep(0.05)


def ignore_terminal() -> None:
    """Take no notice of Ctrl-C, a closed terminal or a plain `kill`."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _carriers(token: str, spared: Container[int]) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid not in spared and process.environ().get(TOKEN) == token:
                found.append(process)
        except (psutil.Error, OSError):  # gone meanwhile, or somebody else's
            continue
    return found


def _popen(
    command: Sequence[str], environment: Mapping[str, str], stdin: int, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """In a session of its own: Ctrl-C reaches `up` alone, which then ends all in order."""
    return subprocess.Popen(
        list(command),
        env=dict(environment),
        stdin=stdin,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
