"""Number of viewers, and the time over which they spread their reconnects."""

from typing import NamedTuple

# A new socket takes 2 ms of a processor: at this rate, frames still go out meanwhile.
SOCKETS_PER_S = 200


class Population(NamedTuple):
    """The number of viewers of some instances, and of these."""

    viewers: int
    instances: int

    @property
    def spread_s(self) -> int:
        """The time in seconds that all viewers need to connect again, 0 for a few."""
        return self.viewers // (self.instances * SOCKETS_PER_S)
