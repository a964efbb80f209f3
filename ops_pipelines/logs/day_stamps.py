"""Which state of the log each stored day was made from: so that late lines are noticed.

A stamp (`History.stamp`) is local, like the parts behind it; without any no day counts as late.
"""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from ops_pipelines.logs.history import History
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.folder import LocalFolder

_NAME = "log_days.json"


def late_days(service: Service, history: History, before: date) -> list[date]:
    """The days before `before` that were made once, and got other lines since."""
    made = _read(service)
    return [
        day
        for day in history.days
        if day < before and made.get(day.isoformat(), history.stamp(day)) != history.stamp(day)
    ]


def note(service: Service, stamps: Mapping[date, str]) -> None:
    """Note from what days were made."""
    noted = {day.isoformat(): stamp for day, stamp in stamps.items()}
    whole = json.dumps({**_read(service), **noted}, sort_keys=True)
    LocalFolder(Path(service.state_dir)).write(_NAME, whole.encode())


def _read(service: Service) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(
            LocalFolder(Path(service.state_dir)).read(_NAME) or b"{}"
        )
    except ValueError:  # damaged: as if no day had been made
        return {}
    return found
