"""One way through the house: feed → ledger → hub. Runs the tasks, holds the one truth."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from functools import partial

from northstar.domain.clocks import SourceClock
from northstar.domain.freshness import FeedStatus, feed_state
from northstar.domain.ledger import Ledger, Receipt, Snapshot
from northstar.domain.messages import encode
from northstar.domain.session_line import Session
from northstar.errors import OutOfOrder
from northstar.feeds import Feed, Source
from northstar.feeds.recording import Recorder
from northstar.history.store import Accepted
from northstar.history.writer import History
from northstar.live.hub import Cut, Hub, beats
from northstar.settings.table import Settings
from northstar.view.live.frames import frame, render
from northstar.view.live.trend import prepare
from northstar.view.shared.money import Notation

log = logging.getLogger(__name__)

HEARTBEAT_S = 5
RESTART_DELAY_S = 1
# Rendering takes up to 0.4 ms a row, where every name is new.
ROWS_ON_LOOP = 50


class Pipeline:
    """Takes one feed's messages and hands out the state they add up to.

    `viewers` get frames, `subscribers` get the guide's own format.
    """

    def __init__(  # noqa: PLR0913 (it holds what it is made of)
        self,
        feed: Feed,
        settings: Settings,
        history: History,
        *,
        recorder: Recorder | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.feed = feed
        self.ledger = Ledger(settings.timezone, settings.event, max_rows=settings.max_rows)
        self.viewers = Hub()
        self.subscribers = Hub()
        self.session = Session()
        self.notation = Notation(settings.locale, settings.currency)
        self.receipt: Receipt | None = None  # of the message that led to `snapshot`
        self.faults = 0
        self.on_render: Callable[[float], None] = lambda _: None  # told how long it took, in s
        self._stale_after_s = settings.stale_after
        self._gap_s = 1 / settings.max_fps
        self._epoch = secrets.token_hex(4)
        self._seq = 0
        self.rendered: Snapshot | None = None  # what the newest frame shows
        self._props: bytes | None = None
        self._clock = clock  # in seconds; the event loop's, unless a test has its own
        self._started_at = clock()
        self._now = now
        self._source_clock = SourceClock()
        self._recorder = recorder
        self.history = history
        self._recording = settings.record.name if settings.record else None
        self._fresh_at: float | None = None  # when the data was young, on `clock`
        self._page_due = asyncio.Event()
        self._state_due = asyncio.Event()
        feed.link.on_change = self._page_due.set

    @property
    def snapshot(self) -> Snapshot | None:
        return self.ledger.snapshot

    def restore(self, kept: Accepted) -> None:
        """Start from a state of the same stream from before the program was started.

        It is as old as it is, and nothing older follows it.
        """
        self.ledger.restore(kept.snapshot)
        self.history.restore(kept)
        raw = encode(kept.snapshot.state).decode()
        self.receipt = Receipt(0, raw, kept.at.astimezone(self.ledger.zone), "the history")
        age = self._wall_time() - min(kept.at, kept.snapshot.instant)
        self._fresh_at = self._clock() - max(0.0, age.total_seconds())
        self._page_due.set()

    async def run(self, *others: Callable[[], Awaitable[None]]) -> None:
        """Keep everything going until cancelled, and `others` that watch it."""
        with closing(self._recorder) if self._recorder else nullcontext():
            async with asyncio.TaskGroup() as tasks:
                for work in (self._take_in, self._show, self._pass_on, self.history.run, *others):
                    tasks.create_task(self._supervise(work), name=work.__name__)

    def frame(self) -> str:
        """Return the whole page as it was rendered last, with the source's state as of now."""
        return self._frame(self._props)

    def message(self) -> str | None:
        """Return the state in the guide's format, None before the first message.

        Numbers that are not real are marked, so that no other dashboard takes them for real.
        """
        if self.snapshot is None:
            return None
        unreal = None if self.source is Source.LIVE else self.source
        return encode(self.snapshot.state.model_copy(update={"source": unreal})).decode()

    @property
    def source(self) -> Source:
        """What kind of data this is; another dashboard's demo is not real here either."""
        claimed = self.snapshot and self.snapshot.state.source
        return Source(claimed) if claimed and self.feed.source is Source.LIVE else self.feed.source

    @property
    def cuts(self) -> Mapping[str, int]:
        """How many viewers were cut, by the reason."""
        both = self.viewers.cuts, self.subscribers.cuts
        return {cut.name.lower(): sum(cuts[cut] for cuts in both) for cut in Cut}

    def feed_status(self) -> FeedStatus:
        """Return the source's state and the age of its data, both as of now."""
        now = self._clock()
        link = self.feed.link
        age_s = None if self._fresh_at is None else now - self._fresh_at
        silence_s = now - self._started_at if age_s is None else age_s
        overdue = silence_s >= self._stale_after_s
        return FeedStatus(
            state=feed_state(link.state, link.problem, overdue=overdue, empty=age_s is None),
            source=self.source,
            name=self.feed.name,
            protocol=link.protocol,
            namespace=link.namespace,
            link=link.state,
            age_s=age_s,
            silence_s=silence_s,
            stale_after_s=self._stale_after_s,
            retry_in_s=None if link.retry_at is None else max(0.0, link.retry_at - now),
            problem=link.problem,
            reconnects=link.reconnects,
            api=link.api,
            recording=self._recording,
            history=self.history.told,
            history_problem=self.history.problem,
            replaying=self._wall_time() if self.feed.source is Source.REPLAY else None,
            clock_ahead_s=self._source_clock.ahead_s,
            tally=self.ledger.tally,
            epoch=self._epoch,
            frames=self._seq,
            skipped=self.viewers.skipped,
            viewers=len(self.viewers),
        )

    async def _take_in(self) -> None:
        await self.feed.run(self._accept)

    def _accept(self, raw: bytes | str, *, fetched: bool = False) -> bool:
        before, arrived = self.snapshot, self._wall_time()
        receive = self.ledger.receive_state if fetched else self.ledger.receive
        received = receive(raw, arrived)
        if received.accepted and self.snapshot:
            if received.totals_are_new:
                self._note_receipt(raw, arrived, fetched=fetched)
            self.session.add(self.snapshot)
            self._record(raw, arrived, fetched=fetched)
            self.history.keep(self.snapshot, arrived, received)
            self._note_age(before, self.snapshot, arrived)
            self._page_due.set()
            self._state_due.set()
        elif received.update and isinstance(received.refusal, OutOfOrder):
            ahead_s = (Snapshot(received.update).instant - arrived).total_seconds()
            self._source_clock.note_refused(ahead_s, self._clock())
        return received.accepted

    def _note_receipt(self, raw: bytes | str, arrived: datetime, *, fetched: bool) -> None:
        text = raw if isinstance(raw, str) else raw.decode(errors="replace")
        source = f"{self.feed.name}, its API" if fetched else self.feed.name
        self.receipt = Receipt(self.ledger.tally.accepted, text, arrived, source)

    def _wall_time(self) -> datetime:
        return self._now().astimezone(self.ledger.zone)

    def _record(self, raw: bytes | str, arrived: datetime, *, fetched: bool) -> None:
        """Write to the recording, if there is one; a full disk ends it and nothing else."""
        if self._recorder is None:
            return
        try:
            self._recorder.write(raw, arrived, fetched=fetched)
        except OSError as error:
            log.error("recording stopped: %s", error)  # noqa: TRY400 (no traceback for a user)
            self._recording = f"stopped: {error.strerror or error}"
            self._recorder = None

    def _note_age(self, before: Snapshot | None, after: Snapshot, arrived: datetime) -> None:
        """Data is new where its time has moved: the same state told again only gets older."""
        if before is None or after.instant != before.instant:
            ahead_s = (after.instant - arrived).total_seconds()
            self._fresh_at = self._clock() - self._source_clock.age_s(ahead_s, self._clock())

    async def _show(self) -> None:
        """Render one frame for all viewers after a change, and tell them of a quiet time."""
        await asyncio.to_thread(prepare)
        async for changed in beats(self._page_due, gap_s=self._gap_s, heartbeat_s=HEARTBEAT_S):
            if not changed:
                self.viewers.beat(self._frame(None), self.frame())
                continue
            if self.snapshot:
                await self._render(self.snapshot)
            self._seq += 1
            self.viewers.publish(self.frame())

    async def _render(self, snapshot: Snapshot) -> None:
        """Render a state for the next frames; a large one in a thread, so that others go on."""
        started = time.perf_counter()
        work = partial(render, snapshot, self.session.points, self.notation)
        large = len(snapshot.costs) + len(snapshot.agents) > ROWS_ON_LOOP
        self._props = await asyncio.to_thread(work) if large else work()
        self.rendered = snapshot
        self.on_render(time.perf_counter() - started)

    def _frame(self, props: bytes | None) -> str:
        sent_ms = self._clock() * 1000
        feed, notation = self.feed_status(), self.notation
        return frame(feed, self.rendered, props, notation, sent_ms=sent_ms)

    async def _pass_on(self) -> None:
        """Serve every new state to the subscribers; the newest where they come too fast."""
        while True:
            await self._state_due.wait()
            self._state_due.clear()
            if len(self.subscribers) and (message := self.message()):
                self.subscribers.publish(message)

    async def _supervise(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` for ever: a fault in it is logged and counted, and it starts again.

        What it was about to send when it failed is due again, too.
        """
        while True:
            try:
                await work()
            except Exception:
                self.faults += 1
                log.exception("fault in %s", work.__name__)
                await asyncio.sleep(RESTART_DELAY_S)
                self._page_due.set()
                self._state_due.set()
