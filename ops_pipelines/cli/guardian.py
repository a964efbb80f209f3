"""The guardian of `up`: waits until it is gone, then ends what it left behind."""

import sys

from ops_pipelines.cli.processes import end_all, ignore_terminal

if __name__ == "__main__":
    ignore_terminal()
    sys.stdin.buffer.read()  # ends when the last holder of the pipe's other end does
    end_all(sys.argv[1])
