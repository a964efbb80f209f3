"""The rhythm of the days: how busy the invented company is, and with it its service."""

import math
from datetime import datetime


def load(moment: datetime) -> float:
    """How busy it is at `moment` (in local time): 1 at night, up to 1.6 on working afternoons."""
    hour = moment.hour + moment.minute / 60
    busiest = 0.6 if moment.weekday() < 5 else 0.2
    return 1 + busiest * math.exp(-(((hour - 14) / 4) ** 2))
