"""Feed that replays a recording, at its original speed or a multiple of it."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from northstar.errors import ConfigurationError
from northstar.feeds import Accept, Source
from northstar.feeds.link import Link
from northstar.feeds.recording import read

LONGEST_SILENCE_S = 5


class ReplayFeed:
    """Replays the recording at `path`, `speed` times as fast as recorded.

    Raises `ConfigurationError` if there is nothing to replay. If the clock was set back during the
    recording, the next message follows at once. A long silence, such as a night between two runs
    recorded in one file, is shortened to `LONGEST_SILENCE_S`.
    """

    source = Source.REPLAY

    def __init__(self, path: Path, speed: float) -> None:
        self.name = path.name
        self.link = Link()
        self._path = path
        self._speed = speed
        with closing(read(path)) as recording:
            self._start = next(recording).at
        # Of the last message delivered: time recorded, time due now, and the gap after it.
        self._at, self._due, self._gap_s = self._start, 0.0, 0.0
        self._clock: Callable[[], float] = lambda: 0.0  # the event loop's, once it runs

    def now(self) -> datetime:
        """Return the time being replayed, aware and in UTC.

        While a message is being accepted, this is the time at which it was recorded. It never
        passes the next message, and stops at the last one.
        """
        passed_s = (self._clock() - self._due) * self._speed
        return self._at + timedelta(seconds=max(0.0, min(passed_s, self._gap_s)))

    async def run(self, accept: Accept) -> None:
        """Deliver every message from the first, none too early; then wait to be cancelled."""
        self._clock = asyncio.get_running_loop().time
        self._at, self._due, self._gap_s = self._start, self._clock(), 0.0
        self.link.opened()
        try:
            await self._play(accept)
        except ConfigurationError as error:  # the rest is not a recording
            self.link.ended(str(error))
        else:
            self.link.ended("the recording has ended")
        await asyncio.Event().wait()

    async def _play(self, accept: Accept) -> None:
        with closing(read(self._path)) as recording:
            for recorded in recording:
                await self._wait_for(recorded.at)
                accept(recorded.message, fetched=recorded.fetched)

    async def _wait_for(self, at: datetime) -> None:
        """Wait until `at` is due; yields to other tasks even if it is overdue."""
        self._gap_s = max(0.0, (at - self._at).total_seconds())
        due = self._due + min(self._gap_s / self._speed, LONGEST_SILENCE_S)
        await asyncio.sleep(due - self._clock())
        self._at, self._due, self._gap_s = at, due, 0.0
