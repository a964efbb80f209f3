import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops_pipelines.charts import (
    COLORS,
    LEFT,
    RIGHT,
    ROW,
    WIDTH,
    Bands,
    Columns,
    Heat,
    Lines,
    Scale,
    figure,
)
from ops_pipelines.window import Window, day_window

BERLIN, SHANGHAI = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai")
START = datetime(2026, 7, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = Window(START, START + 24 * HOUR)
HOSTILE = "<b>&amp; \"'\x00\x1b\ud800\uffff]]> 数据库"
Panel = Bands | Lines | Columns | Heat


def bands(label: str = "api", window: Window = DAY) -> Bands:
    return Bands("Status", {label: [(window, "healthy")]}, {"healthy": COLORS["healthy"]})


def lines(*points: tuple[float, float], label: str = "api") -> Lines:
    """Points as (hours after the start, value); a gap is more than an hour."""
    series = [(START + hours * HOUR, value) for hours, value in points]
    return Lines("Response time", {label: series}, "s", gap=HOUR)


def columns(*heights: float, most: float | None = None) -> Columns:
    found = [
        (Window(START + n * HOUR, START + (n + 1) * HOUR), {"healthy": height})
        for n, height in enumerate(heights)
    ]
    return Columns("Hours", found, {"healthy": COLORS["healthy"]}, "h", most)


def drawn(*panels: Panel, window: Window = DAY, zone: ZoneInfo = SHANGHAI) -> ET.Element:
    """The figure, read by a parser that takes nothing but well-formed XML."""
    return ET.fromstring(figure("rag-system", window, zone, panels))


def found(svg: ET.Element, tag: str) -> list[ET.Element]:
    return svg.findall(f".//{{http://www.w3.org/2000/svg}}{tag}")


def texts(svg: ET.Element) -> list[str]:
    return [element.text or "" for element in found(svg, "text")]


def bars(svg: ET.Element) -> list[tuple[float, float, float, float]]:
    """x, y, width and height of what is drawn in the colour of healthy, without the legend."""
    return [
        (float(r.get("x", 0)), float(r.get("y", 0)), float(r.get("width", 0)), height)
        for r in found(svg, "rect")
        if r.get("fill") == COLORS["healthy"] and (height := float(r.get("height", 0))) != 8
    ]


def test_a_figure_is_well_formed_and_says_what_it_shows() -> None:
    svg = drawn(bands(), lines((1, 0.2), (2, 0.4)), columns(3, 5))
    shown = texts(svg)
    assert shown.count("rag-system") == 1
    assert {"Status", "Response time", "Hours", "api", "healthy"} <= set(shown)


def test_an_empty_figure_is_well_formed_too() -> None:
    empty = Window(START, START)
    drawn(Bands("a", {}, {}), Lines("b", {}, "s", HOUR), Columns("c", [], {}, ""), window=empty)
    drawn(lines(), columns())


def test_texts_are_escaped_and_what_xml_cannot_hold_is_replaced() -> None:
    svg = figure(HOSTILE, DAY, SHANGHAI, [bands(HOSTILE), lines((1, 1), label=HOSTILE)])
    shown = texts(ET.fromstring(svg))
    assert "<b>&amp; \"'����]]> 数据库" in shown
    assert svg.encode().decode() == svg


@given(st.text(st.characters(), max_size=40))
def test_whatever_a_component_is_called_the_figure_stays_well_formed(name: str) -> None:
    svg = drawn(bands(name), lines((1, 1), label=name))
    assert len(found(svg, "path")) == 1


def test_a_long_label_is_cut_so_that_it_stays_inside_the_figure() -> None:
    assert "embedding-service-w…" in texts(drawn(bands("embedding-service-with-a-long-name")))
    assert "向量数据库检索服务…" in texts(drawn(bands("向量数据库检索服务的主节点与副本")))
    assert "just-twenty-letters!" in texts(drawn(bands("just-twenty-letters!")))


def test_a_band_spans_its_time() -> None:
    whole = bars(drawn(bands()))
    assert [(x, width) for x, _, width, _ in whole] == [(LEFT, WIDTH - LEFT - RIGHT)]
    half = bars(drawn(bands(window=Window(START + 12 * HOUR, DAY.end))))
    assert half[0][0] == pytest.approx(LEFT + (WIDTH - LEFT - RIGHT) / 2)


def test_a_moment_is_still_seen_in_a_month() -> None:
    month = Window(START, START + timedelta(days=30))
    moment = Window(START + HOUR, START + HOUR + timedelta(seconds=1))
    assert bars(drawn(bands(window=moment), window=month))[0][2] >= 0.4


def path_of(*points: tuple[float, float]) -> str:
    return found(drawn(lines(*points)), "path")[0].get("d", "")


def test_a_line_is_broken_where_there_is_a_gap() -> None:
    assert re.sub(r"[\d. ]+", "", path_of((1, 1), (2, 1), (5, 1), (6, 1))) == "MhLMhL"
    assert path_of((1, 1), (2, 1), (2.5, 1)).count("M") == 1


def test_a_point_between_two_gaps_is_drawn_as_a_dot() -> None:
    svg = drawn(lines((1, 1), (5, 1), (9, 1)))
    (path,) = found(svg, "path")
    assert path.get("d", "").count("h0") == 3
    assert path.get("stroke-linecap") == "round"


@pytest.mark.parametrize(
    ("most", "labels"),
    [
        (0.0, ["0 s", "0.5 s", "1 s"]),
        (0.23, ["0 s", "0.15 s", "0.3 s"]),
        (1.0, ["0 s", "0.5 s", "1 s"]),
        (1.01, ["0 s", "0.75 s", "1.5 s"]),
        (74.0, ["0 s", "40 s", "80 s"]),
        (999.0, ["0 s", "500 s", "1000 s"]),
    ],
)
def test_a_scale_begins_at_zero_and_ends_at_a_round_number(most: float, labels: list[str]) -> None:
    shown = texts(drawn(lines((1, most), (2, most / 2))))
    assert [text for text in shown if text.endswith(" s")] == labels


@given(st.lists(st.floats(0, 1e300), max_size=5))
def test_every_value_lies_inside_the_scale_and_the_highest_uses_half_of_it(
    values: list[float],
) -> None:
    scale = Scale.over(values, top=50, height=100)
    assert all(50 <= scale.y(value) <= 150 for value in values)
    if max(values, default=0) > 1e-290:
        assert min(map(scale.y, values)) <= 101


def test_columns_stack_from_zero_and_share_their_scale() -> None:
    (_, y1, _, height1), (_, y2, _, height2) = bars(drawn(columns(5, 10)))
    assert (height1, height2) == (55, 110)
    assert y1 + height1 == y2 + height2


def test_the_end_of_a_scale_may_be_given_and_a_higher_column_still_fits() -> None:
    shown = texts(drawn(columns(12, most=24)))
    assert "24 h" in shown
    of_25_hours = drawn(columns(24, 25, most=24))
    assert "25 h" in texts(of_25_hours)
    assert [height for *_, height in bars(of_25_hours)] == [pytest.approx(105.6), 110]


def test_the_axis_counts_in_the_zones_own_hours() -> None:
    window = day_window(date(2026, 7, 1), SHANGHAI)
    hours = [text for text in texts(drawn(window=window)) if ":" in text]
    assert hours == [f"{hour:02d}:00" for hour in range(0, 24, 2)] + ["00:00"]


@pytest.mark.parametrize(
    ("day", "first_hours"),
    [("2026-03-29", ["00:00", "03:00", "04:00"]), ("2026-10-25", ["00:00", "03:00", "06:00"])],
)
def test_labels_stay_round_and_true_on_days_when_clocks_change(
    day: str, first_hours: list[str]
) -> None:
    window = day_window(date.fromisoformat(day), BERLIN)
    svg = drawn(window=window, zone=BERLIN)
    hours = [text for text in texts(svg) if ":" in text]
    assert hours[:3] == first_hours
    ticks = [float(line.get("x1", 0)) for line in found(svg, "line")]
    assert ticks == sorted(set(ticks))


def test_the_axis_of_a_month_counts_in_days() -> None:
    month = Window(START, START + timedelta(days=30))
    assert "07-06" in texts(drawn(window=month, zone=ZoneInfo("UTC")))


@given(st.integers(1, 360 * 24 * 60))
def test_an_axis_has_labels_and_not_too_many(minutes: int) -> None:
    window = Window(START, START + timedelta(minutes=minutes))
    assert 1 <= len(texts(drawn(window=window, zone=ZoneInfo("UTC")))) - 1 <= 14


def heat(*columns: list[float]) -> Heat:
    """A column an hour, with the counts of the rows fast and slow."""
    found = [
        (Window(START + n * HOUR, START + (n + 1) * HOUR), counts)
        for n, counts in enumerate(columns)
    ]
    return Heat("Response times", ["fast", "slow"], found)


def cells(svg: ET.Element) -> list[tuple[float, float, str]]:
    """x, y and colour of what is drawn of a heat map: its cells, without their ground."""
    return [
        (float(r.get("x", 0)), float(r.get("y", 0)), str(r.get("fill")))
        for r in found(svg, "rect")
        if r.get("height") == f"{ROW - 2:.1f}" and r.get("fill") != "#f4f5f7"
    ]


def test_a_cell_of_a_heat_map_stands_in_its_hour_and_row_and_the_lowest_row_is_below() -> None:
    svg = drawn(heat([5, 0], [0, 5]))
    (x_fast, y_fast, _), (x_slow, y_slow, _) = sorted(cells(svg))
    assert x_slow - x_fast == pytest.approx((WIDTH - LEFT - RIGHT) / 24, abs=0.1)
    assert y_fast - y_slow == ROW
    assert {"fast", "slow"} <= set(texts(svg))


def test_more_of_a_cell_is_darker_and_none_is_not_drawn() -> None:
    found = cells(drawn(heat([1, 100], [0, 25])))
    assert len(found) == 3
    brightness = {fill: sum(bytes.fromhex(fill[1:])) for _, _, fill in found}
    assert brightness[found[0][2]] != brightness[found[1][2]]
    assert min(brightness.values()) == sum(bytes.fromhex("961824")), "the most is the darkest"


def test_a_heat_map_without_anything_is_well_formed() -> None:
    assert cells(drawn(heat())) == []
    assert cells(drawn(heat([0, 0]))) == []
