"""Limit the rate at which messages are taken from a stream."""

import asyncio

# How much of a second's turns may come at once after a quiet time: the beat of the page's frames.
BURST_S = 0.1
# What one turn pays for; a message with a trend of thirty days has 3.5 kB.
TURN_BYTES = 4096


class Pace:
    """Gives `rate` turns a second, evenly, but for a burst after a quiet time.

    A message takes one turn for each `TURN_BYTES` it begins. Who reads a connection only in turn
    leaves the rest in it: once the buffers on the way are full, the source has to wait. Nothing is
    lost or reordered by that; what has waited is older.
    """

    def __init__(self, rate: float) -> None:
        self._gap_s = 1 / rate
        self._due = 0.0  # when the next turn is, on the event loop's clock

    async def turn(self) -> None:
        """Return when the next message may be taken."""
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now - BURST_S)
        wait_s = self._due - now
        self._due += self._gap_s
        await asyncio.sleep(max(0.0, wait_s))  # others have their turn in any case

    def charge(self, size: int) -> None:
        """Put off the next turn for the message taken in this one, of `size` bytes."""
        self._due += max(0, size - 1) // TURN_BYTES * self._gap_s
