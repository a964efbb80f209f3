"""The figure of a day of the log: its traffic and errors by the hour, and how long answers took."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from ops_pipelines import charts
from ops_pipelines.charts import COLORS, PALETTE, Columns, Heat
from ops_pipelines.language import _
from ops_pipelines.logs.hourly import BOUNDS_SECONDS, Hour
from ops_pipelines.settings.service import Service
from ops_pipelines.window import Window

MOST_TYPES = 6


def day(found: Sequence[Hour], window: Window, service: Service) -> str:
    """The figure of `window`, a day, whose hours with lines are `found`."""
    spans = [_span(hour, window) for hour in found]
    requests = [
        (span, {_("ok"): hour.counts["requests"] - hour.counts["failed"],
                _("failed"): hour.counts["failed"]})
        for span, hour in zip(spans, found, strict=True)
    ]  # fmt: skip
    panels: list[charts.Panel] = [
        Columns(
            _("Requests by the hour"), requests,
            {_("ok"): COLORS["healthy"], _("failed"): COLORS["unhealthy"]}, "",
        ),
        _errors(spans, found),
        Heat(
            _("Response times: how many requests of each hour took how long"), _rows(),
            [(span, hour.bands) for span, hour in zip(spans, found, strict=True)],
        ),
    ]  # fmt: skip
    title = f"{service.name} · {window.start.astimezone(service.zone):%Y-%m-%d}"
    return charts.figure(title, window, service.zone, panels)


def _span(hour: Hour, window: Window) -> Window:
    return Window(hour.start, min(hour.start + timedelta(hours=1), window.end))


def _errors(spans: Sequence[Window], found: Sequence[Hour]) -> Columns:
    total: Counter[str] = Counter()
    for hour in found:
        total.update(hour.error_types)
    common = [name for name, _count in total.most_common(MOST_TYPES)]
    rest = _("all other")
    legend = dict(zip(common, PALETTE, strict=False))
    if len(total) > len(common):
        legend[rest] = PALETTE[-1]
    columns = []
    for span, hour in zip(spans, found, strict=True):
        parts = {name: float(hour.error_types.get(name, 0)) for name in common}
        parts[rest] = parts.get(rest, 0.0) + sum(hour.error_types.values()) - sum(parts.values())
        columns.append((span, parts))
    return Columns(_("Error lines by the hour, by type"), columns, legend, "")


def _rows() -> list[str]:
    """The names of the rows of the heat map, the fastest first."""
    return [*(f"≤ {bound:g} s" for bound in BOUNDS_SECONDS), f"> {BOUNDS_SECONDS[-1]:g} s"]
