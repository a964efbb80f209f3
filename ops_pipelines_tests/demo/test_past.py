"""How the demo's past is drawn, where the log of a month would not show it for sure."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from ops_pipelines.demo import past_lines, past_requests, troubles
from ops_pipelines.demo.past import recall
from ops_pipelines.demo.past_requests import Request
from ops_pipelines.demo.running import Running
from ops_pipelines.window import day_window, local_day
from ops_pipelines_tests.demo.test_answering import changed

NOW = datetime(2026, 3, 30, 17, 45, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def test_questions_wait_for_each_other_as_configured(running: Running) -> None:
    """With room for a single one they are answered in their order, however long each takes."""
    one = changed(running, "performance", max_concurrent_requests=1)
    past = recall(NOW, ZONE, one.configuration, one.database)
    trouble = troubles.incident(NOW, ZONE)
    day = past_requests.of_day(past, local_day(trouble.start, ZONE))
    worked_on = [
        request
        for request in day
        if request.status in (200, 504)
        and request.endpoint == "/api/query"
        and trouble.start.timestamp() < request.start < trouble.end.timestamp()
    ]

    assert len(worked_on) > 100
    assert all(before.end < after.end for before, after in pairwise(worked_on))
    assert max(request.seconds for request in worked_on) > 60


def test_what_is_answered_after_midnight_is_a_line_of_the_next_day(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = recall(NOW, ZONE, running.configuration, running.database, days=2)
    first, second, third = past.dates
    midnight = day_window(second, ZONE).start.timestamp()
    late = Request(midnight - 0.5, 1, "/api/query", "GET", 405, {"error_type": "InvalidRequest"})
    monkeypatch.setattr(past_requests, "of_day", lambda _past, day: [late] * (day == first))
    lines = {
        day: [entry for entry in entries if b"/api/query" in entry.content]
        for day, entries in past_lines.of_days(past)
    }

    assert [len(lines[day]) for day in (first, second, third)] == [0, 1, 0]
    assert lines[second][0].content.startswith(f'{{"timestamp": "{second}T00:00:00.5'.encode())
