"""Age of a message on arrival, by our own clock or the source's.

Pure; times are in seconds. The source's clock may be hours off; its offset is used once its
timestamps advance at the rate of ours. A delay does not change the offset: the fastest message
gives the offset, and later ones are older by what they fall short of it.
"""

from dataclasses import dataclass, field

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

    def age_s(self, ahead_s: float, arrived_s: float) -> float:
        """Return the age in seconds of a message whose time was `ahead_s` ahead of our clock.

        `arrived_s` is its arrival on a monotonic clock. Pass messages in order of arrival.
        """
        if self._was_set(ahead_s, arrived_s):
            self._best_s, self._paced, self._since = None, False, None
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

    def _was_set(self, ahead_s: float, arrived_s: float) -> bool:
        """Return whether the source's clock, or ours, was set since the previous message.

        Either the ledger accepted a time that went back, or a clock that was ahead has agreed with
        ours for `AGREES_OVER_S`.
        """
        if self.ahead_s is None or self._best_s is None:
            return False
        passed_s = (arrived_s + ahead_s) - (self._arrived_s + self.ahead_s)
        if not self._best_s > IN_STEP_S >= abs(ahead_s):
            self._set.end()
            return passed_s < -IN_STEP_S
        return passed_s < -IN_STEP_S or self._set.held_s(ahead_s, arrived_s) >= AGREES_OVER_S

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
