"""Keeping a connection open: the time of the next attempt and the reported problem."""

import asyncio
from collections.abc import Iterable, Iterator

import pytest
from tenacity import AsyncRetrying, RetryCallState, wait_fixed

from northstar.domain.freshness import LinkState
from northstar.errors import LinkError
from northstar.feeds.link import BACKOFF, Delivered, Link, keep_up
from support.waiting import SLOWNESS, eventually

LONG_S = 1000


class NoWait:
    """Retries at once and records the number of failures in a row."""

    def __init__(self) -> None:
        self.failures: list[int] = []

    def __call__(self, retry_state: RetryCallState) -> float:
        self.failures.append(retry_state.attempt_number)
        return 0


@pytest.fixture
def no_wait(monkeypatch: pytest.MonkeyPatch) -> NoWait:
    """Remove the waiting between retries."""
    wait = NoWait()
    monkeypatch.setattr("northstar.feeds.link.BACKOFF", wait)
    return wait


class Script:
    """A session that plays its steps in order: a problem, possibly after a delivery."""

    def __init__(self, link: Link, steps: Iterable[str]) -> None:
        self.link = link
        self._steps: Iterator[str] = iter(steps)

    async def __call__(self, delivered: Delivered) -> None:
        step = next(self._steps, None)
        if step is None:
            await asyncio.Event().wait()
        if step != "refused":
            self.link.opened()
        if step == "delivered":
            delivered()
        raise LinkError(f"{step}")


async def answering() -> bool:
    """Answer every probe, as an available source does."""
    return True


async def play(link: Link, *steps: str) -> None:
    """Run `link` through all `steps` until the session after them hangs."""
    script = Script(link, (*steps, "last"))
    running = asyncio.create_task(keep_up(link, script, answering))
    try:
        await eventually(lambda: link.problem == "last" and link.state is LinkState.CONNECTING)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()


@pytest.mark.parametrize(
    ("failures", "least_s", "most_s"),
    [(1, 1, 2), (2, 2, 3), (3, 4, 5), (4, 8, 9), (5, 16, 17), (6, 30, 30), (5000, 30, 30)],
)
def test_backoff(failures: int, least_s: float, most_s: float) -> None:
    """Waits double from one second to thirty, each with up to a second of jitter."""
    state = RetryCallState(AsyncRetrying(), fn=None, args=(), kwargs={})
    state.attempt_number = failures

    waits = [BACKOFF(state) for _ in range(1000)]

    assert least_s <= min(waits) <= max(waits) <= most_s
    assert most_s == least_s or max(waits) - min(waits) > 0.5


async def test_failures_in_a_row(no_wait: NoWait) -> None:
    """Each failure in a row waits longer, even if the source was open meanwhile."""
    await play(Link(), "refused", "opened", "refused", "opened")

    assert no_wait.failures == [1, 2, 3, 4, 5]


async def test_failure_after_something_delivered(no_wait: NoWait) -> None:
    """Only a delivered message resets the waits."""
    await play(Link(), "refused", "opened", "delivered", "refused", "delivered", "opened")

    assert no_wait.failures == [1, 2, 1, 2, 1, 2, 3]


@pytest.mark.usefixtures("no_wait")
async def test_reconnects() -> None:
    """Every opening after the first counts as a reconnect; a failed attempt does not."""
    link = Link()

    await play(link, "refused", "opened", "refused", "delivered")

    assert link.reconnects == 2  # "opened", "delivered", "last"


@pytest.mark.usefixtures("no_wait")
async def test_changes_of_state() -> None:
    """Observers see each change of state after it has happened."""
    link = Link()
    told: list[tuple[LinkState, str | None]] = []
    link.changed.subscribe(lambda: told.append((link.state, link.problem)))

    await play(link, "refused", "opened")

    assert told == [
        (LinkState.CONNECTING, None),
        (LinkState.WAITING, "refused"),
        (LinkState.CONNECTING, "refused"),
        (LinkState.OPEN, None),
        (LinkState.WAITING, "opened"),
        (LinkState.CONNECTING, "opened"),
        (LinkState.OPEN, None),
        (LinkState.WAITING, "last"),
        (LinkState.CONNECTING, "last"),
    ]


async def test_time_of_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    """While waiting, the link has the time of its next attempt, and can be cancelled."""
    monkeypatch.setattr("northstar.feeds.link.BACKOFF", wait_fixed(LONG_S))
    link = Link()
    clock = asyncio.get_running_loop().time
    before = clock()
    running = asyncio.create_task(keep_up(link, Script(link, ["refused"]), answering))

    await eventually(lambda: link.state is LinkState.WAITING)
    after = clock()
    retry_at = link.retry_at
    running.cancel()
    await asyncio.wait([running], timeout=10 * SLOWNESS)

    assert retry_at is not None
    assert before + LONG_S <= retry_at <= after + LONG_S
    assert running.cancelled()


def test_retry_time_while_not_waiting() -> None:
    """Without a planned attempt there is no time of the next one."""
    link = Link()
    link.lost("gone", retry_at=5)
    assert link.retry_at == 5

    link.connecting()
    assert link.retry_at is None

    link.lost("gone", retry_at=9)
    link.opened()
    assert link.retry_at is None


@pytest.mark.usefixtures("no_wait")
async def test_log_of_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    """The log has a line for each change, however many attempts fail between."""
    caplog.set_level("INFO", "northstar")

    await play(Link(), "hung up", "refused", "refused", "refused")

    assert caplog.messages == [
        "source: connected",
        "source: hung up",
        "source: refused",
        "source: connected",
        "source: last",
    ]


@pytest.mark.usefixtures("no_wait")
async def test_session_that_just_ends() -> None:
    """A session that returns counts as a lost connection."""
    link = Link()
    sessions: list[Delivered] = []

    async def session(delivered: Delivered) -> None:
        sessions.append(delivered)
        if len(sessions) > 1:
            await asyncio.Event().wait()

    running = asyncio.create_task(keep_up(link, session, answering))
    await eventually(lambda: len(sessions) == 2)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert link.problem


@pytest.mark.usefixtures("no_wait")
async def test_unexpected_error() -> None:
    """An error other than a lost connection is raised and not retried."""

    async def session(_: Delivered) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await keep_up(Link(), session, answering)


@pytest.mark.parametrize(
    ("answers", "back"),
    [
        ([False, True], True),
        ([True, False, False, True], True),
        ([True, True, True], True),
        ([True, True], False),
        ([False, False, False], False),
    ],
    ids=str,
)
async def test_return_of_the_source(
    answers: list[bool], *, back: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that answers after a failure is tried at once, one that always answers soon."""
    monkeypatch.setattr("northstar.feeds.link.BACKOFF", wait_fixed(LONG_S))
    monkeypatch.setattr("northstar.feeds.link.PROBE_INTERVAL_S", 0)
    left = iter(answers)
    told = asyncio.Event()

    async def knock() -> bool:
        answer = next(left, None)
        if answer is None:
            told.set()
            await asyncio.Event().wait()
        return bool(answer)

    link = Link()
    running = asyncio.create_task(keep_up(link, Script(link, ["refused"]), knock))
    try:
        if back:
            await eventually(lambda: link.problem and link.state is LinkState.CONNECTING)
        else:
            await eventually(told.is_set)
            assert link.state is LinkState.WAITING
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.mark.usefixtures("no_wait")
async def test_problem_is_one_line() -> None:
    """The problem of a lost connection is one line."""
    link = Link()
    said: list[str | None] = []
    link.changed.subscribe(lambda: said.append(link.problem))

    await play(link, "a\nb\x1b")

    assert "a b" in said
