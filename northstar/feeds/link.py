"""State of the connection to the source, and the retry policy that keeps it up.

Every networked feed runs its connections through `keep_up`, which applies the retry policy.

Undocumented use of tenacity: `RetryCallState.attempt_number` is set to 1 when a message was
accepted. Without it, the next failure would wait as long as if no message had come.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential_jitter

from northstar.answers import one_line
from northstar.domain.freshness import LinkState
from northstar.errors import LinkError
from northstar.observers import Observers

log = logging.getLogger(__name__)

# 1, 2, 4 … 30 s, each with up to one second of jitter; the browser's link uses the same backoff.
BACKOFF = wait_exponential_jitter(initial=1, max=30, exp_base=2, jitter=1)
# Makes the page current within 5 s of the source's return, whatever the length of the outage.
PROBE_INTERVAL_S = 2
PROBES_ANSWERED = 2


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
Connect: TypeAlias = Callable[[Delivered], Awaitable[None]]
Probe: TypeAlias = Callable[[], Awaitable[bool]]


async def keep_up(link: Link, connect: Connect, probe: Probe) -> None:
    """Run `connect` repeatedly until cancelled, waiting longer after each failure.

    `connect` opens the link, reads until the connection ends, and raises `LinkError`. It calls its
    argument for each accepted message. Only that resets the backoff, so a source that accepts
    connections and closes them at once is not flooded. `probe` returns whether the source answers.
    The next attempt follows at once if the source answers again after not answering, and after
    `PROBES_ANSWERED` probes if it has answered all the time, but never before the time for which
    the source asks to wait (`LinkError.retry_after_s`).
    """

    def backoff(attempt: RetryCallState) -> float:
        error = attempt.outcome.exception() if attempt.outcome else None
        asked_s = error.retry_after_s if isinstance(error, LinkError) else None
        return max(BACKOFF(attempt), asked_s or 0.0)

    def note_loss(attempt: RetryCallState) -> None:
        delay_s = attempt.upcoming_sleep
        problem = one_line(str(attempt.outcome.exception())) if attempt.outcome else ""
        link.lost(problem, asyncio.get_running_loop().time() + delay_s)

    async def wait(delay_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(delay_s):
                await wait_for_source(probe)

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(LinkError), wait=backoff, before_sleep=note_loss, sleep=wait
    )
    async for attempt in retrying:
        state = attempt.retry_state

        def delivered(state: RetryCallState = state) -> None:
            state.attempt_number = 1

        with attempt:
            link.connecting()
            await connect(delivered)
            raise LinkError("the connection ended without a reason")


async def wait_for_source(probe: Probe) -> None:
    """Return when the source answers again, or has answered `PROBES_ANSWERED` probes in a row.

    A source that answers but refuses connections does not signal when it accepts them again.
    """
    for _ in range(PROBES_ANSWERED):
        if not await probe():
            break
        await asyncio.sleep(PROBE_INTERVAL_S)
    while not await probe():  # noqa: ASYNC110 (the source does not notify us)
        await asyncio.sleep(PROBE_INTERVAL_S)
