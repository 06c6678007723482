"""State of the connection to the source, and the retry policy that keeps it up.

Every networked feed runs its sessions through `keep_up`, so that there is one retry policy
and one place that knows when the next try is due.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from northstar.domain.freshness import LinkState
from northstar.errors import LinkError
from northstar.observers import Observers

log = logging.getLogger(__name__)

# 1, 2, 4 … 30 s, each with up to one second of jitter: the design's backoff for both hops.
BACKOFF = wait_exponential_jitter(initial=1, max=30, exp_base=2, jitter=1)
# So that the page is current within 5 s of the source's return, however long it was away.
KNOCK_EVERY_S = 2
KNOCKS_ANSWERED = 2
# Of the words on what is the matter: a goodbye of WebSocket has room for 123 bytes of them.
MAX_PROBLEM = 200


@dataclass(slots=True)
class Link:
    """The state of one connection; `changed` has observers of each change of state.

    `retry_at` is on the event loop's clock, in seconds, and set only while WAITING. `protocol` is
    the one spoken last, `namespace` the one joined where it is Socket.IO, `api` what came of the
    last try to fetch the source's state.
    """

    state: LinkState = LinkState.CONNECTING
    protocol: str | None = None
    namespace: str | None = None
    openings: int = 0
    problem: str | None = None
    retry_at: float | None = None
    api: str | None = None
    changed: Observers[()] = field(default_factory=Observers[()])

    @property
    def reconnects(self) -> int:
        return max(0, self.openings - 1)

    def connecting(self) -> None:
        self._become(LinkState.CONNECTING)

    def opened(self, protocol: str | None = None, namespace: str | None = None) -> None:
        self.openings += 1
        self.protocol, self.namespace = protocol, namespace
        self.problem = None
        log.info("source: connected%s", "".join(f", {how}" for how in (protocol, namespace) if how))
        self._become(LinkState.OPEN)

    def lost(self, problem: str, retry_at: float) -> None:
        if problem != self.problem:  # one line for an outage, not for each try
            log.warning("source: %s", problem)
        self.problem = problem
        self._become(LinkState.WAITING, retry_at)

    def ended(self, problem: str) -> None:
        log.info("source: %s", problem)
        self.problem = problem
        self._become(LinkState.ENDED)

    def fetched(self, outcome: str) -> None:
        self.api = outcome
        self.changed.notify()

    def _become(self, state: LinkState, retry_at: float | None = None) -> None:
        self.state, self.retry_at = state, retry_at
        self.changed.notify()


Delivered: TypeAlias = Callable[[], None]
Session: TypeAlias = Callable[[Delivered], Awaitable[None]]
Knock: TypeAlias = Callable[[], Awaitable[bool]]


async def keep_up(link: Link, session: Session, knock: Knock) -> None:
    """Run `session` again and again, until cancelled, waiting longer after each failure.

    A session opens the link, reads until the source is gone, then raises `LinkError`. It calls
    its argument when something useful arrived: only that starts the waiting times anew, so a
    source that accepts and hangs up at once is not hammered. `knock` tells whether the source
    answers: one that did not and does again is tried at once, one that does all the time soon.
    """

    def note_loss(attempt: RetryCallState) -> None:
        delay_s = attempt.upcoming_sleep
        problem = one_line(str(attempt.outcome.exception())) if attempt.outcome else ""
        link.lost(problem, asyncio.get_running_loop().time() + delay_s)

    async def rest(delay_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await return_of_the_source(knock)

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(LinkError), wait=BACKOFF, before_sleep=note_loss, sleep=rest
    )
    async for attempt in retrying:
        state = attempt.retry_state

        def delivered(state: RetryCallState = state) -> None:
            state.attempt_number = 1

        with attempt:
            link.connecting()
            await session(delivered)
            raise LinkError("the session ended without a reason")


def one_line(text: str) -> str:
    """Return what may be a stranger's words as a short line, which gives no orders to a terminal.

    Ends of lines, controls, and what turns the direction of reading become spaces.
    """
    told = "".join(letter if letter.isprintable() else " " for letter in text[:MAX_PROBLEM])
    return " ".join(told.split()) + ("…" if len(text) > MAX_PROBLEM else "")


async def return_of_the_source(knock: Knock) -> None:
    """Return once the source answers after it was found not to, or has gone on answering.

    The latter lets nobody in, for now: that may end at any moment, without a sign.
    """
    for _ in range(KNOCKS_ANSWERED):
        if not await knock():
            break
        await asyncio.sleep(KNOCK_EVERY_S)
    while not await knock():  # noqa: ASYNC110 (the source gives no sign by itself)
        await asyncio.sleep(KNOCK_EVERY_S)
