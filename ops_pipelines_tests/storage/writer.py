"""A process that writes documents to one output as fast as it can, once it is told to go.

python -m ops_pipelines_tests.storage.writer LOCATION NAME DOCUMENTS KEEP
"""

import sys

from ops_pipelines.storage import documents
from ops_pipelines.storage.places import open_folder
from ops_pipelines_tests.storage.making import DAY, report


def write(location: str, name: str, count: int, keep: int) -> None:
    folder = open_folder(location)
    folder.names("")  # opens the connection to an object store
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for n in range(count):
        documents.write(folder, report({"writer": name, "n": n}), DAY, keep=keep)


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
