"""The clock of the database, by which all instances of a cluster date what they store and show."""

from datetime import UTC, datetime, timedelta


class DatabaseClock:
    """The wall clock of this machine, with what the database's is ahead of it."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the time of the database's clock, in UTC; before `note`, that of ours."""
        return datetime.now(UTC) + self._ahead

    def note(self, theirs: datetime, asked_at: datetime) -> None:
        """Take note of the database's answer, `theirs`, to a question asked at a time of ours.

        It was read at some time between the question and now. A difference that this explains
        changes nothing: the time does not jump with the delay of each answer.
        """
        half = (datetime.now(UTC) - asked_at) / 2
        ahead = theirs - asked_at - half
        if abs(ahead - self._ahead) > half:
            self._ahead = ahead
