"""Age of the data: measured when a message arrives, and growing until the next one."""

from datetime import datetime

from northstar.domain.clocks import IN_STEP_S, Mark, SourceClock
from northstar.domain.snapshot import Snapshot


class DataAge:
    """Measures the age of the current state, in seconds.

    A timestamp that advanced is measured by `source_clock`. A state sent again with the same
    timestamp only gets older. Totals that moved under the same timestamp are as old as the first
    state with this timestamp was when it arrived, so a source whose timestamps are whole minutes
    stays live. If the very first timestamp has not changed for `stale_after_s`, such totals are
    new.
    """

    def __init__(self, started: Mark, stale_after_s: float) -> None:
        self.source_clock = SourceClock()
        self._stale_after_s = stale_after_s
        self._fresh: Mark | None = None  # when the data had age 0
        self._last = started  # the last arrival
        self._lived_s = 0.0  # time passed until then, with sleeps
        self._arrived: Mark | None = None  # when the last accepted state arrived
        self._stamped: Mark | None = None  # when the present timestamp arrived first
        self._stamped_age_s: float | None = None  # its age then, None where that is unknown

    def at(self, now: Mark) -> float | None:
        """Return the age at `now`; None before the first message."""
        return None if self._fresh is None else self._fresh.passed_s(now)

    def restore(self, age_s: float, now: Mark) -> None:
        """Start with a stored state of this age."""
        self._fresh, self._stamped = now.earlier(age_s), now

    def note(self, before: Snapshot | None, after: Snapshot, arrived: datetime, now: Mark) -> float:
        """Take an accepted state that arrived `now`; return its age."""
        lived_s = self._live(now)
        if self._fresh is None or before is None or after.instant != before.instant:
            ahead_s = (after.instant - arrived).total_seconds()
            age_s = self.source_clock.age_s(ahead_s, lived_s)
            follows = self._arrived and self._arrived.passed_s(now) < self._stale_after_s
            self._stamped_age_s = age_s if follows else None
            self._stamped = now
            self._fresh = now.earlier(age_s)
        elif (after.revenue, after.expenses) != (before.revenue, before.expenses):
            self._note_moved_totals(now)
        self._arrived = now
        return self._fresh.passed_s(now)

    def note_refused(self, ahead_s: float, now: Mark) -> None:
        """Take the time of a message that was refused as out of order."""
        self.source_clock.note_refused(ahead_s, self._live(now))

    def _note_moved_totals(self, now: Mark) -> None:
        if self._stamped_age_s is not None:
            self._fresh = now.earlier(self._stamped_age_s)
        elif self._stamped and self._stamped.passed_s(now) >= self._stale_after_s:
            self._fresh = now

    def _live(self, now: Mark) -> float:
        """Return the time passed so far; it never goes back and includes sleeps."""
        if self._last.set_forward_s(now) > IN_STEP_S:
            self.source_clock.note_step()
        self._lived_s += self._last.passed_s(now)
        self._last = now
        return self._lived_s
