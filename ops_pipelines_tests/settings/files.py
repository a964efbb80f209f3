"""Service files for tests, and what is wrong with them."""

from collections.abc import Mapping
from pathlib import Path

from ops_pipelines.errors import SettingsError
from ops_pipelines.report import Problem
from ops_pipelines.settings.load import load_file

BASE = "name: rag\nbase_url: http://localhost:8000\n"
ENVIRONMENT = {
    "RAG_API_KEY": "k-123456",
    "MODEL_API_KEY": "m-123456",
    "OPS_ALERT_URL": "json://localhost",
    "DING_TOKEN": "t-123456",
    "DING_SECRET": "s-123456",
}
"""What the contract's file and the sample take from the environment."""
HERE = "«"
"""Stands in a test's text where the next problem is expected."""


def write(folder: Path, text: str | bytes, name: str = "rag.yaml") -> Path:
    """A service file in the folder `services`."""
    services = folder / "services"
    services.mkdir(exist_ok=True)
    file = services / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def problems_of(file: Path, environment: Mapping[str, str] | None = None) -> list[Problem]:
    """Everything that is wrong with `file`."""
    try:
        load_file(file, environment or {})
    except SettingsError as error:
        return list(error.problems)
    return []


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """`text` without its marks, and the line and column of each."""
    pieces = text.split(HERE)
    places, before = [], ""
    for piece in pieces[:-1]:
        before += piece
        lines = before.split("\n")
        places.append((len(lines), len(lines[-1]) + 1))
    return "".join(pieces), places
