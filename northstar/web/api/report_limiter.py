"""Limit the number of reports made at the same time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from northstar.errors import Refused

# Making a report of ten years takes about 60 MB.
MAX_CONCURRENT = 4
MAX_WAITING = 16
WAIT_S = 10.0


class ReportLimiter:
    """Admits `MAX_CONCURRENT` reports; others wait on the event loop without occupying a thread."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(MAX_CONCURRENT)
        self.waiting = 0

    async def hold_slot(self) -> AsyncIterator[None]:
        """Hold a slot, as a FastAPI dependency with `scope="function"`."""
        async with self.slot():
            yield

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot. Raises `Refused` if too many wait, or after `WAIT_S`."""
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
    reason = f"too many reports in progress: try again in {wait_s} s"
    return Refused(HTTPStatus.SERVICE_UNAVAILABLE, reason, {"Retry-After": str(wait_s)})
