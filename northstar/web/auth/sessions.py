"""End a session when its browser signs out: its open sockets, and its cookie."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

MOST_ENDED = 10_000  # cookies remembered; the browser has deleted them by then


class Sessions:
    """The open sockets of each session cookie, and the cookies whose session has ended.

    A page whose socket is closed reloads, and may do so before its browser has read the response
    that deletes the cookie.
    """

    def __init__(self) -> None:
        self._deadlines: dict[str, set[asyncio.Timeout]] = {}
        self._ended: dict[str, None] = {}  # in order

    @contextmanager
    def hold(self, cookie: str, deadline: asyncio.Timeout) -> Iterator[None]:
        """Let `deadline` pass if the session ends during the context; "" is no session."""
        deadlines = self._deadlines.setdefault(cookie, set()) if cookie else set()
        deadlines.add(deadline)
        try:
            yield
        finally:
            deadlines.discard(deadline)
            if not deadlines and self._deadlines.get(cookie) is deadlines:
                del self._deadlines[cookie]

    def end(self, cookie: str) -> None:
        """End a session."""
        self._ended[cookie] = None
        if len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]
        now = asyncio.get_running_loop().time()
        for deadline in self._deadlines.pop(cookie, ()):
            if not deadline.expired():
                deadline.reschedule(now)

    def has_ended(self, cookie: str) -> bool:
        """Return whether a session has ended since the start of the program."""
        return cookie in self._ended
