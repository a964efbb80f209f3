"""The month that the demo's log tells of; the files themselves are in test_log_files."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from ops_pipelines.demo import app, embedding, faults, logs, model, troubles
from ops_pipelines.demo.faults import Fault
from ops_pipelines.demo.running import Running
from ops_pipelines.storage import samples
from ops_pipelines.window import Window
from ops_pipelines_tests.demo import month
from ops_pipelines_tests.demo.month import Line, Month, day_of, hour_of, median_seconds
from ops_pipelines_tests.demo.served import Served

CHAT, EMBED = "tarn-chat-small", "tarn-embed-256"
NIGHT, AFTERNOON = range(2, 6), range(12, 17)


@pytest.fixture(scope="module")
def past(served: Served) -> Month:
    """The past that a demo gets when it is started for the first time."""
    folder = served.home.application / "logs"
    return month.read(folder, served.log()[0]["timestamp"], served.service.zone)


def is_from_people(line: Line) -> bool:
    return not line["endpoint"].startswith("/api/health")


def test_every_line_is_in_order_and_says_in_which_zone(past: Month) -> None:
    times = [line["timestamp"] for line in past.lines]

    assert times == sorted(times)
    assert {time[-6:] for time in times} == {"+08:00"}
    assert times[0][11:16] == "00:00"
    assert past.lines[-1]["message"] == "service stopped"
    assert len({time[:10] for time in times}) == 31


def test_the_live_log_goes_on_in_the_same_file(served: Served, past: Month) -> None:
    text = (past.folder / "rag-system.log").read_bytes()
    last, first = f'"{past.lines[-1]["timestamp"]}"', f'"{served.log()[0]["timestamp"]}"'

    assert 0 <= text.index(last.encode()) < text.index(first.encode())
    assert b'"service started"' in text[text.index(first.encode()) :].splitlines()[0]


def kind(line: Line) -> tuple[Any, ...]:
    """What kind of line it is, as far as it decides which fields there are."""
    return line["message"], line.get("endpoint"), line.get("error_type")


def shape(line: Line) -> list[tuple[str, str]]:
    return [(name, type(value).__name__) for name, value in line.items()]


def test_it_has_the_shape_of_the_live_log(served: Served, past: Month, running: Running) -> None:
    """Every kind of line that the live service is made to write is written in the past as well."""
    shapes = {kind(line): shape(line) for line in past.lines}
    live = {kind(line): line for line in [*_provoked(running), served.log()[0]]}

    assert len(live) == 14
    for what, line in live.items():
        assert shapes[what] == shape(line), what
    levels = {line["message"]: line["level"] for line in live.values()}
    assert {line["message"]: line["level"] for line in past.lines} == {
        **levels,
        "service stopped": "INFO",
    }


def _provoked(running: Running) -> list[Line]:
    """What the log of `running` says of one request of each kind."""
    question = {"question": "What is the refund period?"}
    embed = {"model": EMBED, "input": ["a text"]}
    chat = {"model": CHAT, "messages": [{"content": "a b"}, {"content": "a"}]}

    async def ask() -> None:
        transport = httpx.ASGITransport(app.create(running))
        async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
            for path in ("", "/detailed", "/llm", "/embeddings"):
                await client.get(f"/api/health{path}")
            await client.get("/robots.txt")
            await client.get("/v1/models")
            await client.post("/v1/chat/completions", json=chat)
            await client.post("/v1/chat/completions", json=chat | {"model": "other"})
            await client.post("/v1/embeddings", json=embed)
            await client.post("/api/query", json={})
            await client.post("/api/query", json=question)
            with suppress(UnicodeEncodeError):
                await client.post("/api/query", content=b'{"question": "\\ud800"}')
            faults.switch_on(running.home.faults_file, Fault.FAILING_EMBEDDINGS)
            await client.post("/api/query", json=question)

    with logs.opened(running.home, running.configuration):
        asyncio.run(ask())
    log = running.home.application / running.configuration.logging.file
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()]


def test_everything_that_the_demo_has_is_in_it(served: Served, past: Month) -> None:
    requests = past.requests
    routes = {"/api/query", "/v1/models", "/v1/chat/completions", "/v1/embeddings"}
    health = {f"/api/health{path}" for path in ("", "/detailed", "/llm", "/embeddings")}

    assert {line["endpoint"] for line in requests if line["status"] == 200} == routes | health
    assert {(x["provider"], x["model"]) for x in requests if "model" in x} == {
        ("in-house", CHAT),
        ("in-house", EMBED),
    }
    assert {line["error_type"] for line in requests if "error_type" in line} == {
        "DatabaseError",
        "EmbeddingError",
        "InvalidRequest",
        "ModelNotFound",
        "ModelTimeoutError",
        "ServiceStopping",
        "ServiceUnavailable",
        "UnicodeEncodeError",
    }
    assert {line["status"] for line in requests} == {200, 400, 404, 405, 500, 503, 504}
    version = served.log()[0]["version"]
    started = [line for line in past.lines if line["message"] == "service started"]
    assert {(line["version"], line["passages"]) for line in started} == {(version, 19)}


def test_days_and_weeks_have_a_rhythm(past: Month) -> None:
    days = past.per_day(is_from_people)
    hours = Counter(hour_of(line) for line in past.requests if line["endpoint"] == "/api/query")
    workdays = [n for day, n in days.items() if day.weekday() < 5]
    weekends = [n for day, n in days.items() if day.weekday() >= 5]

    assert len(days) == 30
    assert all(3000 < n < 6000 for n in days.values())
    assert max(weekends) < min(workdays)
    assert sum(hours[hour] for hour in AFTERNOON) / 5 > 2 * sum(hours[h] for h in NIGHT) / 4


def answers(past: Month, hours: Iterable[int]) -> list[Line]:
    """The questions of workdays at such hours, without those of the incident's day."""
    odd = day_of({"timestamp": troubles.incident(past.now, past.zone).iso(past.zone)["start"]})
    at = set(hours)
    return [
        line
        for line in past.requests
        if line["endpoint"] == "/api/query"
        and hour_of(line) in at
        and day_of(line).weekday() < 5
        and day_of(line) not in (odd, past.now.date())
    ]


