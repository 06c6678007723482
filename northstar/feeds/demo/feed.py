"""The feed of the demo."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from northstar.domain.messages import encode
from northstar.feeds import Accept, Source
from northstar.feeds.demo.calm import emit
from northstar.feeds.link import Link


class DemoFeed:
    """Emits `rate` messages a second, with timestamps from `now`."""

    source = Source.DEMO
    name = "bundled emitter"

    def __init__(self, seed: int, rate: float, now: Callable[[], datetime]) -> None:
        self.seed = seed
        self.rate = rate
        self.now = now
        self.link = Link()

    async def run(self, accept: Accept) -> None:
        """Deliver messages until cancelled, at an even rate however long each one takes."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        self.link.opened()
        for sent, update in enumerate(emit(self.seed, iter(self.now, None)), start=1):
            accept(encode(update))
            await asyncio.sleep(start + sent / self.rate - loop.time())
