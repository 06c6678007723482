"""The demo feed: links, scenes that change while it runs, and the end of a day."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from conftest import UTC
from northstar.domain.freshness import LinkState
from northstar.feeds.demo.feed import DemoFeed
from northstar.feeds.demo.scenes import Scene
from support.waiting import eventually

MORNING = datetime(2026, 2, 25, 8, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("brief_wait", "brief_probes")


@pytest.fixture
def brief_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the feed notice a returned source soon."""
    monkeypatch.setattr("northstar.feeds.link.PROBE_INTERVAL_S", 0.01)


@dataclass
class Demo:
    """A running feed, its messages and its clock."""

    now: datetime = MORNING
    elapsed_s: float = 0.0
    messages: list[dict[str, Any]] = field(default_factory=list)

    def accept(self, raw: bytes | str, *, fetched: bool = False) -> bool:
        self.messages.append(json.loads(raw))
        return not fetched

    @property
    def last(self) -> dict[str, Any]:
        return self.messages[-1]

    async def more(self, count: int = 2) -> dict[str, Any]:
        """Return a message that was computed after this call."""
        seen = len(self.messages)
        await eventually(lambda: len(self.messages) >= seen + count)
        return self.last


@asynccontextmanager
async def running(scene: Scene) -> AsyncIterator[tuple[DemoFeed, Demo]]:
    """Run a feed with a scene while the context is open."""
    demo = Demo()
    feed = DemoFeed(1, 200, lambda: demo.now, scene, lambda: demo.elapsed_s)
    task = asyncio.create_task(feed.run(demo.accept))
    try:
        await demo.more()
        yield feed, demo
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_cut() -> None:
    """While the source is cut, retries fail; afterwards the first message has the whole trend."""
    async with running(Scene.STORY) as (feed, demo):
        assert feed.link.state is LinkState.OPEN
        demo.elapsed_s = 37
        await eventually(lambda: feed.link.state is LinkState.WAITING)
        assert feed.link.problem == "the demo has cut the source"
        seen = len(demo.messages)
        states: list[LinkState] = []
        feed.link.changed.subscribe(lambda: states.append(feed.link.state))
        demo.elapsed_s = 47.9
        await eventually(lambda: len(states) >= 4)
        assert states[:4] == [LinkState.CONNECTING, LinkState.WAITING] * 2
        assert len(demo.messages) == seen
        demo.elapsed_s = 48

        await eventually(lambda: len(demo.messages) > seen)
        assert (feed.link.state, feed.link.reconnects) == (LinkState.OPEN, 1)
        assert len(demo.messages[seen]["trendsData"]) == 30


async def test_another_scene() -> None:
    """Another scene starts anew with its own agents and the same earlier days."""
    async with running(Scene.STORY) as (feed, demo):
        first = demo.messages[0]
        demo.elapsed_s = 20
        feed.play(Scene.CROWD)
        crowd = await demo.more()
        seen = len(demo.messages)
        feed.play(Scene.CALM)
        await demo.more()

        assert feed.act.text == "Nothing happens: amounts move evenly."
        calm = next(one for one in demo.messages[seen:] if len(one["agentAttribution"]) == 3)
        assert len(crowd["agentAttribution"]) == 40
        assert calm["revenue"] == 125450
        assert calm["trendsData"][:-1] == first["trendsData"][:-1]
        assert (feed.link.state, feed.link.reconnects) == (LinkState.OPEN, 0)


async def test_source_that_another_scene_brings_back() -> None:
    """The offline scene lasts until another scene is chosen."""
    async with running(Scene.OFFLINE) as (feed, demo):
        demo.elapsed_s = 1000
        await eventually(lambda: feed.link.state is LinkState.WAITING)
        feed.play(Scene.LOSS)

        await eventually(lambda: feed.link.state is LinkState.OPEN)
        assert (await demo.more())["netPnL"] < 0


@pytest.mark.parametrize("scenes", [(Scene.LOSS,), (Scene.CALM,), (Scene.CALM, Scene.LOSS)])
async def test_midnight(scenes: tuple[Scene, ...]) -> None:
    """A day closes with its last sent totals, whichever scene continues."""
    first, *later = scenes
    async with running(first) as (feed, demo):
        close = demo.last["revenue"]
        if first is Scene.CALM:
            close = (await demo.more())["revenue"]
        demo.now = MORNING + timedelta(days=1)
        for scene in later:
            feed.play(scene)
        await eventually(lambda: demo.last["timestamp"].startswith("2026-02-26"))
        days = [one for one in demo.messages if one["timestamp"].startswith("2026-02-26")]
        before = [one for one in demo.messages if one not in days]

        assert len(days[0]["trendsData"]) == 30
        closed = days[0]["trendsData"][-2]
        assert (closed["date"], closed["revenue"]) == ("2026-02-25", before[-1]["revenue"])
        assert days[0]["previousRevenue"] == before[-1]["revenue"]
        assert close <= closed["revenue"] or first is not Scene.LOSS
