"""The demo's log: one JSON object a line, in a file that makes room for a new one in time."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from logging.handlers import RotatingFileHandler
from typing import Any

from typing_extensions import override

from ops_pipelines.demo.configuration import Configuration
from ops_pipelines.demo.home import Home

_log = logging.getLogger(__name__)
_encode = json.JSONEncoder(ensure_ascii=False).encode


@contextmanager
def opened(home: Home, configuration: Configuration) -> Iterator[None]:
    """Write to the file that the configuration names, inside the block."""
    section = configuration.logging
    path = home.application / section.file
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        path,
        maxBytes=round(section.max_size_mb * 1_000_000),
        backupCount=section.backup_count,
        encoding="utf-8",
    )
    handler.setFormatter(_JsonLine())
    _log.setLevel(section.level)
    _log.propagate = False
    _log.addHandler(handler)
    try:
        yield
    finally:
        _log.removeHandler(handler)
        handler.close()


def write(message: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write one line. Fields that are None are left out."""
    known = {name: value for name, value in fields.items() if value is not None}
    _log.log(level, message, extra={"fields": known})


def line(moment: datetime, level: str, message: str, fields: Mapping[str, Any]) -> str:
    """The line of `moment` (in local time), without its end."""
    timestamp = moment.isoformat(timespec="milliseconds")
    return _encode({"timestamp": timestamp, "level": level, "message": message, **fields})


class _JsonLine(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = getattr(record, "fields", {})
        moment = datetime.fromtimestamp(record.created).astimezone()
        return line(moment, record.levelname, record.getMessage(), fields)
