"""Fan-out: a latest-value slot for each viewer, and the pace of frames.

A viewer that stops reading misses frames. It does not delay the others and holds one frame in
memory: more would be useless, as no frame refers to the one before it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Generic, Self, TypeVar

CATCH_UP = 0.95

T = TypeVar("T")


class Cut(StrEnum):
    """Why a viewer is disconnected; the value is the close reason."""

    SLOW = "too slow: frames were not read in time"
    FULL = "too many viewers, try again later"
    ADDRESS = "too many viewers from this address, try again later"
    RATE = "too many viewers at once, try again in {} s"  # assets/24-connection.js reads it


class EncodedText(str):
    """A str that caches its UTF-8 bytes, as every viewer's socket encodes it again."""

    __slots__ = ("_bytes",)
    _bytes: bytes

    def __new__(cls, text: str) -> Self:
        encoded = super().__new__(cls, text)
        encoded._bytes = text.encode()
        return encoded

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the cached bytes for UTF-8, which sockets use."""
        return self._bytes if encoding == "utf-8" else super().encode(encoding, errors)


class Slot(Generic[T]):
    """Holds the next frame of one viewer; a newer frame replaces one not yet taken.

    Calls `on_skip` for each frame replaced. While it holds none, it calls `send_now`, and does not
    hold a frame that this sends.
    """

    def __init__(
        self,
        on_skip: Callable[[], None] = lambda: None,
        send_now: Callable[[T], bool] = lambda _: False,
    ) -> None:
        self._on_skip = on_skip
        self._send_now = send_now
        self._frame: T | None = None
        self._taker: asyncio.Future[None] | None = None

    @property
    def full(self) -> bool:
        return self._frame is not None

    def put(self, frame: T) -> None:
        if self.full:
            self._on_skip()
        elif self._send_now(frame):
            return
        self._frame = frame
        if self._taker and not self._taker.done():
            self._taker.set_result(None)

    async def take(self) -> T:
        """Wait for the next frame and return it. Cancelling is safe: no frame is lost."""
        while self._frame is None:
            self._taker = asyncio.get_running_loop().create_future()
            await self._taker
        frame, self._frame = self._frame, None
        return frame


class Hub(Generic[T]):
    """Passes every frame to every viewer.

    Since the start, `skipped` counts frames replaced by a newer one before a viewer took them, and
    `cuts` the viewers disconnected, by reason.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self.cuts = dict.fromkeys(Cut, 0)
        self._slots: set[Slot[T]] = set()

    def __len__(self) -> int:
        return len(self._slots)

    def publish(self, frame: T) -> None:
        for slot in self._slots:
            self.skipped += slot.full
            slot.put(frame)

    @contextmanager
    def join(
        self,
        on_skip: Callable[[], None] = lambda: None,
        send_now: Callable[[T], bool] = lambda _: False,
    ) -> Iterator[Slot[T]]:
        """Return an empty slot that receives frames until the context ends."""
        slot = Slot[T](on_skip, send_now)
        self._slots.add(slot)
        try:
            yield slot
        finally:
            self._slots.discard(slot)


async def beats(changed: asyncio.Event, *, gap_s: float, heartbeat_s: float) -> AsyncIterator[bool]:
    """Yield True after a change, False after `heartbeat_s` without one.

    The first change after a quiet time is reported at once, later ones every `gap_s`; changes in
    between are combined, and the last one is never dropped. One change may be reported early, and
    gaps are 5 % shorter than `gap_s`: otherwise, the page would never catch up after a late message
    of a source with exactly that interval.
    """
    loop = asyncio.get_running_loop()
    step_s = gap_s * CATCH_UP
    booked_until = loop.time()
    while True:
        try:
            async with asyncio.timeout(heartbeat_s):
                await changed.wait()
        except TimeoutError:
            yield False
            continue
        changed.clear()
        booked_until = max(booked_until, loop.time()) + step_s
        yield True
        await asyncio.sleep(booked_until - step_s - loop.time())
