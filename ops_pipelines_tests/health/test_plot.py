"""The figures of a report: well-formed, every component by name, the same for the same data."""

from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

from ops_pipelines.health import plot
from ops_pipelines.health.past import Past, look_back
from ops_pipelines.health.summary import summarize
from ops_pipelines.language import speaking
from ops_pipelines.settings.service import Service
from ops_pipelines.storage.samples import Sample, Samples
from ops_pipelines.window import day_window

DAY = date(2025, 11, 24)
SERVICE = Service.model_validate(
    {
        "name": "rag",
        "base_url": "http://127.0.0.1:1",
        "timezone": "Asia/Shanghai",
        "health": {"checks": [{"name": "api", "url": "/"}]},
    },
    context={"folder": "/nowhere/services"},
)
WINDOW = day_window(DAY, SERVICE.zone)
NAMES = ("llm", "大模型", '<b>&"quoted"</b>')


def samples_of_a_day() -> Samples:
    return Samples([_sample(minute) for minute in range(0, 24 * 60, 10)])


def _sample(minute: int) -> Sample:
    at = (WINDOW.start + timedelta(minutes=minute)).isoformat()
    statuses = ("healthy", "degraded", "unhealthy", "unknown")
    readings = [{"status": "healthy", "seconds": 0.1 + minute / 1000}]
    readings += [
        {"component": name, "status": statuses[minute // 60 % 4], "seconds": 0.2} for name in NAMES
    ]
    return {"at": at, "slot": at, "check": "api", "readings": readings}


def texts(svg: str) -> set[str]:
    return {element.text or "" for element in ET.fromstring(svg).iter() if element.text}


def past_of(samples: Samples) -> Past:
    return look_back(samples, SERVICE, WINDOW, WINDOW.end)


def a_day(samples: Samples) -> str:
    return plot.day(past_of(samples))


def test_a_day_shows_the_service_and_every_component_by_name() -> None:
    found = texts(a_day(samples_of_a_day()))
    assert {"rag · 2025-11-24", "service", "api", "Status", "Response time", *NAMES} <= found
    assert {"healthy", "degraded", "unhealthy", "unknown"} <= found


def test_a_day_without_samples_is_a_figure_as_well() -> None:
    assert "rag · 2025-11-24" in texts(a_day(Samples([])))


def test_the_same_samples_give_the_same_figure() -> None:
    assert a_day(samples_of_a_day()) == a_day(samples_of_a_day())


def test_a_figure_of_a_day_is_small() -> None:
    minutely = Samples([_sample(minute) for minute in range(24 * 60)])
    assert len(a_day(minutely)) < 60_000


@pytest.mark.parametrize("reported", [0, 15, 30])
def test_a_month_shows_the_days_that_have_a_report(reported: int) -> None:
    days = [DAY - timedelta(days=back) for back in range(reported)]
    report = summarize(past_of(samples_of_a_day()), WINDOW.end).document()
    svg = plot.month(dict.fromkeys(days, report), SERVICE, DAY)
    assert "rag · 2025-10-26 – 2025-11-24" in texts(svg)
    columns = [rect for rect in ET.fromstring(svg).iter() if rect.tag.endswith("rect")]
    assert (len(columns) > 10) == bool(reported)


def test_a_figure_speaks_the_readers_language() -> None:
    with speaking("zh"):
        assert ET.fromstring(a_day(samples_of_a_day())) is not None
