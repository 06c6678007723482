"""Merge the feed's messages into the current state, record them, and pass them to the history."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from northstar.alerts.limits import net_limits
from northstar.alerts.rules import Rule
from northstar.domain.age import DataAge
from northstar.domain.clocks import Mark
from northstar.domain.day import DayRecord, Moment
from northstar.domain.diagnosis import Diagnosis, clock_off_s
from northstar.domain.freshness import FeedStatus, LinkState, feed_state
from northstar.domain.intraday import IntradayData
from northstar.domain.ledger import Ledger
from northstar.domain.messages import encode
from northstar.domain.outcomes import Receipt, Received
from northstar.domain.snapshot import Snapshot
from northstar.errors import OutOfOrder
from northstar.feeds import Feed, Source
from northstar.feeds.recording import Recorder
from northstar.history.steadiness import Steadiness
from northstar.history.store import Accepted
from northstar.history.writer import History
from northstar.observers import Observers
from northstar.settings.table import Settings

log = logging.getLogger(__name__)


class Intake:
    """Merges one feed's messages into the current state; stores and records accepted ones.

    `accepted` notifies observers of each accepted message, `changed` also of link changes.
    """

    def __init__(  # noqa: PLR0913 (its parts)
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
        self.history = history
        store = history.store
        self.ledger = Ledger(
            store.calendar, settings.event, max_rows=settings.max_rows, tolerance=store.tolerance
        )
        self.day = IntradayData(store.calendar, settings.target, settings.target_month)
        self.rules: Sequence[Rule] = ()  # of alerts
        self.receipt: Receipt | None = None  # of the message that led to `snapshot`
        self.accepted: Observers[()] = Observers()
        self.changed: Observers[()] = Observers()
        self._stale_after_s = settings.stale_after
        self._clock = clock  # in seconds; the event loop's, except in tests
        self._now = now
        self._steadiness = Steadiness(clock)
        self._last_arrival = now()
        self._started_at = self._mark()
        self._heard_at = self._started_at
        self._age = DataAge(self._started_at, settings.stale_after)
        self._diagnosis = Diagnosis(settings.stale_after)
        self._recorder = recorder
        self._recording = settings.record.name if settings.record else None
        self.accepted.subscribe(self.changed.notify)
        feed.link.changed.subscribe(self._note_link)
        history.changed.subscribe(self.changed.notify)

    @property
    def snapshot(self) -> Snapshot | None:
        return self.ledger.snapshot

    @property
    def current(self) -> Snapshot | None:
        """The current state with the running day, those before it, notes, and limits of net."""
        return self.snapshot and self.completed(self.snapshot)

    @property
    def recorded(self) -> Mapping[date, DayRecord]:
        """The days before the running one, as they are in the history."""
        return self.history.days

    @property
    def version(self) -> None:
        """None: the order of states among instances, and this is the only one."""
        return

    @property
    def source(self) -> Source:
        """Kind of data shown; another dashboard's demo counts as a demo here, too."""
        claimed = self.snapshot and self.snapshot.state.source
        return Source(claimed) if claimed and self.feed.source is Source.LIVE else self.feed.source

    def completed(self, snapshot: Snapshot) -> Snapshot:
        """Return a state with the running day, those before it, notes, and limits of net."""
        history = self.history
        return replace(
            snapshot,
            day=self.day.view,
            recorded=self.recorded,
            notes=history.notebook.newest,
            limits=net_limits(self.rules, snapshot),
        )

    @property
    def since_message_s(self) -> float:
        """Time since the last message, accepted or not, or since the connection."""
        return self._heard_at.passed_s(self._mark())

    def now(self) -> datetime:
        """Return the time of our clock, or the time being replayed."""
        return self._now()

    def restore(self, stored: Accepted, minutes: Sequence[Moment] = ()) -> None:
        """Start from the stored state of the same stream, and the minutes up to it.

        Its age continues to grow, and older messages are out of order.
        """
        self.ledger.restore(stored.snapshot, was_connected=stored.was_connected)
        self.day.restore(minutes)
        self.day.add(stored.snapshot.state)
        self.history.restore(stored)
        raw = encode(stored.snapshot.state).decode()
        self.receipt = Receipt(
            0, raw, stored.at.astimezone(self.ledger.calendar.zone), "the history"
        )
        age = self._wall_time() - min(stored.at, stored.snapshot.instant)
        self._age.restore(max(0.0, age.total_seconds()), self._mark())
        self.changed.notify()

    def resume(self, known: FeedStatus, snapshot: Snapshot, receipt: Receipt | None) -> None:
        """Go on where the leader before us ended, with the status and the state it was known by.

        The state is written to the history again: the end of the leader may have come before.
        """
        self.ledger.snapshot = Snapshot(snapshot.state, self.ledger.calendar.trading)
        self.ledger.tally = replace(known.tally)
        self.day.resume(snapshot.state, snapshot.day)
        self.receipt = receipt
        self._age.restore(known.age_s or 0.0, self._mark())
        self.history.add(snapshot, receipt.arrived if receipt else self._now())
        self.changed.notify()

    async def run(self) -> None:
        """Process the feed's messages until cancelled."""
        await self.feed.run(self.accept)

    def close(self) -> None:
        """Close the recording, if there is one."""
        if self._recorder:
            self._recorder.close()

    def accept(self, raw: bytes | str, *, fetched: bool = False) -> bool:
        """Process one message; return whether it was accepted."""
        before, arrived = self.snapshot, self._wall_time()
        self._heard_at = self._mark()
        self._note_jump(arrived)
        receive = self.ledger.receive_state if fetched else self.ledger.receive
        received = receive(raw, arrived)
        if received.accepted and self.snapshot:
            if received.totals_are_new:
                self._note_receipt(raw, arrived, fetched=fetched)
            self.day.add(self.snapshot.state)
            self._record(raw, arrived, fetched=fetched)
            age_s = self._age.note(before, self.snapshot, arrived, self._mark())
            self.history.add(self.snapshot, arrived, received, age_s)
            self._diagnosis.accept(self._mark())
            self.accepted.notify()
        else:
            self._note_refusal(received, arrived)
        return received.accepted

    def status(self) -> FeedStatus:
        """Return the current status of the source and the age of its data."""
        now = self._mark()
        link = self.feed.link
        age_s = self._age.at(now)
        silence_s = self._started_at.passed_s(now) if age_s is None else age_s
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
            retry_in_s=None if link.retry_at is None else max(0.0, link.retry_at - now.steady_s),
            problem=link.problem or self._diagnosis.problem(now),
            reconnects=link.reconnects,
            api=link.api,
            recording=self._recording,
            history=self.history.status,
            history_problem=self.history.problem,
            replaying=self._wall_time() if self.feed.source is Source.REPLAY else None,
            clock_ahead_s=self._age.source_clock.ahead_s,
            clock_off_s=clock_off_s(self._age.source_clock.offset_s),
            tally=self.ledger.tally,
            of_today=self._is_of_today(),
        )

    def _is_of_today(self) -> bool:
        if self.snapshot is None:
            return True
        day_of = self.ledger.calendar.day_of
        return day_of(self._now()) <= day_of(self.snapshot.instant)

    def _note_link(self) -> None:
        history, is_open = self.history, self.feed.link.state is LinkState.OPEN
        if not is_open:
            self._diagnosis.close()
        elif not self._diagnosis.is_open:
            self._diagnosis.open(self._mark())
            self._heard_at = self._mark()
        now = self._now()
        history.connected_since = (history.connected_since or now) if is_open else None
        (self.ledger.note_connected if is_open else self.ledger.note_disconnected)(now)
        self.changed.notify()

    def _note_jump(self, arrived: datetime) -> None:
        """End the connection at the last message if the wall clock has jumped, as in the history.

        The machine has slept, or the clock was set.
        """
        if self._steadiness.note(arrived) and self.feed.link.state is LinkState.OPEN:
            self.ledger.note_disconnected(self._last_arrival)
            self.ledger.note_connected(arrived)
        self._last_arrival = arrived

    def _mark(self) -> Mark:
        """Return this moment; the time being replayed does not pass at our pace."""
        replays = self.feed.source is Source.REPLAY
        return Mark(self._clock(), 0.0 if replays else self._now().timestamp())

    def _wall_time(self) -> datetime:
        return self._now().astimezone(self.ledger.calendar.zone)

    def _note_receipt(self, raw: bytes | str, arrived: datetime, *, fetched: bool) -> None:
        text = raw if isinstance(raw, str) else raw.decode(errors="replace")
        source = f"{self.feed.name}, its API" if fetched else self.feed.name
        self.receipt = Receipt(self.ledger.tally.accepted, text, arrived, source)

    def _record(self, raw: bytes | str, arrived: datetime, *, fetched: bool) -> None:
        """Append to the recording, if there is one; an error such as a full disk only ends it."""
        if self._recorder is None:
            return
        try:
            self._recorder.write(raw, arrived, fetched=fetched)
        except OSError as error:
            log.error("recording stopped: %s", error)  # noqa: TRY400 (no traceback for a user)
            self._recording = f"stopped: {error.strerror or error}"
            self._recorder = None

    def _note_refusal(self, received: Received, arrived: datetime) -> None:
        """Count the message; pass a timestamp that went back to the estimate of the clock."""
        if received.refusal:
            self._diagnosis.refuse(received.refusal)
        if received.update and isinstance(received.refusal, OutOfOrder):
            ahead_s = (Snapshot(received.update).instant - arrived).total_seconds()
            self._age.note_refused(ahead_s, self._mark())
