"""Fan-out: one latest-value slot per viewer, and the beat at which frames go out.

A viewer that stops reading misses frames; it delays nobody and holds one frame of memory.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

CATCH_UP = 0.95


class Slot:
    """Where one viewer's next frame waits; a newer frame replaces one not yet taken."""

    def __init__(self) -> None:
        self.skipped = 0
        self._frame = ""
        self._filled = asyncio.Event()

    @property
    def full(self) -> bool:
        return self._filled.is_set()

    def put(self, frame: str) -> None:
        self.skipped += self.full
        self._frame = frame
        self._filled.set()

    async def take(self) -> str:
        """Wait for a frame not seen yet and return it. Cancelling is safe: nothing is lost."""
        await self._filled.wait()
        self._filled.clear()
        return self._frame


class Hub:
    """Hands every frame to every viewer."""

    def __init__(self) -> None:
        self._slots: set[Slot] = set()
        self._skipped_by_the_gone = 0

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def skipped(self) -> int:
        """How many frames a newer one replaced before a viewer took them, since the start."""
        return self._skipped_by_the_gone + sum(slot.skipped for slot in self._slots)

    def publish(self, frame: str) -> None:
        for slot in self._slots:
            slot.put(frame)

    def beat(self, heartbeat: str, frame: str) -> None:
        """Send a sign of life: `heartbeat`, or `frame` where an older one still waits.

        A heartbeat says less than a frame, so it must not push one out; but the one that waits
        tells an age of the data that is no longer true.
        """
        for slot in self._slots:
            slot.put(frame if slot.full else heartbeat)

    @contextmanager
    def join(self) -> Iterator[Slot]:
        """Return an empty slot that is filled for as long as the context lasts."""
        slot = Slot()
        self._slots.add(slot)
        try:
            yield slot
        finally:
            self._slots.discard(slot)
            self._skipped_by_the_gone += slot.skipped


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