def test_response_times_follow_the_load(past: Month) -> None:
    quiet, busy = (median_seconds(answers(past, hours)) for hours in (NIGHT, AFTERNOON))
    assert 1.3 * quiet < busy < 1.8 * quiet


def test_the_model_becomes_slower_over_the_month(past: Month) -> None:
    asked = answers(past, AFTERNOON)
    days = sorted({day_of(line) for line in asked})
    medians = [
        median_seconds(line for line in asked if day_of(line) == day)
        for day in (days[0], days[len(days) // 3], days[2 * len(days) // 3], days[-1])
    ]

    assert medians == sorted(medians)
    assert 1.3 < medians[-1] / medians[0] < 1.8
    pings = [
        median_seconds(
            line
            for line in past.requests
            if line["endpoint"] == "/api/health/llm"
            and hour_of(line) in NIGHT
            and day_of(line) in chosen
        )
        for chosen in (days[:8], days[-8:])
    ]
    assert pings[0] == pytest.approx(pings[1], rel=0.05), "the probes' history knows no drift"


def test_it_ends_as_fast_as_the_live_service_is(past: Month, running: Running) -> None:
    """There is no step between the past and the present."""
    live = [line for line in _provoked(running) if line["endpoint"] == "/api/query"][1]
    same = [
        line
        for line in past.within(Window(past.now - timedelta(days=2), past.now), "/api/query")
        if line.get("request_hash") == live["request_hash"] and line["status"] == 200
    ]

    [(read, said)] = {(line["tokens_input"], line["tokens_output"]) for line in same}
    assert (read, said) == (live["tokens_input"], live["tokens_output"])
    model_seconds = model.FIRST_TOKEN_SECONDS + model.READING_SECONDS * read
    model_seconds += model.TOKEN_SECONDS * (said - 1)
    at_night = median_seconds(line for line in same if hour_of(line) in NIGHT)
    assert at_night == pytest.approx(model_seconds + embedding.seconds(1, 32), rel=0.08)


def test_the_incident_is_that_of_the_probes(past: Month) -> None:
    incident = troubles.incident(past.now, past.zone)
    during = past.within(incident, "/api/query")
    before = past.within(Window(incident.start - timedelta(hours=1), incident.start), "/api/query")

    slow = [line for line in during if line["response_time"] > 5]
    assert len(slow) > 0.7 * len(during) > 60
    assert Counter(x.get("error_type") for x in during)["ModelTimeoutError"] > 10
    assert Counter(x.get("error_type") for x in during)["ServiceStopping"] > 0
    assert max(x["in_flight"] for x in during) > max(x["in_flight"] for x in before)
    assert len([x for x in before if x["response_time"] > 5]) < 5
    probes = past.within(incident, "/api/health/llm")
    assert min(line["response_time"] for line in probes) > 1, "the probes saw it, too"
    assert Counter(line["status"] for line in probes) == {200: 51, 503: 1}


def test_no_embeddings_no_answers(served: Served, past: Month) -> None:
    outage = troubles.embeddings_outage(past.now, past.zone)
    restarted = ("ServiceUnavailable", "ServiceStopping")
    during = [
        line
        for line in past.within(outage, "/api/query", "/v1/embeddings")
        if line["status"] != 400 and line.get("error_type") not in restarted
    ]

    failed = [line for line in during if line.get("error_type") == "EmbeddingError"]
    assert len(failed) > 100
    assert len(failed) >= 0.98 * len(during)
    assert {line["model"] for line in failed} == {EMBED}
    chats = past.within(outage, "/v1/chat/completions")
    assert {line["status"] for line in chats} <= {200, 404}
    everywhere = sum(line.get("error_type") == "EmbeddingError" for line in past.requests)
    assert everywhere - len(failed) in (0, 1), "one may end with the outage"
    probed = samples.read(served.service.samples_folder, outage).samples
    words = {x["readings"][0]["status"] for x in probed if x["check"] == "embeddings"}
    assert words == {"unhealthy"}


def test_where_nobody_probed_people_went_on_asking(past: Month) -> None:
    gap = troubles.gap(past.now, past.zone)
    in_gap = past.within(gap)

    assert [line for line in in_gap if not is_from_people(line)] == []
    assert len(in_gap) > 150
    health = past.per_day(lambda line: not is_from_people(line))
    assert Counter(health.values()).most_common(1) == [(4 * 1440, 29)]


def test_nobody_writes_while_the_service_is_down(past: Month) -> None:
    starts = [n for n, line in enumerate(past.lines) if line["message"] == "service started"]
    pauses = {round(_seconds_between(past.lines[n - 1], past.lines[n]), 1) for n in starts}

    assert {past.lines[n - 1]["message"] for n in starts} == {"service stopped"}
    assert pauses == {4}
    assert len(starts) in (6 + 4, 6 + 5), "of the troubles and of the Sundays"
    unclean = [raw for raw in past.unreadable if b"service started" in raw]
    assert [raw[:1] for raw in unclean] == [b"{", b"\0"], "what was left stands before it"
    power_failed = troubles.gap(past.now, past.zone).start
    dark = Window(power_failed - timedelta(seconds=9), power_failed + timedelta(seconds=149))
    assert past.within(dark) == []


def _seconds_between(one: Line, other: Line) -> float:
    first, second = (datetime.fromisoformat(line["timestamp"]) for line in (one, other))
    return (second - first).total_seconds()


def test_errors_are_rare_otherwise(past: Month) -> None:
    errors = past.per_day(lambda line: bool(line["status"] >= 500))

    assert sum(n > 20 for n in errors.values()) == 2
    assert sum(sorted(errors.values())[:-2]) in range(28, 28 * 8)


def test_questions_come_again_so_that_a_cache_would_help(past: Month) -> None:
    asked = [line["request_hash"] for line in past.requests if "request_hash" in line]
    once = [n for n in Counter(asked).values() if n == 1]

    assert len(asked) > 100_000
    assert 0.2 < len(once) / len(asked) < 0.4
    assert Counter(asked).most_common(1)[0][1] > 1000


def test_batches_are_recorded_up_to_their_limit(past: Month) -> None:
    sizes = Counter(line["batch_size"] for line in past.requests if "batch_size" in line)

    assert {x["batch_limit"] for x in past.requests if "batch_limit" in x} == {32}
    assert set(sizes) == {*range(1, 9), 32}
    assert sizes[32] > 500


def test_what_is_no_line_is_of_several_kinds_and_rare(past: Month) -> None:
    found = b"".join(past.unreadable)
    tracebacks = found.count(b"Traceback (most recent call last):")

    unexpected = [x for x in past.requests if x.get("error_type") == "UnicodeEncodeError"]
    assert tracebacks == len(unexpected) > 5
    assert found.count(b"\nUnicodeEncodeError: ") == tracebacks
    kinds = Counter(map(_what_is_wrong, past.unreadable))
    assert set(kinds) == {"continues", "text", "no timestamp", "not UTF-8", "NUL", "torn", "blank"}
    assert (kinds["torn"], kinds["NUL"]) == (1, 1), "a kill and a loss of power"
    assert kinds["text"] > 50
    assert len(past.unreadable) < 0.01 * len(past.lines)
    assert len(past.unreadable) - kinds["continues"] < 0.001 * len(past.lines)


def _what_is_wrong(raw: bytes) -> str:
    for is_so, what in (
        (not raw.strip(), "blank"),
        (b"\0" in raw, "NUL"),
        (raw.startswith(b'{"timestamp"'), "torn"),
        (raw.startswith(b"{"), "no timestamp"),
        (raw.startswith((b" ", b"Traceback", b"Exception", b"Unicode")), "continues"),
        (not raw.isascii(), "not UTF-8"),
        (raw == b"Invalid HTTP request received.\n", "text"),
    ):
        if is_so:
            return what
    return "something else"
