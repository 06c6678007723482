"""Render once in a thread for all requests that wait for the same text."""

import asyncio
from collections.abc import Callable


class Shared:
    """One text at a time: a request gets one that was begun after it came.

    So requests that come while a text is being made share the next one.
    """

    def __init__(self) -> None:
        self._making = asyncio.Lock()
        self._begun = 0
        self._text, self._number = "", 0  # the text made last, which was the `_number`-th begun

    async def get(self, begin: Callable[[], Callable[[], str]]) -> str:
        """Return the text; `begin` runs on the event loop and returns what to run in the thread."""
        begun_before = self._begun
        async with self._making:
            if self._number <= begun_before:
                self._begun += 1
                self._text = await asyncio.to_thread(begin())
                self._number = self._begun
            return self._text
