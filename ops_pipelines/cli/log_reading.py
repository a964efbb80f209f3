"""How lines are read when a command is handed files: by options, over a service's settings."""

import argparse
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from ops_pipelines.errors import InputError
from ops_pipelines.language import _
from ops_pipelines.logs import planning
from ops_pipelines.logs.plan import FIELDS, Plan
from ops_pipelines.settings import presets
from ops_pipelines.settings.line_reading import Fields, LineReading, combined
from ops_pipelines.settings.logs import Logs
from ops_pipelines.settings.service import Service
from ops_pipelines.window import Window, parse_time

_UNITS = (":s", ":ms", ":us", ":ns")
_EARLIEST = datetime.fromisoformat("1970-01-01T00:00:00Z")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The window, and how lines are read."""
    parser.add_argument("--hours", type=hours, metavar="N", help=_("the last N hours (24)"))
    parser.add_argument("--since", metavar="T", help=_("from this ISO time or date on"))
    parser.add_argument("--until", metavar="T", help=_("up to this ISO time or date"))
    parser.add_argument(
        "--all", action="store_true", help=_("whatever the time; default for FILEs")
    )
    parser.add_argument("--preset", metavar="NAME", help=_("read lines by this named mapping"))
    parser.add_argument(
        "--map", nargs="+", action="extend", default=[], metavar="FIELD=PATH",
        help=_("where a field stands; FIELD=PATH:ms for one in milliseconds"),
    )  # fmt: skip
    add_zone(parser)


def hours(text: str) -> float:
    """A number of hours, as an option has it.

    Raises:
        ValueError: it is none; argparse says so.
    """
    found = float(text)
    if not 0 < found < 24 * 366 * 50:
        raise ValueError(text)
    return found


def add_zone(parser: argparse.ArgumentParser) -> None:
    """`--timezone`."""
    parser.add_argument("--timezone", metavar="ZONE", help=_("of days and of naive times"))


def zone_of(options: argparse.Namespace, service: Service | None) -> ZoneInfo:
    """The timezone in which days and windows are meant.

    Raises:
        InputError: the option names none.
    """
    if options.timezone is None:
        return service.zone if service else ZoneInfo("UTC")
    try:
        return ZoneInfo(options.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError("logs.bad_timezone", name=options.timezone) from None


def plan_of(options: argparse.Namespace, logs: Logs | None, zone: ZoneInfo) -> Plan:
    """How lines are read: `--map` over `--preset`, or else over the settings of a service.

    Raises:
        InputError: an option names no preset, no field or no path.
    """
    reading = logs.reading if logs else LineReading()
    if options.preset is not None:
        if options.preset not in presets.names():
            raise InputError("logs.no_preset", name=options.preset, known=presets.names())
        reading = presets.preset(options.preset)
    reading = combined(reading, LineReading(fields=_fields(options.map)))
    naive = logs.timestamp_timezone if logs and options.timezone is None else None
    slow_seconds = logs.slow_seconds if logs else Logs.model_fields["slow_seconds"].default
    return planning.make(reading, ZoneInfo(naive) if naive else zone, slow_seconds)


def window_of(
    options: argparse.Namespace, service: Service | None, zone: ZoneInfo, now: datetime
) -> Window | None:
    """The time that is asked for; None for all of it, as is usual for files without a service.

    Raises:
        InputError: an option is no time, or the time is empty.
    """
    is_asked = any(value is not None for value in (options.hours, options.since, options.until))
    if options.all or not (is_asked or service):
        return None
    end = _time(options.until, zone) if options.until else now
    if options.since:
        start = _time(options.since, zone)
    elif options.until and options.hours is None:
        start = _EARLIEST
    else:
        start = end - timedelta(hours=24 if options.hours is None else options.hours)
    if start >= end:
        raise InputError("logs.empty_window", start=start.isoformat(), end=end.isoformat())
    return Window(start, end)


def _time(text: str, zone: ZoneInfo) -> datetime:
    try:
        return parse_time(text, zone)
    except ValueError:
        raise InputError("logs.bad_time", text=text) from None


def _fields(mappings: list[str]) -> Fields:
    found: dict[str, Any] = {}
    for text in filter(lambda text: "=" in text, mappings):
        field, _, path = text.partition("=")
        path, _, unit = path.rpartition(":") if path.endswith(_UNITS) else (path, "", "")
        found[field] = {"path": path, "unit": unit} if unit else path
    try:
        return Fields.model_validate(found)
    except ValidationError as error:
        wrong = str(error.errors()[0]["loc"][0])
        text = next(text for text in mappings if text.startswith(f"{wrong}="))
        raise InputError("logs.bad_mapping", text=text, known=FIELDS) from None
