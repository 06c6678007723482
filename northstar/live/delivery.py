"""Send the notifications in the outbox at least once, and store the outcome."""

import asyncio
import logging
import random
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeAlias

from northstar.alerts.notifications import Notification
from northstar.alerts.records import decode_event, decode_notification
from northstar.alerts.states import Event
from northstar.errors import DeliveryError, StoreError
from northstar.history.outbox import Delivery, Outbox, Stored
from northstar.observers import Observers

log = logging.getLogger(__name__)

FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 600.0
JITTER = 0.25
# Attempts of a day: 7 up to 320 s, then one every 10 minutes.
MOST_ATTEMPTS = 150
GROUP_S = 10.0  # events that come within it are one message
LEAST_GAP_S = 1.0
MOST_A_MINUTE = 20
MINUTE_S = 60.0
DELIVERED = "delivered"
NOT_REAL = "not sent: the data is not real"

Compose: TypeAlias = Callable[[Sequence[Event]], Awaitable[Notification]]


class Sender(Protocol):
    """Sends to one receiver."""

    async def send(self, notification: Notification) -> None:
        """Send a message. Raises `DeliveryError`."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A message that was composed before it was stored, and is sent alone: a daily report."""

    number: str
    notification: Notification


@dataclass(slots=True)
class Item:
    """An event that waits to be sent to one receiver, at `due_s` of the steady clock."""

    event: Event | Ready
    delivery: Delivery
    due_s: float


class Removed:
    """Stands in for a receiver that is not in the file any more."""

    async def send(self, _: Notification) -> None:
        """Refuse to send."""
        raise DeliveryError("the receiver is no longer in the file", is_final=True)


class Courier:
    """Sends the events of one receiver; those that come within `GROUP_S` are one message.

    `result` is the outcome of the last attempt, at `at`. After a failure, nothing is sent before
    `blocked_until_s` of the steady clock.
    """

    def __init__(self, name: str, sender: Sender) -> None:
        self.name = name
        self.sender = sender
        self.result: str | None = None
        self.at: datetime | None = None
        self.blocked_until_s = 0.0
        self._waiting: dict[str, Item] = {}
        self._added = asyncio.Event()
        self._sent: deque[float] = deque(maxlen=MOST_A_MINUTE)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def oldest(self) -> datetime | None:
        """The time of the oldest event that waits; None if none does."""
        return min((item.delivery.at for item in self._waiting.values()), default=None)

    def add(self, item: Item) -> None:
        """Queue an event, once."""
        self._waiting.setdefault(item.event.number, item)
        self._added.set()

    def remove(self, items: Sequence[Item]) -> None:
        """Take events from the queue."""
        for item in items:
            self._waiting.pop(item.event.number, None)

    async def next_message(self, clock: Callable[[], float]) -> Sequence[Item]:
        """Wait until a message is due, and return its events."""
        while True:
            self._added.clear()
            wait_s = self.wait_s(clock())
            if wait_s == 0:
                return self._take(clock())
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._added.wait()

    def wait_s(self, now_s: float) -> float | None:
        """Return the time until the next message; None if nothing waits."""
        if not self._waiting:
            return None
        due_s = max(min(item.due_s for item in self._waiting.values()), self.blocked_until_s)
        if self._sent:
            due_s = max(due_s, self._sent[-1] + LEAST_GAP_S)
        if len(self._sent) == MOST_A_MINUTE:
            due_s = max(due_s, self._sent[0] + MINUTE_S)
        return max(0.0, due_s - now_s)

    def _take(self, now_s: float) -> Sequence[Item]:
        self._sent.append(now_s)
        due = [item for item in self._waiting.values() if item.due_s <= now_s + GROUP_S]
        if isinstance(due[0].event, Ready):
            return due[:1]
        return [item for item in due if not isinstance(item.event, Ready)]


