"""A small log for the tests of commands, and a service that has it."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FIRST = datetime.fromisoformat("2026-11-24T10:00:00+00:00")


def record(number: int, **more: Any) -> dict[str, Any]:
    """The line so many minutes after the first one."""
    return {
        "timestamp": (FIRST + timedelta(minutes=number)).isoformat(),
        "level": "INFO",
        "message": "request completed",
        "endpoint": "/api/query",
        "response_time": 0.5,
        "provider": "openai",
        "model": "gpt-4o",
        **more,
    }


def failed(number: int, **more: Any) -> dict[str, Any]:
    """A request that failed slowly."""
    return record(number, **{"level": "ERROR", "error_type": "timeout", "response_time": 7, **more})


def write(path: Path, *records: dict[str, Any] | str) -> Path:
    """A log with these lines."""
    lines = (line if isinstance(line, str) else json.dumps(line) for line in records)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def service(folder: Path, logs: str, more: str = "") -> Path:
    """A service file with this `logs` section."""
    path = folder / "rag.yaml"
    path.write_text(f"name: rag\nbase_url: http://127.0.0.1:1\n{more}logs: {logs}\n")
    return path
