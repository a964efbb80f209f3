"""Puts small files into their places, whole or not at all."""

import os
from pathlib import Path


def put(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write `content` aside and rename it to `path`, so that no reader sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}.aside")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    aside.replace(path)


def put_if_missing(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write `content` to `path`, unless something is there already."""
    if not path.exists():
        put(path, content, mode)