class Deliveries:
    """Sends stored events to their receivers, at least once, until they are delivered or given up.

    Each receiver has a task of its own, so that one that hangs delays no other. Data that is not
    real is sent nowhere: `is_real` is called for each event. `changed` notifies observers of
    every attempt.
    """

    def __init__(  # noqa: PLR0913 (its parts)
        self,
        outbox: Outbox,
        senders: Mapping[str, Sender],
        compose: Compose,
        *,
        is_real: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.couriers = {name: Courier(name, sender) for name, sender in senders.items()}
        self.changed: Observers[()] = Observers()
        self.outcomes: Counter[tuple[str, str]] = Counter()  # by receiver and outcome
        self._outbox = outbox
        self._compose = compose
        self._is_real = is_real
        self.clock = clock
        self._now = now
        self._jitter = jitter

    @property
    def waiting(self) -> int:
        """Number of events that wait to be sent, once for each receiver."""
        return sum(map(len, self.couriers.values()))

    @property
    def oldest_s(self) -> float:
        """Age of the oldest event that waits to be sent; zero without any."""
        times = [at for courier in self.couriers.values() if (at := courier.oldest)]
        return max(0.0, (self._now() - min(times)).total_seconds()) if times else 0.0

    def restore(self, stored: Stored) -> None:
        """Queue what an earlier run has not sent."""
        for delivery, _ in (*stored.due, *stored.reports):
            if delivery.receiver not in self.couriers:
                self.couriers[delivery.receiver] = Courier(delivery.receiver, Removed())
        for delivery, text in stored.due:
            self._queue(decode_event(text), delivery)
        for delivery, text in stored.reports:
            self._queue(Ready(delivery.event, decode_notification(text)), delivery)

    def add(self, events: Sequence[Event], deliveries: Sequence[Delivery]) -> None:
        """Queue what has just been stored."""
        by_number = {event.number: event for event in events}
        for delivery in deliveries:
            self._queue(by_number[delivery.event], delivery)

    def add_report(self, ready: Ready, deliveries: Sequence[Delivery]) -> None:
        """Queue a report that has just been stored."""
        for delivery in deliveries:
            self._queue(ready, delivery)

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            for courier in self.couriers.values():
                group.create_task(self._serve(courier), name=f"deliver to {courier.name}")
            await asyncio.Event().wait()

    def _queue(self, event: Event | Ready, delivery: Delivery) -> None:
        now = max(self._now(), delivery.at)  # earlier, if the clock has been set back since
        wait_s = (delivery.due - now).total_seconds() if delivery.due else 0.0
        self.couriers[delivery.receiver].add(Item(event, delivery, self.clock() + max(0.0, wait_s)))
        self.changed.notify()

    async def _serve(self, courier: Courier) -> None:
        while True:
            items = await courier.next_message(self.clock)
            result, retry_after_s, is_final = await self._attempt(courier, items)
            courier.result, courier.at = result, self._now()
            await self._settle(courier, items, result, retry_after_s, is_final=is_final)
            self.changed.notify()

    async def _attempt(
        self, courier: Courier, items: Sequence[Item]
    ) -> tuple[str, float | None, bool]:
        """Send once; return the outcome, the time to wait, and whether no other attempt helps."""
        if not self._is_real():
            return NOT_REAL, None, True
        try:
            await courier.sender.send(await self._message([item.event for item in items]))
        except DeliveryError as error:
            log.warning("not delivered to %s: %s", courier.name, error)
            return str(error), error.retry_after_s, error.is_final
        return DELIVERED, None, True

    async def _message(self, events: Sequence[Event | Ready]) -> Notification:
        """Return the message about events, or the one that is ready."""
        composed = [event.notification for event in events if isinstance(event, Ready)]
        if composed:
            return composed[0]
        return await self._compose([event for event in events if isinstance(event, Event)])

    async def _settle(
        self,
        courier: Courier,
        items: Sequence[Item],
        result: str,
        retry_after_s: float | None,
        *,
        is_final: bool,
    ) -> None:
        """Note the result of an attempt, and when the next one is due, if there is one."""
        now, settled = self._now(), []
        for item in items:
            attempts = item.delivery.attempts + 1
            wait_s = max(self.backoff_s(attempts), retry_after_s or 0.0)
            gives_up = is_final or attempts >= MOST_ATTEMPTS
            item.delivery = item.delivery._replace(
                attempts=attempts,
                due=None if gives_up else now + timedelta(seconds=wait_s),
                sent_at=now if result == DELIVERED else None,
                result=result,
            )
            item.due_s = courier.blocked_until_s = self.clock() + wait_s
            settled.append(item.delivery)
        gone = [item for item in items if item.delivery.due is None]
        if result == DELIVERED:
            courier.blocked_until_s = 0.0
        courier.remove(gone)
        self.outcomes[courier.name, _outcome(result, gone)] += 1
        await self._store(settled)

    def backoff_s(self, attempts: int) -> float:
        """Return 5, 10, 20 … 600 s, with jitter."""
        wait_s = min(FIRST_RETRY_S * 2.0 ** min(attempts - 1, 10), LONGEST_RETRY_S)
        return wait_s * (1 + JITTER * self._jitter())

    async def _store(self, settled: Sequence[Delivery]) -> None:
        """Write results until that succeeds: until then, a restart would send them again."""
        while True:
            try:
                await asyncio.to_thread(self._outbox.settle, settled)
            except StoreError as error:
                log.warning("results of deliveries are not stored: %s", error)
                await asyncio.sleep(FIRST_RETRY_S)
            else:
                return


def _outcome(result: str, gone: Sequence[Item]) -> str:
    if result == NOT_REAL:
        return "not sent"
    if result == DELIVERED:
        return result
    return "given up" if gone else "failed"
