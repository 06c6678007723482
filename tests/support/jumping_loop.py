"""An event loop whose clock jumps: exact times, and no waiting for them."""

import asyncio
import selectors
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop without I/O on which waiting takes no time: its clock jumps ahead instead."""

    def __init__(self) -> None:
        super().__init__(_JumpingSelector(self))
        self.now = 0.0

    def time(self) -> float:
        return self.now


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everything waits for something that never happens"
        self._loop.now += timeout
        return super().select(0)


def run(work: Awaitable[T]) -> T:
    """Run `work` to its end on a clock that jumps."""

    async def main() -> T:
        return await work

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main())
