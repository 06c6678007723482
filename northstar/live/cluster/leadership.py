"""Take the lease of a cluster when nobody holds it, and lead for as long as it is held."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from northstar.coordination.lease import Lease
from northstar.errors import StoreError

log = logging.getLogger(__name__)

TRY_EVERY_S = 0.5
RENEW_PART = 3  # of the time of the lease: it is renewed three times in it
# A holder gives up before the others may take the lease, whatever the two clocks do.
KEPT_PART = 5 / 6
REST_S = 5.0  # of an instance that has given up the lease


class Term:
    """One term of the lease, under `epoch`, until `held_until_s` of our own monotonic clock."""

    def __init__(self, epoch: int, held_until_s: float, clock: Callable[[], float]) -> None:
        self.epoch = epoch
        self.held_until_s = held_until_s
        self.ended = asyncio.Event()
        self._clock = clock

    @property
    def is_held(self) -> bool:
        """Whether nobody else can hold the lease yet."""
        return self._clock() < self.held_until_s

    def end(self) -> None:
        """Stop leading."""
        self.ended.set()


class Leadership:
    """Competes for the lease, and runs `lead` while this instance holds it.

    `seen` returns the highest epoch that this instance knows. `term` is the present one, if any.
    """

    def __init__(
        self,
        lease: Lease,
        lead: Callable[[Term], Awaitable[None]],
        seen: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.term: Term | None = None
        self._lease = lease
        self._lead = lead
        self._seen = seen
        self._clock = clock
        self._problem = ""  # of taking the lease
        self._free = asyncio.Event()
        self._retired = asyncio.Event()
        self._idle = asyncio.Event()

    def note_free(self) -> None:
        """Try at once, as the lease was given up."""
        self._free.set()

    async def retire(self) -> None:
        """Give up the lease, and do not take it again."""
        self._retired.set()
        if self.term:
            self.term.end()
        self._free.set()
        await self._idle.wait()

    async def run(self) -> None:
        """Compete for the lease until retired."""
        try:
            while not self._retired.is_set():
                if not (term := await self._take()):
                    continue
                if self._retired.is_set():  # it came while the statement ran
                    with suppress(StoreError):
                        await self._lease.give_up(term.epoch)
                else:
                    await self._hold(term)
        finally:
            self._idle.set()
        await asyncio.Event().wait()

    async def _take(self) -> Term | None:
        """Try once, then wait for the next try unless it succeeded."""
        self._free.clear()
        started_s = self._clock()
        try:
            epoch, problem = await self._lease.take(self._seen()), ""
        except StoreError as error:
            epoch, problem = None, str(error)
        if problem and problem != self._problem:  # one who reads only would never lead
            log.warning("this instance cannot lead: %s", problem)
        self._problem = problem
        if epoch:
            return Term(epoch, self._kept_until_s(started_s), self._clock)
        with suppress(TimeoutError):
            async with asyncio.timeout(TRY_EVERY_S * (0.5 + random.random())):  # noqa: S311 (jitter)
                await self._free.wait()
        return None

    async def _hold(self, term: Term) -> None:
        """Lead until the lease is lost, or is to be given up; then give it up if it is held."""
        self.term = term
        log.info("this instance leads, epoch %d", term.epoch)
        leading = asyncio.ensure_future(self._lead(term))
        renewing = asyncio.create_task(self._renew(term), name="renew the lease")
        ended = asyncio.create_task(term.ended.wait(), name="end of the term")
        try:
            await asyncio.wait([leading, renewing, ended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            term.end()
            await _stop(leading)  # while the lease is renewed: it writes what is left
            await _stop(renewing)
            await _stop(ended)
            self.term = None
        log.info("this instance does not lead any more, epoch %d", term.epoch)
        if term.is_held:
            with suppress(StoreError):
                await self._lease.give_up(term.epoch)
            with suppress(TimeoutError):  # the others have their turn
                async with asyncio.timeout(REST_S):
                    await self._retired.wait()

    async def _renew(self, term: Term) -> None:
        """Renew the lease until it is lost, or could be."""
        while term.is_held:
            started_s = self._clock()
            with suppress(StoreError, TimeoutError):
                async with asyncio.timeout(term.held_until_s - started_s):
                    if not await self._lease.renew(term.epoch):
                        return
                    term.held_until_s = self._kept_until_s(started_s)
            await asyncio.sleep(min(self._lease.lasts_s / RENEW_PART, 1.0))

    def _kept_until_s(self, started_s: float) -> float:
        return started_s + self._lease.lasts_s * KEPT_PART


async def _stop(task: asyncio.Future[Any]) -> None:
    """Cancel a task, and wait for its end."""
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()):
        if isinstance(error, StoreError):  # an operator needs the reason only
            log.warning("this instance cannot lead: %s", error)
        else:
            log.error("fault in a term: %s", error, exc_info=error)
