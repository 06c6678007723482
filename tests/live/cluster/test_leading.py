"""A leader hands over the lease if it cannot reach the source."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from northstar.live.cluster.leadership import Term
from northstar.live.cluster.leading import PATIENCE_S, Leading
from support.jumping_loop import JumpingLoop
from support.pipelines import ManualPipeline
from support.waiting import eventually


class Quiet:
    """Publishes nothing."""

    async def run(self) -> None:
        await asyncio.Event().wait()


@asynccontextmanager
async def term(others: int, *, was_reached: bool) -> AsyncIterator[tuple[Term, ManualPipeline]]:
    """Lead with this number of other instances while the context is open."""
    pipeline, publishing = ManualPipeline(), Quiet()
    term = Term(1, 3600.0, lambda: 0.0)
    parts: Any = (term, pipeline.intake, publishing, None, None)
    work = Leading(*parts, was_reached=was_reached)
    running = asyncio.create_task(work.run(lambda: others, lambda: None))
    try:
        await eventually(lambda: pipeline.feed.accept)
        yield term, pipeline
    finally:
        running.cancel()
        await asyncio.wait([running])


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Run these tests on a clock that jumps."""
    return "asyncio", {"loop_factory": JumpingLoop}


async def test_source_that_is_away_from_here() -> None:
    """A leader that cannot reach the source ends its term."""
    async with term(1, was_reached=True) as (held, _):
        assert await ends_soon(held)


async def test_source_that_comes_and_goes() -> None:
    """A source that was reached in the term is given the short time again."""
    async with term(1, was_reached=False) as (held, pipeline):
        pipeline.feed.link.opened("websocket")
        assert not await ends_soon(held)
        pipeline.feed.link.lost("gone", 0.0)
        assert await ends_soon(held)


@pytest.mark.parametrize(("others", "was_reached"), [(0, True), (2, False)])
async def test_nobody_to_hand_it_to(others: int, was_reached: bool) -> None:  # noqa: FBT001
    """Alone, or after a leader that could not reach the source, an instance keeps the lease."""
    async with term(others, was_reached=was_reached) as (held, _):
        assert not await ends_soon(held)


async def ends_soon(held: Term) -> bool:
    """Return whether a term ends within twice the short time, which passes at once here."""
    try:
        async with asyncio.timeout(2 * PATIENCE_S):
            await held.ended.wait()
    except TimeoutError:
        return False
    return True
