"""Record whether the source was connected at the close of a day."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Connection:
    """The connection to the source, as far as the close of the current day is concerned."""

    _since: datetime | None = None
    _held_at: datetime | None = None  # a close at which it was open, though it is not any more

    def begin(self, at: datetime) -> None:
        """Note that the source is connected, from `at` on unless it already was."""
        self._since = self._since or at

    def end(self, at: datetime, close: datetime | None) -> None:
        """Note that the source is no longer connected, from `at` on.

        `close` is that of the current day: if it has passed, it counts, though the message that
        ends the day is still to come.
        """
        if close and close <= at and self.was_open(close):
            self.hold(close)
        self._since = None

    def hold(self, close: datetime) -> None:
        """Note that the source was connected at a close."""
        self._held_at = close

    def was_open(self, close: datetime) -> bool:
        """Return whether the source was connected at a close that has passed."""
        return close == self._held_at or (self._since is not None and self._since <= close)
