"""Limit how many reports are made at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from northstar.errors import Refused

# Making a report of ten years takes about 60 MB.
AT_A_TIME = 4
MAX_WAITING = 16
WAIT_S = 10.0


class Turns:
    """Admits `AT_A_TIME` reports; others wait on the event loop, without occupying a thread."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_A_TIME)
        self.waiting = 0

    async def take(self) -> AsyncIterator[None]:
        """Hold a turn, as a FastAPI dependency with `scope="function"`."""
        async with self.turn():
            yield

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold a turn. Raises `Refused` if too many wait, or after `WAIT_S`."""
        await self._acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _acquire(self) -> None:
        if self.waiting >= MAX_WAITING:
            raise _busy()
        self.waiting += 1
        try:
            async with asyncio.timeout(WAIT_S):
                await self._free.acquire()
        except TimeoutError:
            raise _busy() from None
        finally:
            self.waiting -= 1


def _busy() -> Refused:
    wait_s = round(WAIT_S)
    reason = f"too many reports are being made: try again in {wait_s} s"
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, reason, {"Retry-After": str(wait_s)})
