"""End a session when its browser signs out: its open sockets, and its cookie."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from northstar.observers import Observers

MOST_ENDED = 10_000  # cookies remembered; the browser has deleted them by then


class Sessions:
    """The open sockets of each session, and the sessions that have ended, by digests of cookies.

    A page whose socket is closed reloads, and may do so before its browser has read the response
    that deletes the cookie. `ended` notifies observers of the digest of each, for other instances.
    """

    def __init__(self) -> None:
        self.ended: Observers[str] = Observers()
        self._deadlines: dict[str, set[asyncio.Timeout]] = {}
        self._ended: dict[str, None] = {}  # in order

    @contextmanager
    def hold(self, cookie: str, deadline: asyncio.Timeout) -> Iterator[None]:
        """Let `deadline` pass if the session ends during the context; "" is no session."""
        digest = _digest(cookie)
        deadlines = self._deadlines.setdefault(digest, set()) if cookie else set()
        deadlines.add(deadline)
        try:
            yield
        finally:
            deadlines.discard(deadline)
            if not deadlines and self._deadlines.get(digest) is deadlines:
                del self._deadlines[digest]

    def end(self, cookie: str) -> None:
        """End a session, here and on other instances."""
        digest = _digest(cookie)
        self.end_here(digest)
        self.ended.notify(digest)

    def end_here(self, digest: str) -> None:
        """End the session of a cookie with that digest."""
        self._ended[digest] = None
        if len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]
        now = asyncio.get_running_loop().time()
        for deadline in self._deadlines.pop(digest, ()):
            if not deadline.expired():
                deadline.reschedule(now)

    def has_ended(self, cookie: str) -> bool:
        """Return whether a session has ended since the start of the program."""
        return _digest(cookie) in self._ended


def _digest(cookie: str) -> str:
    return sha256(cookie.encode()).hexdigest()
