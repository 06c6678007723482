"""The feed of the demo: delivers the messages of a scene, which can be changed while it runs."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import partial

from northstar.domain.messages import PnLUpdate, TrendDay, encode
from northstar.errors import LinkError
from northstar.feeds import Accept, Source
from northstar.feeds.demo.calm import EARLIER_DAYS, emit
from northstar.feeds.demo.scenes import (
    SCRIPTS,
    Playing,
    Scene,
    act_at,
    message_at,
    month_before,
)
from northstar.feeds.demo.story import Act
from northstar.feeds.link import Delivered, Link, keep_up

GONE = "the demo has cut the source"


class DemoFeed:
    """Emits `rate` messages a second, with timestamps from `now`.

    While the scene has the source cut, the link is lost like that of a source that went away.
    """

    source = Source.DEMO
    name = "bundled emitter"

    def __init__(
        self,
        seed: int,
        rate: float,
        now: Callable[[], datetime],
        scene: Scene = Scene.STORY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seed = seed
        self.rate = rate
        self.now = now
        self.scene = scene
        self.link = Link()
        self._clock = clock
        self._began = clock()
        self._plays = 0  # scenes begun
        self._before = month_before(scene, seed, now().date())
        self._today: TrendDay | None = None  # as sent last

    @property
    def scenes(self) -> Mapping[str, str]:
        """What each scene is about, by name."""
        return {scene: script.about for scene, script in SCRIPTS.items()}

    @property
    def act(self) -> Act:
        """What is shown now."""
        return act_at(self._playing)

    def play(self, scene: str) -> None:
        """Start the scene of that name. The days before stay: only today is another one."""
        self.scene, self._began = Scene(scene), self._clock()
        self._plays += 1

    async def run(self, accept: Accept) -> None:
        """Deliver messages until cancelled, at an even rate however long each one takes."""
        self._began = self._clock()
        await keep_up(self.link, partial(self._deliver, accept), self._is_there)

    @property
    def _playing(self) -> Playing:
        return Playing(self.scene, self.seed, self._clock() - self._began)

    async def _is_there(self) -> bool:
        return not self.act.is_cut

    async def _deliver(self, accept: Accept, delivered: Delivered) -> None:
        """Deliver the messages of one connection. Raises `LinkError` once the source is cut."""
        loop = asyncio.get_running_loop()
        start, sent = loop.time(), 0
        if not self.act.is_cut:
            self.link.opened()
        while not self.act.is_cut:
            for update in self._updates(self._plays):
                if accept(encode(update)):
                    delivered()
                sent += 1
                await asyncio.sleep(start + sent / self.rate - loop.time())
        raise LinkError(GONE)

    def _updates(self, play: int) -> Iterator[PnLUpdate]:
        """Yield updates until the source is cut or another scene has begun."""
        moments, is_calm = iter(self.now, None), self.scene is Scene.CALM
        before = self._days_before(self.now().date())
        updates = emit(self.seed, moments, before) if is_calm else self._scene_updates()
        for update in updates:
            if self._plays != play or self.act.is_cut:
                return
            self._note(update)
            yield update

    def _scene_updates(self) -> Iterator[PnLUpdate]:
        day: date | None = None
        for moment in iter(self.now, None):
            before = self._days_before(moment.date())
            is_first, day = moment.date() != day, moment.date()
            yield message_at(self._playing, moment, before, whole=is_first)

    def _note(self, update: PnLUpdate) -> None:
        for row in (update.trends_data or ())[-1:]:
            self._days_before(row.date)
            self._today = row

    def _days_before(self, day: date) -> list[TrendDay]:
        """Return the days before `day`; the last one closed with what was sent last."""
        if self._today and self._today.date < day:
            self._before = [*self._before, self._today][-EARLIER_DAYS:]
            self._today = None
        return self._before
