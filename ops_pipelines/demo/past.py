"""What the log of the demo's past is made from: when, by which models, about what."""

import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ops_pipelines.demo import history, store, traffic
from ops_pipelines.demo.answering import prompt
from ops_pipelines.demo.configuration import Configuration
from ops_pipelines.demo.model import Saying, say
from ops_pipelines.demo.vectors import vector
from ops_pipelines.window import Window, day_window, local_day


@dataclass(frozen=True, slots=True)
class Past:
    """The past of one demo, seen from `now`.

    Attributes:
        sayings: what the language model says to each of the visitors' questions.
        passages: how many the database holds.
        days: how many there are before today.
    """

    now: datetime
    zone: ZoneInfo
    configuration: Configuration
    sayings: dict[str, Saying]
    passages: int
    days: int = history.DAYS
    seed: int = history.SEED

    @property
    def dates(self) -> list[date]:
        """Its days, today included."""
        today = local_day(self.now, self.zone)
        return [today - timedelta(days=ago) for ago in range(self.days, -1, -1)]

    def window(self, day: date) -> Window:
        """The part of `day` that is past."""
        return day_window(day, self.zone).until(self.now)

    def chance(self, *what: object) -> random.Random:
        """A source of chance for `what`, the same one each time."""
        name = " ".join(map(str, (self.seed, *what)))
        return random.Random(name)  # noqa: S311 - reproducible on purpose

    def local(self, seconds: float) -> datetime:
        """The local time of so many seconds since the epoch."""
        return datetime.fromtimestamp(seconds, self.zone)


def recall(
    now: datetime,
    zone: ZoneInfo,
    configuration: Configuration,
    database: Path,
    *,
    days: int = history.DAYS,
    seed: int = history.SEED,
) -> Past:
    """The past of the demo that has this configuration and database.

    Raises:
        RequestError: the database cannot be read.
    """
    sayings = {
        question: _answer(question, configuration, database) for question in traffic.QUESTIONS
    }
    return Past(now, zone, configuration, sayings, store.count(database), days, seed)


def _answer(question: str, configuration: Configuration, database: Path) -> Saying:
    wanted = vector(question, configuration.embeddings.dimension)
    passages = store.search(database, question, wanted, configuration.retrieval.top_k)
    return say(prompt(question, passages), configuration.llm.max_tokens)
