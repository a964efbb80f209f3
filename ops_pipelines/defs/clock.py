"""The clock, as a resource, so that tests can set it."""

from datetime import UTC, datetime


class Clock:
    """Tells the time."""

    def now(self) -> datetime:
        """The time now, aware."""
        return datetime.now(UTC)
