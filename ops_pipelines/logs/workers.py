"""Runs work in this process and in others beside it; results come in the order of the tasks.

The others are fresh interpreters that get pickled tasks on their standard input and answer on their
standard output: nothing of the process that asks (Dagster's threads) is in them, and they end when
it does. A worker that dies gives its task back.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import IO, Any, Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def results(
    work: Callable[[Task], Result], tasks: Sequence[Task], processes: int
) -> Generator[Result, None, None]:
    """What `work`, a function of a module, makes of each of `tasks`."""
    others = min(processes, len(tasks)) - 1
    if others < 1:
        yield from map(work, tasks)
        return
    shared = _Shared(work, tasks)
    workers = [_start() for _ in range(others)]
    threads = [threading.Thread(target=shared.delegate, args=(w,), daemon=True) for w in workers]
    for thread in threads:
        thread.start()
    try:
        for index in range(len(tasks)):
            yield shared.result(index)
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


class _Shared(Generic[Task, Result]):
    """The tasks that wait, and the results that are there."""

    def __init__(self, work: Callable[[Task], Result], tasks: Sequence[Task]) -> None:
        self.work, self.tasks = work, tasks
        self.waiting = deque(range(len(tasks)))
        self.found: dict[int, Result] = {}
        self.changed = threading.Condition()

    def result(self, index: int) -> Result:
        """One result; until it is there, this process works as well."""
        while True:
            with self.changed:
                if index in self.found:
                    return self.found.pop(index)
                own = self._next()
                if own is None:
                    self.changed.wait()
                    continue
            self._keep(own, self.work(self.tasks[own]))

    def delegate(self, worker: "subprocess.Popen[bytes]") -> None:
        """Have `worker` do tasks, one after the other."""
        while (index := self._next()) is not None:
            try:
                answer = _ask(worker, (self.work, self.tasks[index]))
            except (OSError, EOFError, pickle.UnpicklingError):  # it died
                with self.changed:
                    self.waiting.appendleft(index)
                    self.changed.notify_all()
                return
            self._keep(index, answer)

    def _next(self) -> int | None:
        try:
            return self.waiting.popleft()
        except IndexError:
            return None

    def _keep(self, index: int, result: Result) -> None:
        with self.changed:
            self.found[index] = result
            self.changed.notify_all()


def _start() -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", __name__]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _ask(worker: "subprocess.Popen[bytes]", question: Any) -> Any:
    if worker.stdin is None or worker.stdout is None:
        raise EOFError
    pickle.dump(question, worker.stdin)
    worker.stdin.flush()
    return pickle.load(worker.stdout)  # noqa: S301 - our own process wrote it


def _serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Do what is asked until nobody asks any more."""
    while True:
        try:
            work, task = pickle.load(questions)  # noqa: S301 - the process that started us wrote it
        except EOFError:
            return
        pickle.dump(work(task), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    own_output = sys.stdout.buffer
    sys.stdout = sys.stderr
    _serve(sys.stdin.buffer, own_output)
