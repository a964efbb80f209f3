"""Figures as SVG, drawn from data; knows no task.

A figure is a title over panels that share one axis of time: rows of coloured bands, lines, stacked
columns, or a heat map. Text stays text, so that the reader's browser brings the font (Chinese
included), and a figure of a day is a few kilobytes: it is kept in Dagster's event log with each
version.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from ops_pipelines.window import Window

WIDTH, LEFT, RIGHT, TOP = 900, 150, 20, 50
ROW, PANEL, LEGEND, GAP = 18, 110, 18, 44
PER_LEGEND_LINE = 5
LABEL = 20  # the room for a label, in letters
COLORS = {
    "healthy": "#2f9e6e",
    "degraded": "#e9a820",
    "unhealthy": "#d64545",
    "unknown": "url(#unknown)",
}
SHADE = "#f6c9c9"
PALETTE = ("#3b6fb6", "#c8553d", "#4a9c7d", "#8b5fbf", "#c99a2e", "#4aa3b5", "#a54f7a", "#6b7280")
FONT = "system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
_STEPS = [timedelta(hours=h) for h in (1, 2, 3, 4, 6, 12, 24, 48, 120, 240, 720)]
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HATCH = (
    '<pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="6" height="6" fill="#eceef1"/>'
    '<line x1="0" y1="0" x2="0" y2="6" stroke="#9aa2ad" stroke-width="2"/></pattern>'
)


@dataclass(frozen=True, slots=True)
class Bands:
    """Rows of stretches of time: `{label: [(window, kind)]}`, kinds being keys of `COLORS`.

    `shaded` are stretches that stand out behind all rows.
    """

    title: str
    rows: Mapping[str, Sequence[tuple[Window, str]]]
    legend: Mapping[str, str]
    shaded: Sequence[Window] = ()

    @property
    def height(self) -> int:
        """In pixels, without the title."""
        return ROW * len(self.rows)

    def draw(self, axis: "Axis", top: float) -> Iterable[str]:
        """Its SVG elements."""
        for window in self.shaded:
            x, width = axis.span(window)
            yield _rect(x, top - 3, width, self.height + 6, SHADE)
        for index, (label, spans) in enumerate(self.rows.items()):
            y = top + index * ROW
            yield _text(LEFT - 8, y + 12, _short(label), anchor="end")
            for window, kind in spans:
                x, width = axis.span(window)
                yield _rect(x, y + 2, width, ROW - 4, COLORS[kind])


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of values over time: `{label: [(time, value)]}`; broken where `gap` passes."""

    title: str
    series: Mapping[str, Sequence[tuple[datetime, float]]]
    unit: str
    gap: timedelta

    height: int = PANEL

    @property
    def legend(self) -> Mapping[str, str]:
        """What each colour means."""
        return {label: _color(index) for index, label in enumerate(self.series)}

    def draw(self, axis: "Axis", top: float) -> Iterable[str]:
        """Its SVG elements."""
        scale = Scale.over((v for points in self.series.values() for _, v in points), top, PANEL)
        yield from scale.draw(self.unit)
        for index, points in enumerate(self.series.values()):
            path = self._path(points, axis, scale)
            yield (
                f'<path d="{path}" fill="none" stroke="{_color(index)}" stroke-width="1.3" '
                'stroke-linecap="round"/>'
            )

    def _path(self, points: Sequence[tuple[datetime, float]], axis: "Axis", scale: "Scale") -> str:
        drawn, before = [], None
        for at, value in points:
            place = f"{axis.x(at):.1f} {scale.y(value):.1f}"
            is_first = before is None or at - before > self.gap
            drawn.append(f"M{place}h0" if is_first else f"L{place}")  # h0: a lone point is a dot
            before = at
        return "".join(drawn)


@dataclass(frozen=True, slots=True)
class Columns:
    """Stacked columns: `[(window, {label: value})]`, stacked in the order of the legend.

    `most` is the end of the value axis, unless a column is higher; without it a round number is.
    """

    title: str
    columns: Sequence[tuple[Window, Mapping[str, float]]]
    legend: Mapping[str, str]
    unit: str
    most: float | None = None

    height: int = PANEL

    def draw(self, axis: "Axis", top: float) -> Iterable[str]:
        """Its SVG elements."""
        highest = max((sum(parts.values()) for _, parts in self.columns), default=0)
        scale = Scale.over([highest], top, PANEL)
        if self.most:
            scale = Scale(top, PANEL, max(self.most, highest))
        yield from scale.draw(self.unit)
        for window, parts in self.columns:
            x, width = axis.span(window)
            below = 0.0
            for label, color in self.legend.items():
                above = below + parts.get(label, 0.0)
                if above > below:
                    y = scale.y(above)
                    yield _rect(x + 0.8, y, max(width - 1.6, 0.5), scale.y(below) - y, color)
                below = above


