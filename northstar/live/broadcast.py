"""Render each new state once, and send it to every viewer."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Self, TypeAlias

from northstar.domain.cluster import ClusterStatus
from northstar.domain.freshness import StreamStatus
from northstar.domain.messages import encode
from northstar.domain.snapshot import Snapshot
from northstar.feeds import Source
from northstar.live.hub import Cut, EncodedText, Hub, beats
from northstar.live.keyframes import Frame, FrameEncoder, Rendered
from northstar.live.population import Population
from northstar.live.shown import Shown
from northstar.observers import Observers
from northstar.settings.table import Settings
from northstar.view.live.frames import render, status_content
from northstar.view.live.needs import Needs
from northstar.view.live.status import clock_warning
from northstar.view.shared.money import Notation

HEARTBEAT_S = 5
# Rendering takes up to 0.4 ms per row if every name is new.
ROWS_ON_LOOP = 50
# Epoch and number of a state, the same on all instances; pages refuse a lower one.
Truth: TypeAlias = tuple[int, int]


class StateMessage(EncodedText):
    """A state in the guide's format, which is the same text for every subscriber."""

    __slots__ = ()
    key = ""

    def text_for(self, _: str) -> Self:
        """Return itself."""
        return self


class Broadcast:
    """Renders each new state once and sends it to all viewers.

    `viewers` get frames, `subscribers` the state in the guide's format. `renderings` notifies
    observers of the time each rendering took, in seconds. `needs` returns the texts about alerts,
    for a number that counts the changes of these. In a cluster, `truth` is that of the state in the
    newest frame, `elsewhere` has the other instances, and `cluster` all of them.
    """

    def __init__(
        self,
        shown: Shown,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        needs: Callable[[int], Needs | None] = lambda _: None,
    ) -> None:
        self.viewers = Hub[Frame]()
        self.subscribers = Hub[StateMessage]()
        self.notation = Notation(settings.locale, settings.currency, settings.decimals)
        self.rendered: Snapshot | None = None  # the state in the newest frame
        self._taken: Snapshot | None = None  # the same, before it was completed
        self.truth: Truth | None = None
        self.elsewhere = Population(0, 0)
        self.cluster: ClusterStatus | None = None
        self.renderings: Observers[float] = Observers()
        self._shown = shown
        self._clock = clock
        self._needs = needs
        self._alerts_changed = 0
        self._gap_s = 1 / settings.max_fps
        self._epoch = secrets.token_hex(4)
        self._seq = 0
        self._encoder = FrameEncoder(self._epoch)
        self._frame_due = asyncio.Event()
        self._message_due = asyncio.Event()
        shown.changed.subscribe(self._frame_due.set)
        shown.accepted.subscribe(self._message_due.set)
        shown.history.notebook.changed.subscribe(self._render_again)

    def frame(self, *, new_state: bool = False) -> Frame:
        """Return the frame with the state rendered last and the current status of the source.

        With `new_state` it is the first one with that state.
        """
        status = status_content(self.status(), self.rendered, self.notation, self.needs)
        more = {"truth": self.truth, "spread_s": self.population.spread_s}
        return self._encoder.encode(
            self._seq,
            self._clock(),
            status,
            new_state=new_state,
            more={name: value for name, value in more.items() if value},
        )

    def message(self) -> StateMessage | None:
        """Return the state in the guide's format, None before the first message.

        Figures that are not real are marked, so that another dashboard does not show them as real.
        """
        snapshot, source = self._shown.snapshot, self._shown.source
        if snapshot is None:
            return None
        unreal = None if source is Source.LIVE else source
        return StateMessage(encode(snapshot.state.model_copy(update={"source": unreal})).decode())

    def status(self) -> StreamStatus:
        """Return the current status of the source, with counts of frames and viewers."""
        feed = self._shown.status()
        return StreamStatus(
            **{field.name: getattr(feed, field.name) for field in fields(feed)},
            epoch=self._epoch,
            frames=self._seq,
            skipped=self.viewers.skipped,
            viewers=len(self.viewers),
            warning=clock_warning(feed),
            cluster=self.cluster,
        )

    @property
    def population(self) -> Population:
        """The viewers of all instances, and the number of these."""
        others = self.elsewhere
        return Population(len(self.viewers) + others.viewers, 1 + others.instances)

    @property
    def cuts(self) -> Mapping[str, int]:
        """Number of viewers disconnected, by reason."""
        both = self.viewers.cuts, self.subscribers.cuts
        return {cut.name.lower(): sum(cuts[cut] for cuts in both) for cut in Cut}

    def renew(self) -> None:
        """Send the current state again, to viewers and subscribers."""
        self._frame_due.set()
        self._message_due.set()

    def note_alerts(self) -> None:
        """Send a frame, as something about the alerts has changed."""
        self._alerts_changed += 1
        self._frame_due.set()

    @property
    def needs(self) -> Needs | None:
        """The texts about alerts, None without rules."""
        return self._needs(self._alerts_changed)

    def _render_again(self) -> None:
        """Let the next frame be rendered, though the state is the same."""
        self._taken = None
        self._frame_due.set()

    async def send_frames(self) -> None:
        """Send a frame to all viewers after a change, and as a sign of life without one."""
        async for changed in beats(self._frame_due, gap_s=self._gap_s, heartbeat_s=HEARTBEAT_S):
            snapshot, version = self._shown.snapshot, self._shown.version
            if snapshot and not self._is_rendered(snapshot):
                await self._render(snapshot)
            self.truth = version
            self._seq += changed
            self.viewers.publish(self.frame(new_state=changed))

    async def send_messages(self) -> None:
        """Send each new state to the subscribers; only the newest if they arrive too fast."""
        while True:
            await self._message_due.wait()
            self._message_due.clear()
            if len(self.subscribers) and (message := self.message()):
                self.subscribers.publish(message)

    def _is_rendered(self, snapshot: Snapshot) -> bool:
        recorded = self.rendered and self.rendered.recorded
        return snapshot is self._taken and recorded is self._shown.recorded

    async def _render(self, snapshot: Snapshot) -> None:
        """Render a state for the next frames; a large one in a thread, off the event loop."""
        started = time.perf_counter()
        whole = self._shown.completed(snapshot)

        def work() -> Rendered:
            return self._encoder.prepare(render(whole, self.notation))

        large = len(snapshot.costs) + len(snapshot.agents) > ROWS_ON_LOOP
        self._encoder.take(await asyncio.to_thread(work) if large else work())
        self._taken, self.rendered = snapshot, whole
        self.renderings.notify(time.perf_counter() - started)
