"""Move the viewers of a stopping or isolated instance to the others of its cluster.

A health check that fails at once keeps new viewers away. The sockets of this instance are closed in
slices, so that the others can admit their viewers.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from math import ceil

log = logging.getLogger(__name__)

SLICE_S = 0.25
# Part of the time in which no socket is closed yet: a balancer would send viewers back here until
# its health check has failed.
NOTICE = 0.2
# The database may hang; the lease then ends by itself.
HAND_OVER_S = 2.0
CHECK_S = 0.5
# Close reason of a viewer whose page connects again at once; assets/24-connection.js has it too.
MOVED = "served by another instance"


class Draining:
    """The sockets of an instance, which are closed within `over_s` seconds if others serve better.

    `hand_over` lets another instance lead. `is_isolated` returns whether this one has not reached
    the database for too long.
    """

    def __init__(
        self,
        hand_over: Callable[[], Awaitable[None]],
        over_s: float,
        is_isolated: Callable[[], bool] = lambda: False,
    ) -> None:
        self.limit_s = HAND_OVER_S + over_s
        self._has_begun = False
        self._has_ended = False
        self._hand_over = hand_over
        self._over_s = over_s
        self._is_isolated = is_isolated
        self._open: dict[asyncio.Timeout, None] = {}  # in order
        self._moved: set[asyncio.Timeout] = set()

    @contextmanager
    def hold(self, deadline: asyncio.Timeout) -> Iterator[None]:
        """Let the `deadline` of a socket, open for the context, pass when its turn comes.

        Once all were closed, a new socket is closed at once.
        """
        self._open[deadline] = None
        if self._has_ended:
            asyncio.get_running_loop().call_soon(self._move, [deadline])
        try:
            yield
        finally:
            self._open.pop(deadline, None)

    def has_moved(self, deadline: asyncio.Timeout) -> bool:
        """Return whether `deadline` has passed because of this, and forget it."""
        moved = deadline in self._moved
        self._moved.discard(deadline)
        return moved

    @property
    def reason(self) -> str | None:
        """Why health checks fail, None while they do not."""
        if self._has_begun:
            return "draining"
        return "isolated" if self._is_isolated() else None

    def begin(self) -> None:
        """Let health checks fail from now on."""
        self._has_begun = True

    async def watch(self) -> None:
        """Close the sockets once whenever the instance is isolated, until cancelled.

        A viewer that comes afterwards stays: no other instance could serve it.
        """
        was_isolated = False
        while True:
            is_isolated = self._is_isolated()
            if is_isolated and not was_isolated:
                log.warning("no database: %s viewers go to other instances", len(self._open))
                await self._move_those_here()
            was_isolated = is_isolated
            await asyncio.sleep(CHECK_S)

    async def run(self) -> None:
        """Let another instance lead, then close the sockets, oldest first, and return."""
        self.begin()
        log.info("%s viewers go to other instances", len(self._open))
        try:
            async with asyncio.timeout(HAND_OVER_S):
                await self._hand_over()
        except TimeoutError:  # the others take over when the lease ends
            log.warning("not handed over: the database does not answer")
        except Exception:
            log.exception("not handed over")
        await self._move_all()

    async def _move_all(self) -> None:
        """Close all sockets, oldest first."""
        async for left in self._slices():
            self._move([*islice(self._open, ceil(len(self._open) / left))])
        self._has_ended = True

    async def _move_those_here(self) -> None:
        """Close the sockets that are open now, oldest first, while the instance is isolated."""
        here = [*self._open]
        async for left in self._slices():
            if not self._is_isolated():
                return
            number = ceil(len(here) / left)
            self._move(here[:number])
            here = here[number:]

    async def _slices(self) -> AsyncIterator[int]:
        """Yield how many slices are left, this one too, each at its time."""
        await asyncio.sleep(NOTICE * self._over_s)
        slices = max(1, round((1 - NOTICE) * self._over_s / SLICE_S))
        for left in range(slices, 0, -1):
            yield left
            if left > 1:
                await asyncio.sleep(SLICE_S)

    def _move(self, deadlines: Sequence[asyncio.Timeout]) -> None:
        """Close those of some sockets that are still open."""
        now = asyncio.get_running_loop().time()
        for deadline in deadlines:
            if deadline not in self._open:
                continue
            del self._open[deadline]
            if not deadline.expired():
                self._moved.add(deadline)
                deadline.reschedule(now)
