"""Render each new state once, and send it to every viewer."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import fields, replace

from northstar.domain.freshness import StreamStatus
from northstar.domain.ledger import Snapshot
from northstar.domain.messages import encode
from northstar.feeds import Source
from northstar.live.hub import Cut, Hub, beats
from northstar.live.intake import Intake
from northstar.live.keyframes import Frame, FrameEncoder, Rendered
from northstar.observers import Observers
from northstar.settings.table import Settings
from northstar.view.live.frames import render, status_content
from northstar.view.live.status import clock_warning
from northstar.view.shared.money import Notation

HEARTBEAT_S = 5
# Rendering takes up to 0.4 ms per row if every name is new.
ROWS_ON_LOOP = 50


class Broadcast:
    """Renders each new state once and sends it to all viewers.

    `viewers` get frames, `subscribers` the state in the guide's format. `renderings` notifies
    observers of the time each rendering took, in seconds.
    """

    def __init__(
        self, intake: Intake, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.viewers = Hub[Frame]()
        self.subscribers = Hub[Frame]()
        self.notation = Notation(settings.locale, settings.currency, settings.decimals)
        self.rendered: Snapshot | None = None  # the state in the newest frame
        self._taken: Snapshot | None = None  # the same, without the running day
        self.renderings: Observers[float] = Observers()
        self._intake = intake
        self._clock = clock
        self._gap_s = 1 / settings.max_fps
        self._epoch = secrets.token_hex(4)
        self._seq = 0
        self._encoder = FrameEncoder(self._epoch)
        self._frame_due = asyncio.Event()
        self._message_due = asyncio.Event()
        intake.changed.subscribe(self._frame_due.set)
        intake.accepted.subscribe(self._message_due.set)

    def frame(self, *, new_state: bool = False) -> Frame:
        """Return the frame with the state rendered last and the current status of the source.

        With `new_state` it is the first one with that state.
        """
        status = status_content(self.status(), self.rendered, self.notation)
        return self._encoder.encode(self._seq, self._clock(), status, new_state=new_state)

    def message(self) -> str | None:
        """Return the state in the guide's format, None before the first message.

        Figures that are not real are marked, so that another dashboard does not show them as real.
        """
        snapshot, source = self._intake.snapshot, self._intake.source
        if snapshot is None:
            return None
        unreal = None if source is Source.LIVE else source
        return encode(snapshot.state.model_copy(update={"source": unreal})).decode()

    def message_frame(self) -> Frame | None:
        """Return `message` as a frame, which is the same for every subscriber."""
        message = self.message()
        return None if message is None else Frame("", "", message, lambda: message)

    def status(self) -> StreamStatus:
        """Return the current status of the source, with counts of frames and viewers."""
        feed = self._intake.status()
        return StreamStatus(
            **{field.name: getattr(feed, field.name) for field in fields(feed)},
            epoch=self._epoch,
            frames=self._seq,
            skipped=self.viewers.skipped,
            viewers=len(self.viewers),
            warning=clock_warning(feed),
        )

    @property
    def cuts(self) -> Mapping[str, int]:
        """Number of viewers disconnected, by reason."""
        both = self.viewers.cuts, self.subscribers.cuts
        return {cut.name.lower(): sum(cuts[cut] for cuts in both) for cut in Cut}

    def renew(self) -> None:
        """Send the current state again, to viewers and subscribers."""
        self._frame_due.set()
        self._message_due.set()

    async def send_frames(self) -> None:
        """Send a frame to all viewers after a change, and as a sign of life without one."""
        async for changed in beats(self._frame_due, gap_s=self._gap_s, heartbeat_s=HEARTBEAT_S):
            snapshot = self._intake.snapshot
            if snapshot and snapshot is not self._taken:
                await self._render(snapshot)
            self._seq += changed
            self.viewers.publish(self.frame(new_state=changed))

    async def send_messages(self) -> None:
        """Send each new state to the subscribers; only the newest if they arrive too fast."""
        while True:
            await self._message_due.wait()
            self._message_due.clear()
            if len(self.subscribers) and (frame := self.message_frame()):
                self.subscribers.publish(frame)

    async def _render(self, snapshot: Snapshot) -> None:
        """Render a state for the next frames; a large one in a thread, off the event loop."""
        started = time.perf_counter()
        whole = replace(snapshot, day=self._intake.day.view)

        def work() -> Rendered:
            return self._encoder.prepare(render(whole, self.notation))

        large = len(snapshot.costs) + len(snapshot.agents) > ROWS_ON_LOOP
        self._encoder.take(await asyncio.to_thread(work) if large else work())
        self._taken, self.rendered = snapshot, whole
        self.renderings.notify(time.perf_counter() - started)
