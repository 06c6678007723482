"""Limit the rate at which messages are read from a stream."""

import asyncio

# Length of the burst permitted after a quiet time: the interval of the page's frames.
BURST_S = 0.1
# Bytes that count as one message; a message with a trend of thirty days has 3.5 kB.
UNIT_BYTES = 4096


class Pace:
    """Permits `rate` messages a second at even intervals, except for a burst after a quiet time.

    A large message counts as one per `UNIT_BYTES` or part of it. While a reader waits, the rest of
    the stream stays in the connection; once the buffers are full, the source has to wait. Messages
    arrive later, but none is lost or reordered.
    """

    def __init__(self, rate: float) -> None:
        self._gap_s = 1 / rate
        self._due = 0.0  # when the next message may be read, on the event loop's clock

    async def wait(self) -> None:
        """Wait until the next message may be read."""
        now = asyncio.get_running_loop().time()
        self._due = max(self._due, now - BURST_S)
        wait_s = self._due - now
        self._due += self._gap_s
        await asyncio.sleep(max(0.0, wait_s))  # always yields to other tasks

    def charge(self, size: int) -> None:
        """Delay the next message by the `size` in bytes of the message just read."""
        self._due += max(0, size - 1) // UNIT_BYTES * self._gap_s
