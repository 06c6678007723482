"""Pipelines with feeds and clocks that a test controls; they run, or take single messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from northstar.feeds import Accept, Source
from northstar.feeds.link import Link
from northstar.live.hub import Slot
from northstar.live.keyframes import Frame
from northstar.live.pipeline import Pipeline, Standalone
from northstar.settings.table import Settings
from support import guide
from support.empty_history import history
from support.frames import Reader, read_whole, shown_revenue
from support.waiting import SLOWNESS, eventually

FAST = Settings(demo=True, max_fps=60)
TAKE_S = 8 * SLOWNESS  # deadline of an expected frame
AT = datetime(2026, 2, 25, 22, 24, tzinfo=UTC)


class HandFeed:
    """A feed that delivers given messages and fails on request."""

    source = Source.LIVE

    def __init__(self) -> None:
        self.link = Link()
        self.accept: Accept | None = None
        self.runs = 0
        self.name = "hand feed"
        self._fails = asyncio.Event()

    async def run(self, accept: Accept) -> None:
        self.runs += 1
        self.accept = accept
        await self._fails.wait()
        self._fails.clear()
        raise RuntimeError("the feed breaks")

    def send(self, **changes: Any) -> bool:
        """Deliver the guide's example with some fields changed; True if it was accepted."""
        assert self.accept is not None
        return self.accept(guide.text(**changes))

    def fail(self) -> None:
        self._fails.set()


class RunningPipeline:
    """A running pipeline, its feed and one of its viewers."""

    def __init__(self, pipeline: Standalone, feed: HandFeed, viewer: Slot[Frame]) -> None:
        self.pipeline = pipeline
        self.feed = feed
        self.viewer = viewer
        self._reader = Reader()

    def frame(self) -> dict[str, Any]:
        """Return the first frame for a new viewer."""
        return read_whole(self.pipeline.broadcast.frame().whole)

    @property
    def state(self) -> str:
        return str(self.frame()["feed"]["state"])

    async def next_frame(self) -> dict[str, Any]:
        """Return the viewer's next frame."""
        async with asyncio.timeout(TAKE_S):
            frame = await self.viewer.take()
        return self._reader.read(frame.text_for(self._reader.key))

    async def frame_with(self, revenue: str) -> dict[str, Any]:
        """Return the next frame with this revenue."""
        async with asyncio.timeout(TAKE_S):
            while shown_revenue(frame := await self.next_frame()) != revenue:
                pass
            return frame


@asynccontextmanager
async def running_pipeline(
    settings: Settings = FAST, late_s: float = 0
) -> AsyncIterator[RunningPipeline]:
    """Run a pipeline while the context is open, `late_s` after the guide's example."""
    feed = HandFeed()

    def now() -> datetime:
        return AT + timedelta(seconds=late_s)

    pipeline = Standalone(feed, settings, history(now), now=now)
    running = asyncio.create_task(pipeline.run())
    try:
        with pipeline.broadcast.viewers.join() as viewer:
            await eventually(lambda: feed.accept)
            yield RunningPipeline(pipeline, feed, viewer)
    finally:
        running.cancel()
        await asyncio.wait([running], timeout=TAKE_S)
        assert running.cancelled()


@dataclass
class Clock:
    """Both clocks of a pipeline, moved by a test.

    The wall clock is ahead by `set_s` after the machine has slept or was set.
    """

    passed_s: float = 0
    set_s: float = 0

    def monotonic(self) -> float:
        return self.passed_s

    def now(self) -> datetime:
        return AT + timedelta(seconds=self.passed_s + self.set_s)


class ManualPipeline(Standalone):
    """A pipeline that does not run and takes the messages of a test."""

    def __init__(
        self, settings: Settings = FAST, source: Source = Source.LIVE, recorder: Any = None
    ) -> None:
        self.clock = Clock()
        self.feed = HandFeed()
        self.feed.source = source
        super().__init__(
            self.feed,
            settings,
            history(self.clock.now),
            recorder=recorder,
            clock=self.clock.monotonic,
            now=self.clock.now,
        )

    def take(self, *, fetched: bool = False, **changes: Any) -> bool:
        """Take the guide's example with some fields changed."""
        return self.intake.accept(guide.text(**changes), fetched=fetched)

    @property
    def status(self) -> Any:
        return self.broadcast.status()


@asynccontextmanager
async def running(pipeline: Pipeline) -> AsyncIterator[None]:
    """Run a pipeline while the context is open."""
    task = asyncio.create_task(pipeline.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=TAKE_S)
