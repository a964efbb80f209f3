"""How fast the models were in the demo's past: as they are today, with what went wrong.

Over the month the language model became slower with all that it reads and says. Its first token
for a short question, which the probes ask for, came as ever.
"""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from ops_pipelines.demo import embedding, history, troubles
from ops_pipelines.demo.model import FIRST_TOKEN_SECONDS, READING_SECONDS, TOKEN_SECONDS, Saying
from ops_pipelines.demo.past import Past
from ops_pipelines.demo.rhythm import crowd, load

_TIME_AT_FIRST = 0.55  # what a token took thirty days ago, as a share of what it takes today
_HANGS = 1 / 5000
_FALTERS = 1 / 1500


@dataclass(frozen=True, slots=True)
class Minute:
    """What one minute of the past was like.

    Attributes:
        crowd: how many came.
        load: how many times longer than at night the models took.
        token_time: what a token took, as a share of what it takes today.
        first_token_seconds: between how many seconds the first one took, while the language model
            was in trouble.
        embeddings_fail: whether the embedding model was out of order.
        is_probed: whether somebody probed.
    """

    crowd: float
    load: float
    token_time: float
    first_token_seconds: tuple[float, float] | None
    embeddings_fail: bool
    is_probed: bool


def minutes(past: Past, day: date) -> list[Minute]:
    """The minutes of `day`, as far as it is past."""
    incident = troubles.incident(past.now, past.zone)
    outage, gap = (
        troubles.embeddings_outage(past.now, past.zone),
        troubles.gap(past.now, past.zone),
    )
    window = past.window(day)
    found = []
    moment = window.start
    while moment < window.end:
        local = moment.astimezone(past.zone)
        found.append(
            Minute(
                crowd(local),
                load(local),
                1 - (1 - _TIME_AT_FIRST) * ((past.now - moment) / timedelta(days=history.DAYS)),
                troubles.first_token_seconds(moment, incident) if moment in incident else None,
                moment in outage,
                moment not in gap,
            )
        )
        moment += timedelta(minutes=1)
    return found


def llm_seconds(minute: Minute, saying: Saying, chance: random.Random) -> tuple[float, float]:
    """How long the first token of `saying` took, and all of them."""
    pace = _pace(minute, chance)
    reading = READING_SECONDS * minute.token_time * saying.tokens_input
    first = (FIRST_TOKEN_SECONDS + reading) * pace * _give_or_take(chance)
    others = TOKEN_SECONDS * minute.token_time * (saying.tokens_output - 1)
    return first, first + others * pace * _give_or_take(chance)


def ping_seconds(minute: Minute, chance: random.Random) -> float:
    """How long the language model took for the single token that a probe asks for."""
    if minute.first_token_seconds:
        return chance.uniform(*minute.first_token_seconds)
    return FIRST_TOKEN_SECONDS * minute.load * _give_or_take(chance)


def embedding_seconds(minute: Minute, texts: int, batch_size: int, chance: random.Random) -> float:
    """How long the vectors of so many texts took."""
    return embedding.seconds(texts, batch_size) * minute.load * _give_or_take(chance)


def web_seconds(chance: random.Random) -> float:
    """What a request took beside the models."""
    return chance.lognormvariate(-6.5, 0.4)


def _give_or_take(chance: random.Random) -> float:
    """A factor for the work of a model, which varies as it does today."""
    return 0.8 + 0.4 * chance.random()


def _pace(minute: Minute, chance: random.Random) -> float:
    if minute.first_token_seconds:
        return chance.uniform(*minute.first_token_seconds) / FIRST_TOKEN_SECONDS
    luck = chance.random()
    if luck < _HANGS:
        return minute.load * 1000
    return minute.load * (chance.uniform(10, 40) if luck < _HANGS + _FALTERS else 1)
