"""An answer shared by waiting requests: computed once, and never older than the request."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from northstar.web.pages.coalescing import Shared
from support.waiting import SLOWNESS, eventually


class Work:
    """Returns the number of its call as text, in a thread that waits until released."""

    def __init__(self) -> None:
        self.begun = 0
        self.threads: set[int] = set()
        self.go = threading.Event()

    def begin(self) -> Callable[[], str]:
        """Return the work with its number, as a page captures the state."""
        self.begun += 1
        number = self.begun

        def make() -> str:
            self.threads.add(threading.get_ident())
            assert self.go.wait(timeout=10 * SLOWNESS)
            return str(number)

        return make


async def test_request_alone() -> None:
    """A single request gets its own text, made in another thread."""
    shared, work = Shared(), Work()
    work.go.set()

    assert await shared.get(work.begin) == "1"
    assert await shared.get(work.begin) == "2"
    assert threading.get_ident() not in work.threads


async def test_requests_while_one_is_answered() -> None:
    """Requests during an answer share the next one, which is begun after they arrived."""
    shared, work = Shared(), Work()
    first = asyncio.create_task(shared.get(work.begin))
    await eventually(lambda: work.threads)
    others = [asyncio.create_task(shared.get(work.begin)) for _ in range(20)]
    await asyncio.sleep(0)
    work.go.set()

    assert await first == "1"
    assert await asyncio.gather(*others) == ["2"] * 20


async def test_request_that_was_given_up() -> None:
    """A request behind a cancelled one gets its own text."""
    shared, work = Shared(), Work()
    first = asyncio.create_task(shared.get(work.begin))
    await eventually(lambda: work.threads)
    second = asyncio.create_task(shared.get(work.begin))
    await asyncio.sleep(0)
    first.cancel()
    work.go.set()

    assert await second == "2"


async def test_request_that_fails() -> None:
    """After a failed request the next one is computed again."""
    shared, work = Shared(), Work()
    work.go.set()

    with pytest.raises(ZeroDivisionError):
        await shared.get(lambda: lambda: str(1 // 0))
    assert await shared.get(work.begin) == "1"
