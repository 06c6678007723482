"""Render a text once, in a thread, for all requests that wait for it."""

import asyncio
from collections.abc import Callable


class Shared:
    """Renders one text at a time; a request gets a text whose rendering began after it arrived.

    Requests that arrive during a rendering share the next one.
    """

    def __init__(self) -> None:
        self._rendering = asyncio.Lock()
        self._begun = 0
        self._text, self._number = "", 0  # the newest text, and its number in order of start

    async def get(self, begin: Callable[[], Callable[[], str]]) -> str:
        """Return the text; `begin` runs on the event loop and returns what to run in the thread."""
        begun_before = self._begun
        async with self._rendering:
            if self._number <= begun_before:
                self._begun += 1
                self._text = await asyncio.to_thread(begin())
                self._number = self._begun
            return self._text
