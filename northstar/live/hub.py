"""Fan-out: a latest-value slot for each viewer, and the pace of frames.

A viewer that stops reading misses frames; it delays nobody and holds one frame of memory. More than
one would be of no use, as every frame is the whole page.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Self

CATCH_UP = 0.95


class Cut(StrEnum):
    """Why a viewer is disconnected; the value is the close reason."""

    SLOW = "too slow: what was sent has not been read"
    FULL = "too many viewers, try again later"
    ADDRESS = "too many viewers from this address, try again later"


class EncodedText(str):
    """A str that caches its UTF-8 bytes: each viewer's socket asks for them anew."""

    __slots__ = ("_bytes",)
    _bytes: bytes

    def __new__(cls, text: str) -> Self:
        encoded = super().__new__(cls, text)
        encoded._bytes = text.encode()
        return encoded

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Return the same bytes each time, in UTF-8, as all text on a socket is."""
        return self._bytes if encoding == "utf-8" else super().encode(encoding, errors)


class Slot:
    """Where one viewer's next frame waits; a newer frame replaces one not yet taken.

    `late` is called each time one does.
    """

    def __init__(self, late: Callable[[], None] = lambda: None) -> None:
        self._late = late
        self._frame: str | None = None
        self._taker: asyncio.Future[None] | None = None

    @property
    def full(self) -> bool:
        return self._frame is not None

    def put(self, frame: str) -> None:
        if self.full:
            self._late()
        self._frame = frame
        if self._taker and not self._taker.done():
            self._taker.set_result(None)

    async def take(self) -> str:
        """Wait for a frame not seen yet and return it. Cancelling is safe: nothing is lost."""
        while self._frame is None:
            self._taker = asyncio.get_running_loop().create_future()
            await self._taker
        frame, self._frame = self._frame, None
        return frame


class Hub:
    """Hands every frame to every viewer.

    `skipped` counts frames that a newer one replaced before a viewer took them, `cuts` the viewers
    sent away; both since the start.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self.cuts = dict.fromkeys(Cut, 0)
        self._slots: set[Slot] = set()

    def __len__(self) -> int:
        return len(self._slots)

    def publish(self, text: str) -> None:
        frame = EncodedText(text)
        for slot in self._slots:
            self._fill(slot, frame)

    def beat(self, heartbeat: str, frame: str) -> None:
        """Send a sign of life: `heartbeat`, or `frame` where an older one still waits.

        A heartbeat says less than a frame, so it must not push one out; but the one that waits
        tells an age of the data that is no longer true.
        """
        heartbeat, frame = EncodedText(heartbeat), EncodedText(frame)
        for slot in self._slots:
            self._fill(slot, frame if slot.full else heartbeat)

    def _fill(self, slot: Slot, frame: EncodedText) -> None:
        self.skipped += slot.full
        slot.put(frame)

    @contextmanager
    def join(self, late: Callable[[], None] = lambda: None) -> Iterator[Slot]:
        """Return an empty slot that is filled for as long as the context lasts."""
        slot = Slot(late)
        self._slots.add(slot)
        try:
            yield slot
        finally:
            self._slots.discard(slot)


async def beats(changed: asyncio.Event, *, gap_s: float, heartbeat_s: float) -> AsyncIterator[bool]:
    """Yield True when something changed, False when nothing did for `heartbeat_s`.

    The first change after a quiet time comes at once, later ones every `gap_s`; changes in
    between are one, and the last is never dropped. One change may come ahead of its time, and
    gaps are a twentieth shorter than said: a source just as fast as `gap_s` would otherwise
    never make up for a late message, and be shown late for ever.
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
