"""The requests of the demo's past, drawn as the live demo would have got and answered them."""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ops_pipelines.demo import traffic
from ops_pipelines.demo.answering import question_hash
from ops_pipelines.demo.model import Saying, say
from ops_pipelines.demo.past import Past
from ops_pipelines.demo.past_models import (
    Minute,
    embedding_seconds,
    llm_seconds,
    minutes,
    ping_seconds,
    web_seconds,
)
from ops_pipelines.demo.words import tokens

Facts = dict[str, Any]

_QUERY = ("/api/query", "POST")
_CHAT = ("/v1/chat/completions", "POST")
_NO_QUESTION = 1 / 150
_NO_TEXT = 1 / 5000  # a question that UTF-8 cannot say, which the service does not expect
_LOST_DATABASE = 1 / 2500
_OTHER_MODEL = 1 / 60
_STRAY_PAUSE_SECONDS = 1500
_STRAYS = ("/", "/favicon.ico", "/robots.txt", "/.env", "/api/status", "/api/query")
_INGEST = time(2, 10)
_INGESTED_TEXTS = 64


class Request(NamedTuple):
    """A request: its start in seconds since the epoch, its length, and what the log says of it."""

    start: float
    seconds: float
    endpoint: str
    method: str
    status: int
    facts: Facts

    @property
    def end(self) -> float:
        """When it was answered."""
        return self.start + self.seconds


@dataclass(frozen=True, slots=True)
class _Day:
    past: Past
    date: date
    start: float
    end: float
    minutes: list[Minute]
    chance: random.Random

    def minute(self, moment: float) -> Minute:
        """The minute of `moment`; the last one for what goes on after this day."""
        return self.minutes[min(int((moment - self.start) / 60), len(self.minutes) - 1)]


def of_day(past: Past, day: date) -> list[Request]:
    """The requests that began on `day`, as if the service had never been stopped."""
    window = past.window(day)
    start, end = window.start.timestamp(), window.end.timestamp()
    drawn = _Day(past, day, start, end, minutes(past, day), past.chance(day))
    if not drawn.minutes:
        return []
    return [
        *_questions(drawn),
        *_program(drawn),
        *_ingest(drawn),
        *_strays(drawn),
        *_probes(drawn),
    ]


def ingest_time(day: date, zone: ZoneInfo) -> float:
    """When the nightly run of `day` begins that reads the company's documents."""
    return datetime.combine(day, _INGEST, zone).timestamp()


def _questions(day: _Day) -> Iterator[Request]:
    """What the visitors asked; no more of it was at work at once than the configuration has it."""
    chance = day.chance
    at_work = [0.0] * day.past.configuration.performance.max_concurrent_requests
    for moment in _arrivals(day, traffic.PAUSE_SECONDS / traffic.VISITORS):
        luck = chance.random()
        if luck < _NO_QUESTION:
            yield _rejected(day, moment, _QUERY, 400)
        elif luck < _NO_QUESTION + _NO_TEXT:
            facts = {"error_type": "UnicodeEncodeError"}
            yield Request(moment, web_seconds(chance), *_QUERY, 500, facts)
        else:
            begun = max(moment, at_work[0])
            seconds, status, facts = _answer(day, day.minute(begun))
            heapq.heapreplace(at_work, begun + seconds)
            whole = begun + seconds + web_seconds(chance) - moment
            yield Request(moment, whole, *_QUERY, status, facts)


def _answer(day: _Day, minute: Minute) -> tuple[float, int, Facts]:
    """How long a question took that was taken up in `minute`, and what became of it."""
    question = traffic.choose(day.chance)
    worded = traffic.worded(question, day.chance)
    section = day.past.configuration.embeddings
    facts: Facts = {"request_hash": question_hash(worded)}
    to_embed = embedding_seconds(minute, 1, section.batch_size, day.chance)
    failed = "DatabaseError" if day.chance.random() < _LOST_DATABASE else None
    failed = "EmbeddingError" if minute.embeddings_fail else failed
    if failed:
        facts |= {"provider": section.provider, "model": section.model, "error_type": failed}
        return to_embed, 500, facts
    saying = day.past.sayings[question]
    seconds, status, more = _ask_model(day, minute, saying, len(tokens(worded[len(question) :])))
    return to_embed + seconds, status, facts | more


