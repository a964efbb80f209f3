"""The lines of the demo's past: of its requests, its stops and starts, and what else got in."""

import logging
import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from ops_pipelines.demo import logs, past_requests, troubles
from ops_pipelines.demo.past import Past
from ops_pipelines.demo.past_requests import Facts, Request
from ops_pipelines.demo.request_log import described, outcome
from ops_pipelines.demo.troubles import Restart

_TRACEBACK = (Path(__file__).parent / "templates" / "traceback.txt").read_bytes()
_ADDRESS = "http://127.0.0.1:8000"
_INVALID_PAUSE_SECONDS = 20_000


class Entry(NamedTuple):
    """What was written to the log at one moment, in seconds since the epoch: mostly one line."""

    at: float
    content: bytes


def of_days(past: Past) -> Iterator[tuple[date, list[Entry]]]:
    """Each day of the past with what was written on it, in order."""
    unanswered: list[Request] = []
    for day in past.dates:
        midnight = past.window(day).end.timestamp()
        restarts = troubles.restarts(day, past.now, past.zone)
        restarts = [restart for restart in restarts if _up_again(restart) < midnight]
        requests = unanswered + past_requests.of_day(past, day)
        for restart in restarts:
            requests = [kept for request in requests for kept in _through(restart, request)]
        unanswered = [request for request in requests if request.end >= midnight]
        answered = [request for request in requests if request.end < midnight]
        entries = [*_of_requests(answered, past), *_beside(past, day)]
        for restart in restarts:
            entries += _of_restart(restart, past)
        if day == past.dates[-1]:
            entries.append(_told(past.now.timestamp(), "service stopped", past))
        yield day, sorted(entries, key=lambda entry: entry.at)


def _through(restart: Restart, request: Request) -> Iterator[Request]:
    """What a restart makes of `request`: nothing, where nobody was there to write of it."""
    at = restart.at.timestamp()
    if at - restart.refusing_seconds <= request.start < at:
        facts = {"error_type": "ServiceUnavailable"}
        seconds = 0.0003 + request.seconds / 1000
        yield request._replace(seconds=seconds, status=503, facts=facts)
    elif request.start < at <= request.end and restart.left is None:
        facts = {**_known_before_the_end(request.facts), "error_type": "ServiceStopping"}
        seconds = 0.999 * (at - request.start)
        yield request._replace(seconds=seconds, status=503, facts=facts)
    elif request.end < at or request.start >= _up_again(restart):
        yield request


def _known_before_the_end(facts: Facts) -> Facts:
    """What of `facts` is known while a request is at work; the language model's come last."""
    if "tokens_output" not in facts:
        return facts
    later = ("tokens_input", "tokens_output", "first_token_seconds")
    return {name: value for name, value in facts.items() if name not in later}


def _of_requests(requests: Iterable[Request], past: Past) -> Iterator[Entry]:
    ordered = sorted(requests, key=lambda request: request.end)
    starts = sorted(request.start for request in ordered)
    for answered, request in enumerate(ordered):
        end = request.end
        message, level = outcome(request.status)
        fields = described(request.endpoint, request.method, request.status, request.facts)
        fields["response_time"] = round(request.seconds, 6)
        fields["in_flight"] = bisect_right(starts, end) - answered
        name = logging.getLevelName(level)
        line = logs.line(past.local(end), name, message, fields).encode() + b"\n"
        if request.facts.get("error_type") == "UnicodeEncodeError":
            line += _TRACEBACK
        yield Entry(end, line)


def _of_restart(restart: Restart, past: Past) -> Iterator[Entry]:
    at = restart.at.timestamp()
    if restart.left is None:
        yield _told(at, "service stopped", past)
    else:
        yield Entry(at, restart.left)
    yield _told(
        _up_again(restart),
        "service started",
        past,
        version=past.configuration.app.version,
        address=_ADDRESS,
        passages=past.passages,
    )


def _told(at: float, message: str, past: Past, **fields: str | int) -> Entry:
    return Entry(at, logs.line(past.local(at), "INFO", message, fields).encode() + b"\n")


def _up_again(restart: Restart) -> float:
    return (restart.at + timedelta(seconds=restart.down_seconds)).timestamp()


def _beside(past: Past, day: date) -> Iterator[Entry]:
    """What others wrote into the log: a web server, and the run that reads the documents."""
    chance = past.chance(day, "beside")
    window = past.window(day)
    moment, end = window.start.timestamp(), window.end.timestamp()
    while (moment := moment + chance.expovariate(1 / _INVALID_PAUSE_SECONDS)) < end:
        yield Entry(moment, b"Invalid HTTP request received.\n")
    ingested = past_requests.ingest_time(day, past.zone) + chance.uniform(60, 90)
    if ingested < end:
        yield Entry(ingested, _ingested(chance))


def _ingested(chance: random.Random) -> bytes:
    """What the nightly run said: sometimes in the words of another age, or nothing at all."""
    text = b'{"job": "ingest", "failed": 0, "seconds": %.1f}\n' % chance.uniform(4, 30)
    if chance.random() < 0.3:
        text = b"skipped r\xe9sum\xe9.md: its name is not UTF-8\n" + text
    return text if chance.random() < 0.7 else b"\n" + text
