"""Evaluate the alert rules on every state and every second, and store what happened."""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from northstar.alerts.evaluation import Changes, Evaluator, Key
from northstar.alerts.readings import Reading, Restatement
from northstar.alerts.records import (
    decode_alert,
    decode_silence,
    encode_alert,
    encode_event,
    encode_silence,
)
from northstar.alerts.rules import BEAT_S
from northstar.alerts.states import Alert, Event, Kind, Remark, Silence
from northstar.domain.day import DayRecord
from northstar.domain.messages import EXACT
from northstar.errors import StoreError
from northstar.history.audit import Change
from northstar.history.outbox import Audited, Batch, Delivery, Outbox, Stored, StoredEvent
from northstar.live.alert_status import AlertStatus, Silenced
from northstar.live.delivery import GROUP_S
from northstar.live.intake import Intake
from northstar.observers import Observers

log = logging.getLogger(__name__)

MOST_PENDING = 1000  # readings not evaluated yet; beyond that, the oldest are dropped
AT_ONCE = 20  # readings evaluated before other tasks get their turn
RETRY_S = 1.0


class Alerting:
    """Evaluates rules, and stores their alerts and events before anything is sent.

    `stored` notifies observers of the events just stored, with what is to be sent of them. While
    the database cannot be written, changes wait in memory, and `problem` says why.
    """

    def __init__(
        self,
        intake: Intake,
        evaluator: Evaluator,
        outbox: Outbox,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.evaluator = evaluator
        self.problem: str | None = None
        self.evaluated_at: datetime | None = None
        self.counts: Counter[Kind] = Counter()  # of events
        self.stored: Observers[Sequence[Event], Sequence[Delivery]] = Observers()
        self.changed: Observers[()] = Observers()
        self._intake = intake
        self._outbox = outbox
        self._clock = clock
        self._days = intake.history.days  # as of the last reading
        self._pending: deque[Reading] = deque(maxlen=MOST_PENDING)
        self._due = asyncio.Event()
        self._waiting: list[tuple[Batch, Sequence[Event]]] = []
        self._unwritten = asyncio.Event()
        intake.accepted.subscribe(self._take_reading)

    def restore(self, stored: Stored, now: datetime) -> None:
        """Restore the state of an earlier run."""
        silences = {Key(*key): decode_silence(text) for key, text in stored.silences.items()}
        alerts = map(decode_alert, stored.alerts)
        self._note(self.evaluator.restore(alerts, silences, now))

    async def evaluate(self) -> None:
        """Evaluate every state, and every second without one, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(BEAT_S):
                    await self._due.wait()
            except TimeoutError:
                self._take_reading()
            self._due.clear()
            await self._evaluate_pending()

    async def store(self) -> None:
        """Write changes until cancelled, then the rest; retries while that fails."""
        writer = ThreadPoolExecutor(1, "alerts")
        try:
            while True:
                await self._unwritten.wait()
                await self._write(writer)
        finally:
            writer.shutdown(wait=False)

    @property
    def alert_status(self) -> AlertStatus:
        """The alerts as they are now."""
        evaluator = self.evaluator
        silenced = (Silenced(*key, silence) for key, silence in evaluator.silences.items())
        alerts = tuple(evaluator.alerts.values())
        return AlertStatus(alerts, tuple(silenced), self.evaluated_at, self.problem)

    def acknowledge(
        self, alert: Alert, note: str, change: Change, *, request: int | None = None
    ) -> None:
        """Acknowledge an alert for a viewer. Raises `KeyError` if it is over."""
        changes = self.evaluator.acknowledge(_key(alert), _remark(change, note))
        audited = Audited(change, "alert acknowledged", _subject(alert))
        self._note(changes, audited=audited, request=request)

    def silence(
        self,
        alert: Alert,
        until: datetime,
        note: str,
        change: Change,
        *,
        request: int | None = None,
    ) -> None:
        """Silence an alert until a time. Raises `KeyError` if it is over."""
        key, silence = _key(alert), Silence(until, _remark(change, note))
        action = f"alert silenced until {until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        self._note(
            self.evaluator.silence(key, silence),
            {key: silence},
            Audited(change, action, _subject(alert)),
            request,
        )

    def _take_reading(self) -> None:
        self._pending.append(self._reading())
        self._due.set()

    def _reading(self) -> Reading:
        intake = self._intake
        status = intake.status()
        return Reading(
            at=intake.now(),
            steady_s=self._clock(),
            snapshot=intake.snapshot,
            day=intake.day.view,
            feed=status.state,
            link=intake.feed.link.state,
            since_message_s=intake.since_message_s,
            age_s=status.age_s,
            accepted=status.tally.accepted,
            refused=status.tally.rejected + status.tally.out_of_order,
            history_problem=status.history_problem,
            restated=self._restatements(),
        )

    def _restatements(self) -> Sequence[Restatement]:
        """Return the days restated since the last reading, as far as the history looks back."""
        before, now = self._days, self._intake.history.days
        self._days = now
        if not before or before is now:  # the first time, all restatements are old
            return ()
        return [
            Restatement(day, EXACT.subtract(record.net, _former_net(record)))
            for day, record in now.items()
            if record.is_restated and _restated_at(before.get(day)) != record.restated_at
        ]

    async def _evaluate_pending(self) -> None:
        count = 0
        while self._pending:
            reading = self._pending.popleft()
            self.evaluated_at = reading.at
            self._note(self.evaluator.evaluate(reading))
            count += 1
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _note(
        self,
        changes: Changes,
        silences: dict[Key, Silence] | None = None,
        audited: Audited | None = None,
        request: int | None = None,
    ) -> None:
        """Queue what has changed for the database."""
        if not (changes or silences):
            return
        for event in changes.events:
            self.counts[event.kind] += 1
            log.info("%s: %s", _subject(event.alert), event.kind)
        batch = replace(self._batch(changes, silences or {}, audited), request=request)
        self._waiting.append((batch, changes.events))
        self._unwritten.set()
        self.changed.notify()

    def _batch(
        self, changes: Changes, silences: dict[Key, Silence], audited: Audited | None
    ) -> Batch:
        return Batch(
            {key: encode_alert(alert) if alert else None for key, alert in changes.alerts.items()},
            {key: (each.until, encode_silence(each)) for key, each in silences.items()},
            [StoredEvent(each.number, each.at, encode_event(each)) for each in changes.events],
            [
                Delivery(event.number, receiver, event.at, self._due_at(event))
                for event in changes.events
                for receiver in event.to
            ],
            audited,
        )

    def _due_at(self, event: Event) -> datetime:
        """Return when an event may be sent: an end waits for the hours of its rule."""
        due = event.at + timedelta(seconds=GROUP_S)
        if event.kind is not Kind.OVER:
            return due
        return max(due, self.evaluator.next_call(event.alert.rule, event.at))

    async def _write(self, writer: ThreadPoolExecutor) -> None:
        """Write all that waits, in order; after a failure, later again."""
        loop = asyncio.get_running_loop()
        batch, events = self._waiting[0]
        try:
            await loop.run_in_executor(writer, self._outbox.write, batch)
        except StoreError as error:
            if self.problem is None:
                log.warning("alerts are not stored, and nothing is sent: %s", error)
            self.problem = str(error)
            self.changed.notify()
            await asyncio.sleep(RETRY_S)
            return
        self.problem = None
        del self._waiting[0]
        if not self._waiting:
            self._unwritten.clear()
        self.stored.notify(events, batch.deliveries)


def _restated_at(record: DayRecord | None) -> datetime | None:
    return record.restated_at if record else None


def _former_net(record: DayRecord) -> Decimal:
    """Return the net of a restated day before its last restatement."""
    versions = record.versions
    former = versions[-2].amounts if len(versions) > 1 else record.closed or record.amounts
    return former.net


def _key(alert: Alert) -> Key:
    return Key(alert.rule, alert.subject)


def _remark(change: Change, note: str) -> Remark:
    return Remark(change.author.name, change.at, note)


def _subject(alert: Alert) -> str:
    of = f" of {alert.subject}" if alert.subject else ""
    return f"alert {alert.number}: {alert.rule}{of}"
