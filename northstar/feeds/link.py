"""The connection to the source: its state, and how it is kept up.

Every networked feed runs its sessions through `keep_up`, so that there is one retry policy
and one place that knows when the next try is due.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from northstar.errors import LinkError

log = logging.getLogger(__name__)

# 1, 2, 4 … 30 s, each with up to one second of jitter: the design's backoff for both hops.
BACKOFF = wait_exponential_jitter(initial=1, max=30, exp_base=2, jitter=1)


class LinkState(StrEnum):
    """Where the connection to the source stands."""

    CONNECTING = "connecting"
    OPEN = "open"
    WAITING = "waiting"


@dataclass(slots=True)
class Link:
    """The state of one connection; `on_change` is called after each change of state.

    `retry_at` is on the event loop's clock, in seconds, and set only while WAITING.
    """

    state: LinkState = LinkState.CONNECTING
    losses: int = 0
    problem: str | None = None
    retry_at: float | None = None
    on_change: Callable[[], None] = lambda: None

    def connecting(self) -> None:
        self._become(LinkState.CONNECTING)

    def opened(self) -> None:
        self.problem = None
        self._become(LinkState.OPEN)

    def lost(self, problem: str, retry_at: float) -> None:
        self.losses += self.state is LinkState.OPEN
        self.problem = problem
        self._become(LinkState.WAITING, retry_at)

    def _become(self, state: LinkState, retry_at: float | None = None) -> None:
        self.state, self.retry_at = state, retry_at
        self.on_change()


Delivered: TypeAlias = Callable[[], None]
Session: TypeAlias = Callable[[Delivered], Awaitable[None]]


async def keep_up(link: Link, session: Session) -> None:
    """Run `session` again and again, until cancelled, waiting longer after each failure.

    A session opens the link, reads until the source is gone, then raises `LinkError`. It calls
    its argument when something useful arrived: only that starts the waiting times anew, so a
    source that accepts and hangs up at once is not hammered.
    """

    def note_loss(attempt: RetryCallState) -> None:
        delay_s = attempt.upcoming_sleep
        problem = str(attempt.outcome.exception()) if attempt.outcome else ""
        log.warning("source: %s; next try in %.1f s", problem, delay_s)
        link.lost(problem, asyncio.get_running_loop().time() + delay_s)

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(LinkError), wait=BACKOFF, before_sleep=note_loss
    )
    async for attempt in retrying:
        state = attempt.retry_state

        def delivered(state: RetryCallState = state) -> None:
            state.attempt_number = 1

        with attempt:
            link.connecting()
            await session(delivered)
            raise LinkError("the session ended without a reason")
