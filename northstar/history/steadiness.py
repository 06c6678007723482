"""Measure how long the wall clock has kept pace with the monotonic clock.

A clock that is set wrong for a moment must not decide what is deleted.
"""

from collections.abc import Callable
from datetime import datetime

# Larger differences of both clocks are jumps; the system corrects smaller ones all the time.
MOST_DRIFT_S = 60


class Steadiness:
    """Compares the wall clock with `clock`, which is steady, at each `note`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: tuple[datetime, float] | None = None
        self._since = clock()

    def note(self, now: datetime) -> bool:
        """Return whether the wall clock, which shows `now`, has jumped since the last call."""
        read = self._clock()
        before, self._last = self._last, (now, read)
        if before is None:
            return False
        then, read_then = before
        jumped = abs((now - then).total_seconds() - (read - read_then)) > MOST_DRIFT_S
        if jumped:
            self._since = read
        return jumped

    @property
    def held_s(self) -> float:
        """Seconds since the last jump, or since the last `restart`."""
        return self._clock() - self._since

    def restart(self) -> None:
        """Count from now on."""
        self._since = self._clock()
