"""Layer 1, the text."""

from pathlib import Path

from ops_pipelines.errors import InputError


def read_text(path: Path) -> str:
    """The text of `path`.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise InputError("file.unreadable", file=str(path), detail=error.strerror) from None
