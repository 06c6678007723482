"""The rate of messages: at most the configured one, and no slower."""

import asyncio

import pytest

from northstar.feeds.pace import BURST_S, Pace


async def seconds_of(pace: Pace, turns: int) -> float:
    """Return the duration of this many turns."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    for _ in range(turns):
        await pace.wait()
    return loop.time() - started


@pytest.mark.parametrize(("rate", "turns"), [(5, 3), (100, 60), (5000, 3000)])
async def test_turns_of_a_flood(rate: float, turns: int) -> None:
    """A flood gets no more turns than the rate and one burst allow."""
    assert await seconds_of(Pace(rate), turns) >= (turns - 1) / rate - BURST_S


async def test_turns_below_the_rate() -> None:
    """A source below the rate still yields to other tasks."""
    others = asyncio.create_task(asyncio.sleep(0))

    await seconds_of(Pace(rate=1e6), 3)

    assert others.done()


async def test_turns_after_a_long_time() -> None:
    """A quiet time allows one burst, not all unused turns."""
    pace = Pace(rate=100)
    await pace.wait()
    await asyncio.sleep(5 * BURST_S)

    assert await seconds_of(pace, 50) >= 49 / 100 - BURST_S


@pytest.mark.parametrize(("size", "turns"), [(0, 1), (4096, 1), (4097, 2), (1 << 20, 256)])
async def test_turns_of_a_large_message(size: int, turns: int) -> None:
    """A message takes one turn for each started 4 kB, at least one."""
    rate = 500
    pace = Pace(rate)
    loop = asyncio.get_running_loop()
    await pace.wait()
    pace.charge(size)
    charged = loop.time()
    await pace.wait()

    assert loop.time() - charged >= (turns - 1) / rate - BURST_S
