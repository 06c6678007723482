"""Feed that replays a recording, at its own pace or a multiple of it."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from northstar.feeds import Accept, Source
from northstar.feeds.link import Link
from northstar.feeds.recording import read

LONGEST_SILENCE_S = 5


class ReplayFeed:
    """Plays the recording at `path`, `speed` times as fast as it came.

    Raises `ConfigurationError` where there is nothing to play. Where the clock was set back while
    recording, the next message follows at once; a long silence, such as the night between two
    sessions of one file, is cut short.
    """

    source = Source.REPLAY

    def __init__(self, path: Path, speed: float) -> None:
        self.name = path.name
        self.link = Link()
        self._path = path
        self._speed = speed
        with closing(read(path)) as recording:
            self._start = next(recording).at
        # The last message delivered: when it came then, when it was due now; the gap after it.
        self._at, self._due, self._gap_s = self._start, 0.0, 0.0
        self._clock: Callable[[], float] = lambda: 0.0  # the event loop's, once it runs

    def now(self) -> datetime:
        """Return the time being replayed, aware and in UTC.

        While a message is being accepted that is exactly when it was recorded; it never runs
        ahead of the next one, and stays at the last one.
        """
        passed_s = (self._clock() - self._due) * self._speed
        return self._at + timedelta(seconds=max(0.0, min(passed_s, self._gap_s)))

    async def run(self, accept: Accept) -> None:
        """Deliver every message, from the first on, none too early; then wait to be cancelled."""
        self._clock = asyncio.get_running_loop().time
        self._at, self._due, self._gap_s = self._start, self._clock(), 0.0
        self.link.opened()
        with closing(read(self._path)) as recording:
            for recorded in recording:
                await self._wait_for(recorded.at)
                accept(recorded.message, fetched=recorded.fetched)
        self.link.ended("the recording is over")
        await asyncio.Event().wait()

    async def _wait_for(self, at: datetime) -> None:
        """Return when the moment `at` is due; others get their turn even if that is long past."""
        self._gap_s = max(0.0, (at - self._at).total_seconds())
        due = self._due + min(self._gap_s / self._speed, LONGEST_SILENCE_S)
        await asyncio.sleep(due - self._clock())
        self._at, self._due, self._gap_s = at, due, 0.0
