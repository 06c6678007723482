"""Limit the rate at which messages are taken from a stream."""

import asyncio

# Length of the burst allowed after a quiet time: the interval of the page's frames.
BURST_S = 0.1
# Bytes per turn; a message with a trend of thirty days has 3.5 kB.
TURN_BYTES = 4096


class Pace:
    """Gives `rate` turns a second at even intervals, except for a burst after a quiet time.

    A message takes one turn per `TURN_BYTES` or part of it. A reader that waits for its turn leaves
    the rest in the connection: once the buffers are full, the source has to wait. No message is
    lost or reordered; messages only arrive later.
    """

    def __init__(self, rate: float) -> None:
        self._gap_s = 1 / rate
        self._due = 0.0  # when the next turn is, on the event loop's clock

    async def turn(self) -> None:
        """Wait until the next message may be read."""
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now - BURST_S)
        wait_s = self._due - now
        self._due += self._gap_s
        await asyncio.sleep(max(0.0, wait_s))  # always yields to other tasks

    def charge(self, size: int) -> None:
        """Delay the next turn by the `size` in bytes of the message just read."""
        self._due += max(0, size - 1) // TURN_BYTES * self._gap_s
