"""Draining an instance of a cluster: its health, its viewers and its end."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from urllib.error import HTTPError

import pytest
from websockets.sync.client import connect

from northstar.web.sockets import draining
from northstar.web.sockets.draining import MOVED, Draining
from support.dashboard import Process, process
from support.databases import Postgres, empty_database
from support.inprocess import goodbye
from support.sources import Stream
from support.waiting import SLOWNESS, eventually, until

DRAIN_S = 2


class Sockets:
    """Open sockets of an instance, in order; `closed` has the numbers of the closed ones."""

    def __init__(self, draining: Draining, number: int) -> None:
        self.closed: list[int] = []
        self._draining = draining
        self._tasks = [asyncio.create_task(self._open(each)) for each in range(number)]

    async def _open(self, number: int) -> None:
        deadline = asyncio.timeout(None)
        with suppress(TimeoutError), self._draining.hold(deadline):
            async with deadline:
                await asyncio.Event().wait()
        assert self._draining.has_moved(deadline)
        self.closed.append(number)

    async def close(self) -> None:
        async with asyncio.timeout(10 * SLOWNESS):
            await asyncio.gather(*self._tasks)


class Isolation:
    """Whether an instance is isolated, which a test sets; it counts how often that is checked."""

    def __init__(self) -> None:
        self.is_on = False
        self.checks = 0

    def __call__(self) -> bool:
        self.checks += 1
        return self.is_on

    async def is_checked(self, times: int) -> None:
        """Return once it was checked so many times more."""
        last = self.checks + times
        await eventually(lambda: self.checks >= last, what="it is checked")


async def test_slices() -> None:
    """Another instance takes the lead first; then the oldest sockets move first, in slices."""
    steps = []

    async def hand_over() -> None:
        steps.append(len(sockets.closed))

    over = Draining(hand_over, over_s=1)
    sockets = Sockets(over, 10)
    running = asyncio.create_task(over.run())
    await eventually(lambda: sockets.closed, what="the first sockets have moved")
    first = len(sockets.closed)
    await running
    await sockets.close()

    assert steps == [0]
    assert first < 5
    assert sockets.closed == [*range(10)]


@pytest.mark.parametrize("fault", ["hangs", "fails"])
async def test_fault_of_handing_over(
    fault: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Sockets move although the database hangs or fails; only a bug is logged with a traceback."""
    monkeypatch.setattr(draining, "HAND_OVER_S", 0.01)

    async def hand_over() -> None:
        if fault == "fails":
            raise OSError("no database")
        await asyncio.Event().wait()

    over = Draining(hand_over, over_s=0)
    sockets = Sockets(over, 3)
    await asyncio.sleep(0)
    await over.run()
    await sockets.close()

    assert sockets.closed == [0, 1, 2]
    assert "not handed over" in caplog.text
    assert ("Traceback" in caplog.text) == (fault == "fails")


async def test_isolated_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    """An isolated instance is unhealthy and moves its sockets once; later ones stay."""
    monkeypatch.setattr(draining, "CHECK_S", 0.01)
    isolation = Isolation()
    over = Draining(_nothing, over_s=0, is_isolated=isolation)
    first = Sockets(over, 3)
    watching = asyncio.create_task(over.watch())
    assert over.reason is None
    isolation.is_on = True
    assert over.reason == "isolated"
    await first.close()
    later = Sockets(over, 1)
    await isolation.is_checked(5)  # were it moved again, that would take two checks a time
    assert not later.closed
    isolation.is_on = False
    assert over.reason is None
    await isolation.is_checked(1)
    isolation.is_on = True
    await later.close()
    watching.cancel()
    await asyncio.wait([watching])

    assert first.closed == [0, 1, 2]


async def test_who_comes_to_an_isolated_instance() -> None:
    """A socket opened while an isolated instance moves its sockets stays until the stop."""
    over = Draining(_nothing, over_s=1, is_isolated=lambda: True)
    first = Sockets(over, 3)
    await asyncio.sleep(0)
    watching = asyncio.create_task(over.watch())
    await eventually(lambda: first.closed, what="the first socket has moved")
    later = Sockets(over, 3)
    await first.close()
    assert not later.closed

    await over.run()  # the stop moves all
    await later.close()
    watching.cancel()
    await asyncio.wait([watching])
    assert later.closed == [0, 1, 2]


async def test_who_comes_at_the_end() -> None:
    """A socket opened after draining, before the process ends, is moved, too."""
    over = Draining(_nothing, over_s=0)
    await over.run()
    late = Sockets(over, 2)
    await late.close()

    assert late.closed == [0, 1]


async def _nothing() -> None:
    pass


@pytest.fixture
def instance(free_port: int, source: Stream, postgres: Postgres) -> Iterator[Process]:
    """Run an instance of a cluster."""
    with empty_database(postgres) as db:
        arguments = ("--ws-url", source.url, "--db", db, "--cluster", "--drain-s", str(DRAIN_S))
        with process(free_port, *arguments) as running:
            yield running


def health(instance: Process) -> int:
    """Return the status of the health check."""
    try:
        instance.get("/healthz")
    except HTTPError as error:
        with error:
            return error.code
    return 200


def test_stop(instance: Process) -> None:
    """Health fails at once, viewers get frames until they move, and the process exits with 0."""
    url = f"ws://127.0.0.1:{instance.port}/view-stream"
    with ExitStack() as stack:
        viewers = [stack.enter_context(connect(url, max_queue=None)) for _ in range(20)]
        assert health(instance) == 200
        instance.send_signal(signal.SIGTERM)
        until(lambda: health(instance) == 503, what="the health check fails")
        late = stack.enter_context(connect(url))
        assert late.recv(10), "who comes all the same is served"
        ends = {goodbye(each) for each in [*viewers, late]}

    assert ends == {(1012, MOVED)}
    code, printed = instance.stop(signal.SIGCONT)  # which does not end it
    assert (code, printed.splitlines()[-1]) == (0, "NorthStar has ended")


def test_second_signal(instance: Process) -> None:
    """A second signal ends the instance at once, with or without viewers."""
    with connect(f"ws://127.0.0.1:{instance.port}/view-stream") as viewer:
        assert viewer.recv(10)
        instance.send_signal(signal.SIGTERM)
        until(lambda: health(instance) == 503, what="it is draining")
        code, printed = instance.stop()

    assert code == 128 + signal.SIGTERM
    assert "ended at once by SIGTERM" in printed
