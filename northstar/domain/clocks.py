"""Time that has passed, and the age of a message on arrival, by our own clock or the source's.

Pure; times are in seconds. The source's clock may be hours off; its offset is used once its
timestamps advance at the rate of ours. A delay does not change the offset: the fastest message
gives the offset, and later ones are older by what they fall short of it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

# Clocks closer than this agree: the transit time of a message plus the error of NTP.
IN_STEP_S = 2.0
# Timestamps must advance with our clock for this long, within network jitter, before the offset
# counts as known.
PACE_OVER_S = 2.0
PACE_WITHIN_S = 0.5
# How long they must keep a new offset before the clock counts as set: where they went back, which
# a delay does not cause, and where they agree with ours, which may be a coincidence.
WENT_BACK_OVER_S = 5.0
AGREES_OVER_S = 60.0
# Drift of two free-running clocks: 50 ppm each, as for a plain quartz crystal; 9 s a day.
DRIFT = 100e-6
# Largest difference between clocks that agree; NTP keeps them within a second.
CLOCKS_AGREE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment on our monotonic clock and on our wall clock, in seconds."""

    steady_s: float
    wall_s: float

    def passed_s(self, now: Self) -> float:
        """Return the seconds from this moment to `now`, the longer of both clocks.

        The monotonic clock stops while the machine sleeps, and the wall clock can be set back, so
        the longer time never makes old data look young.
        """
        return max(now.steady_s - self.steady_s, now.wall_s - self.wall_s)

    def set_forward_s(self, now: Self) -> float:
        """Return by how much the wall clock has advanced more than the monotonic one until `now`.

        The machine has slept, or its clock was set.
        """
        return (now.wall_s - self.wall_s) - (now.steady_s - self.steady_s)

    def earlier(self, seconds: float) -> "Mark":
        """Return the moment `seconds` before this one."""
        return Mark(self.steady_s - seconds, self.wall_s - seconds)


def nearer_to_our_clock(before: datetime, after: datetime, arrived: datetime) -> bool:
    """Return whether `before` is ahead of our clock, and `after` is not and is nearer to it."""
    ahead, behind = before - arrived, arrived - after
    return ahead > CLOCKS_AGREE >= -behind and behind < ahead


@dataclass(slots=True)
class Agreement:
    """Measure for how long consecutive messages have had the same offset from our clock."""

    _since: tuple[float, float] | None = None  # arrival and offset of the first

    def held_s(self, ahead_s: float, arrived_s: float) -> float:
        """Add the offset of a message; return for how long the offset has been the same, in s."""
        if self._since is None or abs(ahead_s - self._since[1]) > PACE_WITHIN_S:
            self._since = arrived_s, ahead_s
        return arrived_s - self._since[0]

    def end(self) -> None:
        """Start over with the next message."""
        self._since = None


@dataclass(slots=True)
class Course:
    """Follow the offset of accepted messages, and recognize the return from a jump ahead.

    A course lasts while consecutive offsets are within `IN_STEP_S` of each other. The one kept
    longest is the clock's own, and a shorter one after it is a jump.
    """

    _since_s: float = 0.0  # arrival of the first and the last message of the present course
    _until_s: float = 0.0
    _ahead_s: float | None = None  # offset of the last message
    _kept_s: float = 0.0  # how long the longest course before was kept, and its offset
    _own_s: float | None = None

    def follow(self, ahead_s: float, arrived_s: float) -> None:
        """Add an accepted message."""
        if self._ahead_s is None or abs(ahead_s - self._ahead_s) > IN_STEP_S:
            if self._lasted_s >= max(PACE_OVER_S, self._kept_s):
                self._kept_s, self._own_s = self._lasted_s, self._ahead_s
            self._since_s = arrived_s
        self._until_s, self._ahead_s = arrived_s, ahead_s

    def is_own(self, ahead_s: float) -> bool:
        """Return whether an offset is of the clock's own course, left by a jump or not."""
        if self._own_s is None or self._ahead_s is None:
            return False
        returned = abs(self._ahead_s - self._own_s) <= IN_STEP_S
        return abs(ahead_s - self._own_s) <= IN_STEP_S and (
            returned or self._lasted_s < self._kept_s
        )

    def is_back(self, ahead_s: float) -> bool:
        """Return whether an offset is of the course that was left by a jump ahead."""
        jumped = self._own_s is not None and (self._ahead_s or 0.0) > self._own_s + IN_STEP_S
        return jumped and self.is_own(ahead_s)

    @property
    def _lasted_s(self) -> float:
        return self._until_s - self._since_s


