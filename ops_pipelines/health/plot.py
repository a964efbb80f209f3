"""The two figures of a health report: its day, and the thirty days that end with it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from ops_pipelines import charts
from ops_pipelines.charts import COLORS, Bands, Columns, Lines
from ops_pipelines.coverage import Stretch
from ops_pipelines.health.past import Component, Past
from ops_pipelines.language import _
from ops_pipelines.report import Status
from ops_pipelines.settings.service import Service
from ops_pipelines.window import Window, day_window

MONTH_DAYS = 30
_POINTS = 144
"""Points of a line: the median of each ten minutes of a day."""


def day(past: Past) -> str:
    """How each component was, hour by hour, with its incidents, and how fast it answered."""
    service, window, found = past.service, past.window, past.components
    rows = {_("service"): _bands(past.stretches)}
    rows |= {component.name: _bands(component.stretches) for component in found}
    lines = {c.name: points for c in found if (points := _medians(c, window))}
    gap = max(timedelta(seconds=2 * service.health.interval_seconds), window.duration / _POINTS * 2)
    title = f"{service.name} · {window.start.astimezone(service.zone):%Y-%m-%d}"
    panels: list[charts.Panel] = [
        Bands(_("Status"), rows, _legend(), _shaded(past)),
        Lines(_("Response time"), lines, "s", gap),
    ]
    return charts.figure(title, window, service.zone, panels)


def month(documents: Mapping[date, Mapping[str, Any]], service: Service, last: date) -> str:
    """The service's hours in each status, for each of the thirty days that end with `last`."""
    days = [last - timedelta(days=back) for back in range(MONTH_DAYS)][::-1]
    windows = {day: day_window(day, service.zone) for day in days}
    hours = [
        (windows[day], {_(s): t / 3600 for s, t in documents[day]["facts"]["seconds"].items()})
        for day in days
        if day in documents
    ]
    whole = Window(windows[days[0]].start, windows[last].end)
    title = f"{service.name} · {days[0]} – {last}"
    panel = Columns(_("Hours of each day by status"), hours, _legend(), "h", most=24)
    return charts.figure(title, whole, service.zone, [panel])


def _shaded(past: Past) -> list[Window]:
    """The incidents of the window that were no symptoms, as far as they lie in it."""
    shaded = []
    for incident in past.incidents:
        start = max(incident.start, past.part.start)
        end = min(incident.end or past.part.end, past.part.end)
        if incident.caused_by is None and start < end:
            shaded.append(Window(start, end))
    return shaded


def _legend() -> dict[str, str]:
    return {_(str(status)): COLORS[status] for status in Status}


def _bands(found: Iterable[Stretch]) -> list[tuple[Window, str]]:
    return [(stretch.window, str(stretch.status)) for stretch in found]


def _medians(component: Component, window: Window) -> list[tuple[datetime, float]]:
    """The component's median response time in each part of the window."""
    step = window.duration / _POINTS
    parts: dict[int, list[float]] = {}
    for at, reading in component.readings:
        if reading.response_time_seconds is not None and at in window:
            index = int((at - window.start) / step)
            parts.setdefault(index, []).append(reading.response_time_seconds)
    return [
        (window.start + (index + 0.5) * step, sorted(values)[len(values) // 2])
        for index, values in sorted(parts.items())
    ]
