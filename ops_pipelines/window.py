"""Windows of time: half-open, aware, tiling without gap or overlap.

Times are kept in UTC, so that differences are true durations: Python subtracts two times of one
zone by their wall clocks, which is wrong by an hour on the days when clocks change.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The time `[start, end)`; both are aware and kept in UTC.

    Raises:
        ValueError: a time is naive, or the end lies before the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a window needs aware times")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.end < self.start:
            raise ValueError(f"a window cannot end ({self.end}) before it starts ({self.start})")

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    @property
    def duration(self) -> timedelta:
        """Its length."""
        return self.end - self.start

    @property
    def seconds(self) -> float:
        """Its length in seconds."""
        return self.duration.total_seconds()

    def until(self, moment: datetime) -> "Window":
        """The part of it that lies before `moment`; empty if none does."""
        return Window(self.start, min(self.end, max(self.start, moment)))

    def widened(self, before: timedelta) -> "Window":
        """The same window, beginning earlier."""
        return Window(self.start - before, self.end)

    def iso(self, zone: ZoneInfo | None = None) -> dict[str, str]:
        """`{start, end}` as ISO 8601 text, in `zone` (UTC without one)."""
        return {
            "start": self.start.astimezone(zone or UTC).isoformat(),
            "end": self.end.astimezone(zone or UTC).isoformat(),
        }


def day_window(day: date, zone: ZoneInfo) -> Window:
    """The calendar day `day` in `zone`: 24 hours, or 23 or 25 when clocks change."""
    return Window(
        datetime.combine(day, time(), zone), datetime.combine(day + timedelta(days=1), time(), zone)
    )


def local_day(moment: datetime, zone: ZoneInfo) -> date:
    """The calendar day in `zone` to which `moment` belongs."""
    return moment.astimezone(zone).date()


def parse_time(text: str, zone: ZoneInfo) -> datetime:
    """A time from ISO 8601 text or a plain date; in `zone` where the text names no offset.

    Raises:
        ValueError: the text is neither.
    """
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
