"""A rate limit that the instances of a cluster count together."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import NoReturn

from starlette.requests import HTTPConnection

from northstar.errors import StoreError
from northstar.history.attempts import Attempts, Counted
from northstar.web.auth.throttle import WINDOW_S, Throttle, rate_limit_key

MOST_WAITING = 1000  # events that wait for the database; older ones are not shared

log = logging.getLogger(__name__)


class SharedThrottle(Throttle):
    """Counts events at once, and in the background in the database as well.

    From each of its own events an instance learns how many the others have counted, so an address
    has at most one event more per instance than its limit. While the database does not answer, an
    instance goes by its own counts.
    """

    def __init__(
        self, per_minute: int, attempts: Attempts, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(per_minute, clock)
        self._attempts = attempts
        self._waiting = deque[str](maxlen=MOST_WAITING)
        self._due = asyncio.Event()
        self._forget_at = clock() + WINDOW_S
        self._succeeds = True

    def count(self, request: HTTPConnection) -> None:
        super().count(request)
        self._waiting.append(rate_limit_key(request.scope))
        self._due.set()

    async def share(self) -> NoReturn:
        """Count the events in the database, one after the other, until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            while self._waiting:
                await self._share(self._waiting.popleft())

    async def _share(self, address: str) -> None:
        try:
            self.learn(address, await asyncio.to_thread(self._attempts.count, address, WINDOW_S))
            if self._clock() >= self._forget_at:
                self._forget_at = self._clock() + WINDOW_S
                await asyncio.to_thread(self._attempts.forget)
        except StoreError as error:
            if self._succeeds:
                log.warning("failed sign-ins are counted by this instance alone: %s", error)
            self._succeeds = False
        else:
            self._succeeds = True

    def learn(self, address: str, counted: Counted) -> None:
        """Use what all instances have counted, unless this one has counted more."""
        window = self._windows.get(address)
        if window and counted.events > window.events:
            window.events = counted.events
            window.end = self._clock() + counted.left_s