@dataclass(frozen=True, slots=True)
class Heat:
    """A heat map: for each stretch of time how many of each row, as the strength of its colour.

    `rows` are the labels from the lowest up; `columns` are `[(window, count of each row)]`. The
    strength grows with the root of the count, so that few stay visible beside many.
    """

    title: str
    rows: Sequence[str]
    columns: Sequence[tuple[Window, Sequence[float]]]

    @property
    def legend(self) -> Mapping[str, str]:
        """None: the rows say what they are."""
        return {}

    @property
    def height(self) -> int:
        """In pixels, without the title."""
        return ROW * len(self.rows)

    def draw(self, axis: "Axis", top: float) -> Iterable[str]:
        """Its SVG elements."""
        most = max((count for _, counts in self.columns for count in counts), default=0)
        for index, label in enumerate(self.rows):
            y = top + self.height - (index + 1) * ROW
            yield _text(LEFT - 8, y + 12, _short(label), anchor="end")
            yield _rect(LEFT, y + 1, WIDTH - RIGHT - LEFT, ROW - 2, "#f4f5f7")
            for window, counts in self.columns:
                if counts[index]:
                    x, width = axis.span(window)
                    shade = math.sqrt(counts[index] / most)
                    yield _rect(x + 0.8, y + 1, max(width - 1.6, 0.5), ROW - 2, _heat(shade))


Panel = Bands | Lines | Columns | Heat


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis of time that all panels of a figure share."""

    window: Window
    zone: ZoneInfo

    def x(self, moment: datetime) -> float:
        """Where `moment` lies, in pixels."""
        share = (moment - self.window.start).total_seconds() / max(self.window.seconds, 1)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def span(self, window: Window) -> tuple[float, float]:
        """The left edge and the width of `window`, in pixels."""
        x = self.x(window.start)
        return x, max(self.x(window.end) - x, 0.4)

    def draw(self, top: float, bottom: float) -> Iterable[str]:
        """Its ticks and their labels."""
        step = next(
            (s for s in _STEPS if self.window.seconds / s.total_seconds() <= 12), _STEPS[-1]
        )
        label = "%H:%M" if step < timedelta(days=1) else "%m-%d"
        day = self.window.start.astimezone(self.zone).date()
        tick = datetime.combine(day, time(), self.zone)
        while tick <= self.window.end:
            if tick >= self.window.start:
                x = self.x(tick)
                shown = tick.astimezone(UTC).astimezone(self.zone)  # 02:00 may not exist: 03:00
                yield _line(x, top, x, bottom, "#e3e6ea")
                yield _text(x, bottom + 14, f"{shown:{label}}", anchor="middle")
            tick += step  # by the wall clock, so that labels stay round when clocks change


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis of values from zero to a round number."""

    top: float
    height: float
    most: float

    @classmethod
    def over(cls, values: Iterable[float], top: float, height: float) -> "Scale":
        """One that holds all of `values`, which are finite and not negative."""
        most = max(values, default=0) or 1
        magnitude = 10.0 ** max(math.floor(math.log10(most)), -300)
        rounded = next(
            m * magnitude for m in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if m * magnitude >= most
        )
        return cls(top, height, rounded)

    def y(self, value: float) -> float:
        """Where `value` lies, in pixels."""
        return self.top + self.height * (1 - value / self.most)

    def draw(self, unit: str) -> Iterable[str]:
        """Its grid and labels."""
        for share in (0, 0.5, 1):
            y = self.y(self.most * share)
            yield _line(LEFT, y, WIDTH - RIGHT, y, "#e3e6ea")
            yield _text(LEFT - 8, y + 4, f"{self.most * share:g} {unit}".strip(), anchor="end")


def figure(title: str, window: Window, zone: ZoneInfo, panels: Sequence[Panel]) -> str:
    """An SVG document: `panels` below one another, over one axis of time."""
    axis = Axis(window, zone)
    drawn: list[str] = []
    y = float(TOP)
    for panel in panels:
        drawn.append(_text(LEFT, y, panel.title, bold=True))
        drawn += _legend(panel.legend, y + LEGEND)
        y += LEGEND * (1 + math.ceil(len(panel.legend) / PER_LEGEND_LINE))
        drawn += panel.draw(axis, y - 4)
        y += panel.height + GAP
    bottom = y - GAP
    grid = list(axis.draw(TOP + LEGEND, bottom))
    body = "".join([*grid, *drawn])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 22:g}" '
        f'width="{WIDTH}" height="{bottom + 22:g}" font-family="{FONT}" font-size="11" '
        f'fill="#2b323b"><defs>{_HATCH}</defs><rect width="100%" height="100%" fill="#ffffff"/>'
        f'<text x="16" y="24" font-size="15" font-weight="600">{_escaped(title)}</text>{body}</svg>'
    )


def _color(index: int) -> str:
    return PALETTE[index % len(PALETTE)]


def _heat(shade: float) -> str:
    """The colour of a share between 0 and 1: from the paper's to a dark red."""
    light, dark = (253, 236, 214), (150, 24, 36)
    mixed = (round(a + (b - a) * shade) for a, b in zip(light, dark, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _legend(legend: Mapping[str, str], top: float) -> Iterable[str]:
    for index, (label, color) in enumerate(legend.items()):
        x = LEFT + 140 * (index % PER_LEGEND_LINE)
        y = top + LEGEND * (index // PER_LEGEND_LINE)
        yield _rect(x, y - 8, 10, 8, color)
        yield _text(x + 14, y, _short(label))


def _short(label: str) -> str:
    """`label`, cut where it has no room; a Chinese character takes that of two letters."""
    widths = [2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in label]
    if sum(widths) <= LABEL:
        return label
    fitting = sum(room < LABEL for room in accumulate(widths))
    return f"{label[:fitting]}…"


def _escaped(text: str) -> str:
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text))


def _text(x: float, y: float, text: str, anchor: str = "start", *, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{_escaped(text)}</text>'


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, color: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}"/>'
