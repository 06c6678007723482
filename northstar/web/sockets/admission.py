"""Limits on the sockets that are open, and on those that are opened a second."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil

from northstar.live.hub import Cut

BURST_S = 1.0  # sockets that may come at once, in seconds of the rate
LONGEST_S = 60.0  # until a viewer comes back: not longer than two of its own retries


class ConnectionLimit:
    """Counts the open sockets of both streams, in all and by address."""

    def __init__(self, in_all: int, per_address: int) -> None:
        self._in_all = in_all
        self._per_address = per_address
        self._open = 0
        self._open_from = Counter[str]()

    def exceeded(self, address: str) -> Cut | None:
        """Return the limit that another viewer at `address` would exceed; None if none."""
        if self._open >= self._in_all:
            return Cut.FULL
        return Cut.ADDRESS if self._open_from[address] >= self._per_address else None

    @contextmanager
    def hold(self, address: str) -> Iterator[None]:
        """Count one socket for the duration of the context."""
        self._open += 1
        self._open_from[address] += 1
        try:
            yield
        finally:
            self._open -= 1
            self._open_from[address] -= 1
            if not self._open_from[address]:
                del self._open_from[address]


class AdmissionRate:
    """Admits sockets at a rate, and gives each of the others a time of its own to come back.

    `clock` is monotonic time.
    """

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap_s = 1 / per_s
        self._clock = clock
        self._admitted_until = 0.0  # when the sockets admitted so far are due at the rate
        self._booked_until = 0.0  # the same of those that will come back

    def admit(self) -> int:
        """Admit a socket and return 0, or return the seconds after which it should come back."""
        now = self._clock()
        due = max(self._admitted_until, now) + self._gap_s
        if due <= now + BURST_S:
            self._admitted_until = due
            return 0
        self._booked_until = max(self._booked_until, due) + self._gap_s
        if self._booked_until > now + LONGEST_S:  # begin again behind those who wait for less
            self._booked_until = due
        return ceil(self._booked_until - now)


class Admission:
    """Both limits, which the two streams share."""

    def __init__(self, limit: ConnectionLimit, rate: AdmissionRate) -> None:
        self._limit = limit
        self._rate = rate
        self.hold = limit.hold

    def refusal(self, address: str) -> tuple[Cut, int] | None:
        """Admit a socket and return None, or why not, and after how many seconds it may come."""
        if exceeded := self._limit.exceeded(address):
            return exceeded, 0
        wait_s = self._rate.admit()
        return (Cut.RATE, wait_s) if wait_s else None
