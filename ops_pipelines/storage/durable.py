"""What is on the disk, and not only on its way there, when these functions return."""

import hashlib
import os
from pathlib import Path

CHUNK_BYTES = 1 << 20


def write_through(path: Path, content: bytes) -> None:
    """Write a file and flush it to the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def copy_through(source: Path, target: Path) -> tuple[str, int]:
    """Copy a file to a new one that only its owner can read, and flush it; its SHA-256 and bytes.

    Raises:
        OSError: the source cannot be read, the target cannot be written, or is there already.
    """
    digest, size = hashlib.sha256(), 0
    private = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    with source.open("rb") as read, os.fdopen(os.open(target, private, 0o600), "wb") as written:
        while chunk := read.read(CHUNK_BYTES):
            digest.update(chunk)
            written.write(chunk)
            size += len(chunk)
        written.flush()
        os.fsync(written.fileno())
    return digest.hexdigest(), size


def hash_file(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file, and its bytes."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as read:
        while chunk := read.read(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def flush_folder(folder: Path) -> None:
    """Flush the names in a folder (what was made, renamed, removed) to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
