"""The clock of the database, by which all instances of a cluster date what they store and show."""

from datetime import UTC, datetime, timedelta


class DatabaseClock:
    """The wall clock of this machine, corrected by its offset from the database's clock."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the time of the database's clock, in UTC; before `note`, that of our clock."""
        return datetime.now(UTC) + self._ahead

    def note(self, theirs: datetime, asked_at: datetime) -> None:
        """Take the database's time, `theirs`, which was requested at `asked_at` by our clock.

        It was read at some time between the request and now. A difference that this explains
        changes nothing: the time does not jump with the delay of each answer.
        """
        half = (datetime.now(UTC) - asked_at) / 2
        ahead = theirs - asked_at - half
        if abs(ahead - self._ahead) > half:
            self._ahead = ahead
