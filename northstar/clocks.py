"""How old a message is when it comes: by our own clock, or by the source's once it is known.

Pure; times are in seconds. A source's clock may be hours off, and is believed nevertheless once
its messages have come at the pace of their timestamps. What was held up on its way comes faster
than that, so it stays as old as it is.
"""

from dataclasses import dataclass

# Two clocks closer than this are as good as one: a message's time on its way, and NTP's error.
IN_STEP_S = 2.0
# How long messages must keep pace, and by how much they may miss it: the network's jitter.
PACE_OVER_S = 2.0
PACE_WITHIN_S = 0.5


@dataclass(slots=True)
class SourceClock:
    """The source's clock as its messages tell it; `ahead_s` of ours, None before the first."""

    ahead_s: float | None = None
    _offset_s: float | None = None  # how far ahead it is known to be
    _since: tuple[float, float] | None = None  # arrival and distance of an earlier message

    def age_s(self, ahead_s: float, arrived_s: float) -> float:
        """Return how old a message is whose time was `ahead_s` of ours when it `arrived_s`."""
        self.ahead_s = ahead_s
        self._learn(ahead_s, arrived_s)
        ages = [] if ahead_s > IN_STEP_S else [-ahead_s]
        if self._offset_s is not None:
            ages.append(self._offset_s - ahead_s)
        return max(0.0, min(ages, default=0.0))

    def _learn(self, ahead_s: float, arrived_s: float) -> None:
        """Take the distance for the clock's own where it has stayed the same for a while."""
        if self._since is None:
            self._since = arrived_s, ahead_s
            return
        earlier_s, ahead_then_s = self._since
        if arrived_s - earlier_s >= PACE_OVER_S:
            if ahead_s - ahead_then_s <= PACE_WITHIN_S:
                self._offset_s = max(ahead_s, ahead_then_s)
            self._since = arrived_s, ahead_s