def _ask_model(
    day: _Day, minute: Minute, saying: Saying, more_tokens: int = 0
) -> tuple[float, int, Facts]:
    section = day.past.configuration.llm
    facts: Facts = {"provider": section.provider, "model": section.model}
    first, whole = llm_seconds(minute, saying, day.chance)
    if whole > section.timeout:
        return section.timeout, 504, {**facts, "error_type": "ModelTimeoutError"}
    facts["tokens_input"] = saying.tokens_input + more_tokens
    facts["tokens_output"] = saying.tokens_output
    facts["first_token_seconds"] = round(first, 4)
    return whole, 200, facts


def _program(day: _Day) -> Iterator[Request]:
    """What the program did that uses the models."""
    chance, most_tokens = day.chance, day.past.configuration.llm.max_tokens
    for moment in _arrivals(day, traffic.PAUSE_SECONDS * traffic.PROGRAM_PAUSES):
        listed = Request(moment, web_seconds(chance), "/v1/models", "GET", 200, {})
        yield listed
        asked = listed.end + web_seconds(chance)
        if chance.random() < _OTHER_MODEL:
            yield _rejected(day, asked, _CHAT, 404, "ModelNotFound")
            continue
        saying = say(traffic.conversation(chance), most_tokens)
        seconds, status, facts = _ask_model(day, day.minute(asked), saying)
        chat = Request(asked, seconds + web_seconds(chance), *_CHAT, status, facts)
        yield chat
        texts = traffic.texts(chance)
        used = sum(len(tokens(text)) for text in texts)
        yield _embedded(day, chat.end + web_seconds(chance), len(texts), used)


def _ingest(day: _Day) -> Iterator[Request]:
    """What the nightly run had embedded."""
    moment = ingest_time(day.date, day.past.zone)
    for _number in range(day.chance.randint(20, 60)):
        used = day.chance.randint(40 * _INGESTED_TEXTS, 110 * _INGESTED_TEXTS)
        request = _embedded(day, moment, _INGESTED_TEXTS, used)
        if request.end < day.end:
            yield request
        moment = request.end + day.chance.uniform(0.01, 0.3)


def _embedded(day: _Day, moment: float, texts: int, used: int) -> Request:
    section, minute = day.past.configuration.embeddings, day.minute(moment)
    facts: Facts = {
        "provider": section.provider,
        "model": section.model,
        "tokens_input": used,
        "batch_size": min(texts, section.batch_size),
        "batch_limit": section.batch_size,
    }
    status = 200
    if minute.embeddings_fail:
        status, facts["error_type"] = 500, "EmbeddingError"
    seconds = embedding_seconds(minute, texts, section.batch_size, day.chance)
    whole = seconds + web_seconds(day.chance)
    return Request(moment, whole, "/v1/embeddings", "POST", status, facts)


def _strays(day: _Day) -> Iterator[Request]:
    """What came by mistake, or from those who try all doors."""
    moment = day.start
    while (moment := moment + day.chance.expovariate(1 / _STRAY_PAUSE_SECONDS)) < day.end:
        path = day.chance.choice(_STRAYS)
        yield _rejected(day, moment, (path, "GET"), 405 if path == "/api/query" else 404)


def _rejected(
    day: _Day,
    moment: float,
    where: tuple[str, str],
    status: int,
    error_type: str = "InvalidRequest",
) -> Request:
    facts = {"error_type": error_type}
    return Request(moment, web_seconds(day.chance) / 2, *where, status, facts)


def _probes(day: _Day) -> Iterator[Request]:
    """What the service file has probed each minute, when somebody did."""
    chance, batch_size = day.chance, day.past.configuration.embeddings.batch_size
    slot = -(-day.start // 60) * 60
    while slot + 60 <= day.end:
        minute = day.minute(slot)
        if minute.is_probed:
            moment = slot + chance.uniform(0.2, 3)
            llm = ping_seconds(minute, chance)
            beside = embedding_seconds(minute, 1, batch_size, chance)
            vectors = embedding_seconds(minute, 1, batch_size, chance)
            for path, seconds in (
                ("", 0.0),
                ("/detailed", max(llm, beside)),
                ("/llm", llm),
                ("/embeddings", vectors),
            ):
                whole = seconds + web_seconds(chance)
                yield Request(moment, whole, f"/api/health{path}", "GET", 200, {})
        slot += 60


def _arrivals(day: _Day, mean_pause_seconds: float) -> Iterator[float]:
    """When somebody came: after such pauses when most come, and rarer otherwise."""
    chance, moment = day.chance, day.start
    while (moment := moment + chance.expovariate(1 / mean_pause_seconds)) < day.end:
        if chance.random() < day.minute(moment).crowd:
            yield moment
