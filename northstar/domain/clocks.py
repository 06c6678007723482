"""Age of a message on arrival, by our own clock or the source's.

Pure; times are in seconds. A source's clock may be hours off and is still believed, once its
timestamps have kept pace with ours. A delay is never taken for such an offset: the distance between
the two clocks can only be what it was when a message came fastest, however late the rest come.
"""

from dataclasses import dataclass, field

# Two clocks closer than this are as good as one: a message's transit time, and NTP's error.
IN_STEP_S = 2.0
# How long timestamps must keep pace before their clock is believed, and how closely: the jitter of
# a network.
PACE_OVER_S = 2.0
PACE_WITHIN_S = 0.5
# How long they must keep pace at another distance before a clock that was known counts as set:
# where they went back, which no delay does, and where they only happen to agree with ours.
WENT_BACK_OVER_S = 5.0
AGREES_OVER_S = 60.0
# How fast two clocks that nobody sets drift apart: twice the 50 ppm of a plain quartz crystal, as
# both may. Some 9 s a day.
DRIFT = 100e-6


@dataclass(slots=True)
class Agreement:
    """For how long messages have kept one distance to our clock, with no other between."""

    _since: tuple[float, float] | None = None  # arrival and distance of the first

    def held_s(self, ahead_s: float, arrived_s: float) -> float:
        """Take the distance of one more message; return for how long it has been the same."""
        if self._since is None or abs(ahead_s - self._since[1]) > PACE_WITHIN_S:
            self._since = arrived_s, ahead_s
        return arrived_s - self._since[0]

    def end(self) -> None:
        """Start anew with the next message."""
        self._since = None


@dataclass(slots=True)
class SourceClock:
    """The source's clock, as its messages show it; `ahead_s` of ours, None before the first.

    The true offset is at least as large as the largest `ahead_s` seen: a delay only makes it
    smaller. What a message falls short of that is its age.
    """

    ahead_s: float | None = None
    _arrived_s: float = 0.0
    _best_s: float | None = None  # the largest distance seen, less the drift since
    _paced: bool = False  # whether the timestamps have kept pace, so that `_best_s` is the offset
    _since: tuple[float, float] | None = None  # arrival and distance of an earlier message
    _set: Agreement = field(default_factory=Agreement)

    def age_s(self, ahead_s: float, arrived_s: float) -> float:
        """Return the age of a message that was `ahead_s` of our clock when it `arrived_s`.

        `arrived_s` is on a steady clock; messages must be given in order of arrival.
        """
        if self._was_set(ahead_s, arrived_s):
            self._best_s, self._paced, self._since = None, False, None
        best_s = max(ahead_s, self._drifted(arrived_s, ahead_s))
        self._note_pace(ahead_s, arrived_s)
        self.ahead_s, self._arrived_s, self._best_s = ahead_s, arrived_s, best_s
        # Until its clock is known, a message is as old as ours says.
        offset_s = best_s if self._paced else max(best_s, 0.0)
        return offset_s - ahead_s

    def note_refused(self, ahead_s: float, arrived_s: float) -> None:
        """Take the time of a message that is out of order.

        A delay puts no time back. Such times that keep pace for long are of a clock that was set
        back, and those that follow them in order are on time.
        """
        if self._set.held_s(ahead_s, arrived_s) >= WENT_BACK_OVER_S:
            self._best_s, self._paced, self._since = ahead_s, True, None

    def _was_set(self, ahead_s: float, arrived_s: float) -> bool:
        """Tell whether the source's clock, or ours, was set since the messages before.

        Either the ledger has accepted a time that goes back, or a clock that was ahead has agreed
        with ours for long.
        """
        if self.ahead_s is None or self._best_s is None:
            return False
        passed_s = (arrived_s + ahead_s) - (self._arrived_s + self.ahead_s)
        if not self._best_s > IN_STEP_S >= abs(ahead_s):
            self._set.end()
            return passed_s < -IN_STEP_S
        return passed_s < -IN_STEP_S or self._set.held_s(ahead_s, arrived_s) >= AGREES_OVER_S

    def _drifted(self, arrived_s: float, least_s: float) -> float:
        """Return the largest distance as it may be by now."""
        if self._best_s is None:
            return least_s
        return self._best_s - DRIFT * (arrived_s - self._arrived_s)

    def _note_pace(self, ahead_s: float, arrived_s: float) -> None:
        """Compare with a message of a while ago: time should have passed for both clocks."""
        if self._since is None:
            self._since = arrived_s, ahead_s
            return
        earlier_s, ahead_then_s = self._since
        if arrived_s - earlier_s >= PACE_OVER_S:
            self._paced |= abs(ahead_s - ahead_then_s) <= PACE_WITHIN_S
            self._since = arrived_s, ahead_s
