"""Writes numbered lines to a log, and opens it anew on SIGHUP, until its standard input is closed.

python -m ops_pipelines_tests.config.log_writer LOG LINES_A_SECOND

At the end it prints how many lines it wrote. A rate of 0 is as fast as it can.
"""

import os
import select
import signal
import sys
import time

BATCH_SECONDS = 0.01


def write_on(log: str, rate: int) -> int:
    asked: list[int] = []
    signal.signal(signal.SIGHUP, lambda *_: asked.append(1))
    file = _opened(log)
    sys.stdout.write("writing\n")
    sys.stdout.flush()
    written, begun = 0, time.monotonic()
    while not select.select([sys.stdin], [], [], 0)[0]:
        due = int((time.monotonic() - begun) * rate) if rate else written + 100
        now = int(time.time())
        for n in range(written, due):
            line = b'{"n": %d, "timestamp": %d, "message": "request", "level": "INFO"}\n' % (n, now)
            os.write(file, line)
        written = max(written, due)
        if asked:
            asked.clear()
            os.close(file)
            file = _opened(log)
        if rate:
            time.sleep(BATCH_SECONDS)
    return written


def _opened(log: str) -> int:
    return os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)


if __name__ == "__main__":
    sys.stdout.write(f"{write_on(sys.argv[1], int(sys.argv[2]))}\n")
