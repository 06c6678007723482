"""Many viewers of one address in one thread, which read only the truth of each frame."""

import asyncio
import re
import threading
import time
from collections import Counter
from contextlib import suppress
from math import inf

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

TRUTH = re.compile(r'"truth":\[(\d+),(\d+)\]')
RETURN_S = 0.2


class Crowd:
    """Viewers at a port that reconnect whenever their socket is closed, until `close`.

    `closed` counts the close codes of their sockets, `backwards` the frames that were older than an
    earlier one of their viewer.
    """

    def __init__(self, port: int, count: int) -> None:
        self.closed: Counter[int] = Counter()
        self.backwards = 0
        self._url = f"ws://127.0.0.1:{port}/view-stream"
        self._seen = [(0, 0)] * count
        self._news_at_s = [-inf] * count
        self._longest_s = [0.0] * count
        self._ends = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._watch(),))
        self._thread.start()

    @property
    def without_news_s(self) -> float:
        """The longest time since a viewer's last new data; `inf` if one had none."""
        return time.monotonic() - min(self._news_at_s)

    @property
    def longest_gap_s(self) -> float:
        """The longest time between two frames with new data of any viewer since `begin`."""
        return max(self._longest_s)

    def begin(self) -> None:
        """Start measuring gaps."""
        self._longest_s = [0.0] * len(self._longest_s)

    def close(self) -> None:
        """Close all sockets."""
        self._loop.call_soon_threadsafe(self._ends.set)
        self._thread.join()
        self._loop.close()

    async def _watch(self) -> None:
        viewers = [asyncio.create_task(self._view(place)) for place in range(len(self._seen))]
        await self._ends.wait()
        for each in viewers:
            each.cancel()
        await asyncio.gather(*viewers, return_exceptions=True)

    async def _view(self, place: int) -> None:
        while True:
            with suppress(OSError, WebSocketException, TimeoutError):
                async with connect(self._url, compression=None) as socket:
                    try:
                        while True:
                            self._note(place, str(await socket.recv()))
                    except ConnectionClosed as closed:
                        self.closed[closed.rcvd.code if closed.rcvd else 0] += 1
            await asyncio.sleep(RETURN_S)

    def _note(self, place: int, frame: str) -> None:
        found = TRUTH.search(frame)
        if not found:  # of an instance that has not read one yet
            return
        truth = int(found[1]), int(found[2])
        if truth < self._seen[place]:
            self.backwards += 1
        elif truth > self._seen[place]:
            now_s = time.monotonic()
            if self._news_at_s[place] > -inf:
                self._longest_s[place] = max(self._longest_s[place], now_s - self._news_at_s[place])
            self._seen[place], self._news_at_s[place] = truth, now_s