@dataclass(slots=True)
class SourceClock:
    """Estimate the offset of the source's clock from the timestamps of its messages.

    `ahead_s` is how far the last message's time was ahead of our clock, None before the first. A
    delay only makes it smaller, so the true offset is at least the largest `ahead_s` seen. The age
    of a message is the difference between the two.
    """

    ahead_s: float | None = None
    _arrived_s: float = 0.0
    _best_s: float | None = None  # the largest `ahead_s` seen, less the drift since
    _paced: bool = False  # whether timestamps advance with our clock, so `_best_s` is the offset
    _since: tuple[float, float] | None = None  # arrival and `ahead_s` of an earlier message
    _set: Agreement = field(default_factory=Agreement)
    _stepped: bool = False  # whether our own clock may have been set forward
    _course: Course = field(default_factory=Course)

    @property
    def offset_s(self) -> float | None:
        """How far the source's clock is ahead of ours; None until known.

        A delay does not make a timestamp lie in the future, so that is known at once.
        """
        known = self._best_s is not None and (self._paced or self._best_s > 0)
        return self._best_s if known else None

    def age_s(self, ahead_s: float, arrived_s: float) -> float:
        """Return the age in seconds of a message whose time was `ahead_s` ahead of our clock.

        `arrived_s` is its arrival on a monotonic clock. Pass messages in order of arrival.
        """
        if self._was_set(ahead_s, arrived_s):
            kept_s = self._set.held_s(ahead_s, arrived_s)
            self._best_s, self._paced, self._since = None, kept_s >= PACE_OVER_S, None
            self._stepped = False
        self._course.follow(ahead_s, arrived_s)
        best_s = max(ahead_s, self._drifted(arrived_s, ahead_s))
        self._note_pace(ahead_s, arrived_s)
        self.ahead_s, self._arrived_s, self._best_s = ahead_s, arrived_s, best_s
        # Until the offset is known, use our own clock.
        offset_s = best_s if self._paced else max(best_s, 0.0)
        return offset_s - ahead_s

    def note_refused(self, ahead_s: float, arrived_s: float) -> None:
        """Take the time of a message that was refused as out of order.

        A delay does not move timestamps back. If they keep one offset for `WENT_BACK_OVER_S`, the
        source's clock was set back, and that offset is the new one.
        """
        if self._set.held_s(ahead_s, arrived_s) >= WENT_BACK_OVER_S:
            self._best_s, self._paced, self._since = ahead_s, True, None

    def note_step(self) -> None:
        """Note that our machine has slept, or that its clock was set forward.

        After a sleep, messages are soon on time again. If they keep a new offset for
        `WENT_BACK_OVER_S` instead, our clock was set.
        """
        self._stepped = True

    def _was_set(self, ahead_s: float, arrived_s: float) -> bool:
        """Return whether the source's clock, or ours, was set since the previous message.

        Either the ledger accepted a time that went back, or a clock that was ahead has agreed with
        ours, or with its course before it jumped, for `AGREES_OVER_S`, or our own clock was set
        forward.
        """
        if self.ahead_s is None or self._best_s is None:
            return False
        if (arrived_s + ahead_s) - (self._arrived_s + self.ahead_s) < -IN_STEP_S:
            return True
        if ahead_s >= self._best_s - IN_STEP_S:  # on time
            self._stepped = False
        elif self._stepped:
            return self._set.held_s(ahead_s, arrived_s) >= WENT_BACK_OVER_S
        if self._best_s > IN_STEP_S >= abs(ahead_s) or self._jumped(ahead_s):
            return self._set.held_s(ahead_s, arrived_s) >= AGREES_OVER_S
        self._set.end()
        return False

    def _jumped(self, ahead_s: float) -> bool:
        """Return whether the largest `ahead_s` is of a jump from which the clock has come back."""
        best_s = self._best_s or 0.0
        return ahead_s < best_s - IN_STEP_S and self._course.is_own(ahead_s)

    def _drifted(self, arrived_s: float, least_s: float) -> float:
        """Return the largest `ahead_s` seen, less the drift since."""
        if self._best_s is None:
            return least_s
        return self._best_s - DRIFT * (arrived_s - self._arrived_s)

    def _note_pace(self, ahead_s: float, arrived_s: float) -> None:
        """Check that both clocks advanced equally since an earlier message."""
        if self._since is None:
            self._since = arrived_s, ahead_s
            return
        earlier_s, ahead_then_s = self._since
        if arrived_s - earlier_s >= PACE_OVER_S:
            self._paced |= abs(ahead_s - ahead_then_s) <= PACE_WITHIN_S
            self._since = arrived_s, ahead_s
