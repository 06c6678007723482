"""State of the connection to the source, and the retry policy that keeps it up.

Every networked feed runs its sessions through `keep_up`, which holds the retry policy and the time
of the next attempt.
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

# 1, 2, 4 … 30 s, each with up to one second of jitter; the browser's link uses the same backoff.
BACKOFF = wait_exponential_jitter(initial=1, max=30, exp_base=2, jitter=1)
# Keeps the page current within 5 s of the source's return, however long the outage.
KNOCK_EVERY_S = 2
KNOCKS_ANSWERED = 2
# Characters of a problem; the reason in a WebSocket close frame has at most 123 bytes.
MAX_PROBLEM = 200


@dataclass(slots=True)
class Link:
    """The state of one connection; `changed` notifies observers of each change.

    `retry_at` is in seconds on the event loop's clock and set only while WAITING. `protocol` is the
    last one used, `namespace` the Socket.IO namespace joined, `api` the result of the last fetch of
    the source's state.
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
        if problem != self.problem:  # one line per outage, not per attempt
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
    """Run `session` repeatedly until cancelled, waiting longer after each failure.

    A session opens the link, reads until the connection ends, and raises `LinkError`. It calls its
    argument for each accepted message. Only that resets the backoff, so a source that accepts
    connections and closes them at once is not flooded. `knock` returns whether the source answers.
    A source that answers again after a failure is tried at once, one that keeps answering soon.
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
    """Return untrusted text as one short line that is safe to print on a terminal.

    Line ends, control characters and direction marks become spaces.
    """
    told = "".join(letter if letter.isprintable() else " " for letter in text[:MAX_PROBLEM])
    return " ".join(told.split()) + ("…" if len(text) > MAX_PROBLEM else "")


async def return_of_the_source(knock: Knock) -> None:
    """Return when the source answers again after a failure, or has kept answering.

    A source that keeps answering refuses connections, and gives no sign when that ends.
    """
    for _ in range(KNOCKS_ANSWERED):
        if not await knock():
            break
        await asyncio.sleep(KNOCK_EVERY_S)
    while not await knock():  # noqa: ASYNC110 (the source gives no sign by itself)
        await asyncio.sleep(KNOCK_EVERY_S)
