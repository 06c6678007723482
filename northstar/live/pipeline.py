"""Run the feed, history and broadcast tasks, and restart those that fail."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime

from northstar.feeds import Feed
from northstar.feeds.demo.feed import DemoFeed
from northstar.feeds.recording import Recorder
from northstar.history.writer import History
from northstar.live.broadcast import Broadcast
from northstar.live.intake import Intake
from northstar.settings.table import Settings

log = logging.getLogger(__name__)

RESTART_DELAY_S = 1


class Pipeline:
    """Connects one feed to its viewers through `intake`, `broadcast` and `history`.

    `desk` is the name of the desk, `demo` the feed if it is the demo; `faults` counts failures of
    tasks.
    """

    def __init__(  # noqa: PLR0913 (its parts)
        self,
        feed: Feed,
        settings: Settings,
        history: History,
        *,
        recorder: Recorder | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.desk = settings.title
        self.demo = feed if isinstance(feed, DemoFeed) else None
        self.history = history
        self.intake = Intake(feed, settings, history, recorder=recorder, clock=clock, now=now)
        self.broadcast = Broadcast(self.intake, settings, clock)
        self.faults = 0

    async def run(self, *others: Callable[[], Awaitable[None]]) -> None:
        """Run all tasks until cancelled, and `others`, which monitor them."""
        tasks = (
            self.intake.run,
            self.broadcast.send_frames,
            self.broadcast.send_messages,
            self.history.run,
            *others,
        )
        with closing(self.intake):
            async with asyncio.TaskGroup() as group:
                for task in tasks:
                    group.create_task(self._supervise(task), name=task.__name__)

    async def _supervise(self, task: Callable[[], Awaitable[None]]) -> None:
        """Run `task` forever: log and count a fault, then restart the task.

        Sends the current state again, as the fault may have interrupted it.
        """
        while True:
            try:
                await task()
            except Exception:
                self.faults += 1
                log.exception("fault in %s", task.__name__)
                await asyncio.sleep(RESTART_DELAY_S)
                self.broadcast.renew()
