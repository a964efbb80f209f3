"""The rhythm of the days: how busy the invented company is, and with it its service."""

import math
from datetime import datetime


def load(moment: datetime) -> float:
    """How busy it is at `moment` (in local time): 1 at night, up to 1.6 on working afternoons."""
    return 1 + 0.6 * _bustle(moment)


def crowd(moment: datetime) -> float:
    """How many come at `moment` (in local time): 1 on working afternoons, 0.3 of that at night."""
    return 0.3 + 0.7 * _bustle(moment)


def _bustle(moment: datetime) -> float:
    hour = moment.hour + moment.minute / 60
    busiest = 1 if moment.weekday() < 5 else 1 / 3
    return busiest * math.exp(-(((hour - 14) / 4) ** 2))
