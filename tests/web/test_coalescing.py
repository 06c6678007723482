"""An answer that several requests share: made once for those that wait, and never too old."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from northstar.web.coalescing import Shared
from support.waiting import SLOWNESS, eventually


class Work:
    """Makes a text of how often it was begun, in a thread that waits to be let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.threads: set[int] = set()
        self.go = threading.Event()

    def begin(self) -> Callable[[], str]:
        """Note the number, as a page notes the state."""
        self.begun += 1
        number = self.begun

        def make() -> str:
            self.threads.add(threading.get_ident())
            assert self.go.wait(timeout=10 * SLOWNESS)
            return str(number)

        return make


async def test_request_alone() -> None:
    """It gets a text made for it, in another thread."""
    shared, work = Shared(), Work()
    work.go.set()

    assert await shared.get(work.begin) == "1"
    assert await shared.get(work.begin) == "2"
    assert threading.get_ident() not in work.threads


async def test_requests_while_one_is_answered() -> None:
    """They share the next text, which is begun after they came."""
    shared, work = Shared(), Work()
    first = asyncio.create_task(shared.get(work.begin))
    await eventually(lambda: work.threads)
    others = [asyncio.create_task(shared.get(work.begin)) for _ in range(20)]
    await asyncio.sleep(0)
    work.go.set()

    assert await first == "1"
    assert await asyncio.gather(*others) == ["2"] * 20


async def test_request_that_was_given_up() -> None:
    """Who waits behind it gets a text of its own, and not the one before."""
    shared, work = Shared(), Work()
    first = asyncio.create_task(shared.get(work.begin))
    await eventually(lambda: work.threads)
    second = asyncio.create_task(shared.get(work.begin))
    await asyncio.sleep(0)
    first.cancel()
    work.go.set()

    assert await second == "2"


async def test_request_that_fails() -> None:
    """The next one is made anew."""
    shared, work = Shared(), Work()
    work.go.set()

    with pytest.raises(ZeroDivisionError):
        await shared.get(lambda: lambda: str(1 // 0))
    assert await shared.get(work.begin) == "1"
