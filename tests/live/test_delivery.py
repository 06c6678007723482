"""Deliveries: grouped, retried, rate-limited and never lost."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Lock

import pytest

from northstar.alerts.evaluation import Evaluator
from northstar.alerts.notifications import Attachment, Notification
from northstar.alerts.records import encode_event, encode_notification
from northstar.alerts.states import Event
from northstar.errors import DeliveryError, StoreError
from northstar.history.database import open_temporary_database
from northstar.history.outbox import Batch, Delivery, Outbox, StoredEvent, StoredReport
from northstar.live import delivery as module
from northstar.live.delivery import DELIVERED, MOST_ATTEMPTS, NOT_REAL, Deliveries
from support.readings import Readings, rule
from support.senders import Sink, compose
from support.waiting import eventually

SHORTER = 1000  # all times of deliveries are divided by this
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _shorter_times(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FIRST_RETRY_S", "LONGEST_RETRY_S", "GROUP_S", "LEAST_GAP_S", "MINUTE_S"):
        monkeypatch.setattr(module, name, getattr(module, name) / SHORTER)


@pytest.fixture
def outbox() -> Iterator[Outbox]:
    """Return an empty outbox."""
    engine = open_temporary_database()
    yield Outbox(engine, Lock())
    engine.dispose()


def event(number: int) -> Event:
    """Return an event that differs by its number."""
    evaluator = Evaluator([rule("stale")], ["desk"], new_number=lambda: f"{number:03}")
    (found,) = evaluator.evaluate(Readings().read(feed="stale")).events
    return found


@asynccontextmanager
async def running(
    outbox: Outbox, senders: Mapping[str, Sink], *, is_real: bool = True
) -> AsyncIterator[Deliveries]:
    """Deliver the content of the outbox and later additions while the context is open."""
    deliveries = Deliveries(
        outbox, senders, compose, is_real=lambda: is_real, now=lambda: NOW, jitter=lambda: 0.0
    )
    deliveries.restore(outbox.load(NOW))
    task = asyncio.create_task(deliveries.run())
    try:
        yield deliveries
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def store(outbox: Outbox, *events: Event, to: tuple[str, ...] = ("desk",)) -> list[Delivery]:
    """Store events that are due."""
    due = [Delivery(each.number, name, NOW, NOW) for each in events for name in to]
    stored = [StoredEvent(each.number, each.at, encode_event(each)) for each in events]
    outbox.write(Batch({}, {}, stored, due))
    return due


async def test_events_that_come_together(outbox: Outbox) -> None:
    """Events within ten seconds of each other are one message."""
    sink, events = Sink(), [event(number) for number in range(40)]
    due = store(outbox, *events)
    async with running(outbox, {"desk": sink}) as deliveries:
        deliveries.add(events, due)
        await eventually(lambda: not outbox.load(NOW).due)
    (message,) = sink.messages
    assert len(message.numbers) == 40


async def test_receiver_that_is_down_for_long(outbox: Outbox) -> None:
    """A receiver that is down is retried and gets everything once it is back."""
    sink = Sink()
    sink.failure = DeliveryError("connection refused")
    store(outbox, event(1))
    async with running(outbox, {"desk": sink}) as deliveries:
        await eventually(lambda: sink.attempts > 8)
        later = event(2)
        deliveries.add([later], store(outbox, later))
        assert deliveries.couriers["desk"].result == "connection refused"
        sink.failure = None
        await eventually(lambda: not outbox.load(NOW).due)
    assert [len(each.numbers) for each in sink.messages] == [2]


async def test_receiver_that_hangs_delays_no_other(outbox: Outbox) -> None:
    """A slow receiver does not delay others."""
    slow, sink = Sink(), Sink()
    slow.hangs = True
    store(outbox, event(1), to=("slow", "desk"))
    async with running(outbox, {"slow": slow, "desk": sink}):
        await eventually(lambda: [each.receiver for each, _ in outbox.load(NOW).due] == ["slow"])
    assert len(sink.messages) == 1


async def test_restart_before_delivery(outbox: Outbox) -> None:
    """Undelivered messages are delivered after a restart with the same numbers."""
    sink = Sink()
    sink.hangs = True
    store(outbox, event(1))
    async with running(outbox, {"desk": sink}):
        await eventually(lambda: sink.attempts)
    sink.hangs = False
    async with running(outbox, {"desk": sink}):
        await eventually(lambda: not outbox.load(NOW).due)
    assert [each.numbers for each in sink.messages] == [[event(1).number]]


async def test_clock_that_was_set_back(outbox: Outbox) -> None:
    """An event is delivered although the clock was set back after it."""
    sink, later = Sink(), NOW + timedelta(hours=1)
    due = Delivery(event(1).number, "desk", later, later + timedelta(milliseconds=10))
    outbox.write(Batch({}, {}, [StoredEvent(due.event, later, encode_event(event(1)))], [due]))
    async with running(outbox, {"desk": sink}):
        await eventually(lambda: sink.messages)


async def test_failure_that_is_final(outbox: Outbox) -> None:
    """A final failure is given up at once with its reason."""
    sink = Sink()
    sink.failure = DeliveryError("550 no such user", is_final=True)
    store(outbox, event(1))
    async with running(outbox, {"desk": sink}) as deliveries:
        await eventually(lambda: not outbox.load(NOW).due)
        assert deliveries.outcomes == {("desk", "given up"): 1}
    ((_, (found,)),) = outbox.events(NOW, datetime.max.replace(tzinfo=UTC))
    assert (found.sent_at, found.result, found.attempts) == (None, "550 no such user", 1)
    assert sink.attempts == 1


async def test_given_up_after_a_day(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a day of attempts a message is given up."""
    monkeypatch.setattr(module, "LONGEST_RETRY_S", 0.01)
    sink = Sink()
    sink.failure = DeliveryError("connection refused")
    store(outbox, event(1))
    async with running(outbox, {"desk": sink}):
        await eventually(lambda: not outbox.load(NOW).due, timeout_s=30)
    assert sink.attempts == MOST_ATTEMPTS


async def test_receiver_that_asks_for_time(outbox: Outbox) -> None:
    """A receiver's Retry-After applies to all its events."""
    sink = Sink()
    sink.failure = DeliveryError("429 too many requests", retry_after_s=3600)
    store(outbox, event(1))
    async with running(outbox, {"desk": sink}) as deliveries:
        await eventually(lambda: deliveries.couriers["desk"].result)
        later = event(2)
        deliveries.add([later], store(outbox, later))
        wait_s = deliveries.couriers["desk"].wait_s(deliveries.clock())
        assert wait_s is not None
        assert wait_s > 3000
    assert sink.attempts == 1


async def test_data_that_is_not_real(outbox: Outbox) -> None:
    """Nothing of a demo or replay is sent; it is recorded as not sent."""
    sink = Sink()
    store(outbox, event(1))
    async with running(outbox, {"desk": sink}, is_real=False) as deliveries:
        await eventually(lambda: not outbox.load(NOW).due)
        assert deliveries.couriers["desk"].result == NOT_REAL
    assert sink.attempts == 0


async def test_receiver_that_was_removed(outbox: Outbox) -> None:
    """Deliveries to a receiver that was removed from the file are given up."""
    store(outbox, event(1), to=("gone",))
    async with running(outbox, {}):
        await eventually(lambda: not outbox.load(NOW).due)
    ((_, (found,)),) = outbox.events(NOW, datetime.max.replace(tzinfo=UTC))
    assert found.result == "the receiver is no longer in the file"


def more_than(sink: Sink, count: int) -> bool:
    """Return whether a receiver got more than this number of messages."""
    return len(sink.messages) > count


async def test_twenty_messages_a_minute(outbox: Outbox) -> None:
    """A receiver gets at most twenty messages a minute; the rest is sent as one."""
    sink = Sink()
    async with running(outbox, {"desk": sink}) as deliveries:
        for number in range(40):
            sent = len(sink.messages)
            one = event(number)
            deliveries.add([one], store(outbox, one))
            if number < 20:
                await eventually(partial(more_than, sink, sent))
        await eventually(lambda: not outbox.load(NOW).due)
    assert [len(each.numbers) for each in sink.messages] == [*[1] * 20, 20]


async def test_result_that_cannot_be_stored(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing a result is retried until it succeeds, and the message is not sent twice."""
    sink, settle, failures = Sink(), outbox.settle, iter([True, True])

    def fails_at_first(deliveries: list[Delivery]) -> None:
        if next(failures, False):
            raise StoreError("the file is locked")
        settle(deliveries)

    monkeypatch.setattr(outbox, "settle", fails_at_first)
    store(outbox, event(1))
    async with running(outbox, {"desk": sink}):
        await eventually(lambda: not outbox.load(NOW).due)
    assert [sink.attempts, len(sink.messages)] == [1, 1]


def test_pauses_between_attempts(monkeypatch: pytest.MonkeyPatch, outbox: Outbox) -> None:
    """Pauses grow from 5 s to 10 min, and the attempts last a day."""
    monkeypatch.undo()
    deliveries = Deliveries(outbox, {}, compose, jitter=lambda: 0.0)
    pauses = [deliveries.backoff_s(attempts) for attempts in range(1, MOST_ATTEMPTS)]
    assert pauses[:8] == [5, 10, 20, 40, 80, 160, 320, 600]
    assert 23.5 < sum(pauses) / 3600 < 24.5
    assert DELIVERED == "delivered"


async def test_report_beside_events(outbox: Outbox) -> None:
    """A report is a separate message from those about events, also after a restart."""
    sink, due = Sink(), event(1)
    store(outbox, due)
    report = Notification(["report-1"], "title", "body", attachments=[Attachment("a", "b", b"\0c")])
    stored = StoredReport("report-1", NOW.date(), NOW, encode_notification(report))
    outbox.write_report(stored, [Delivery("report-1", "desk", NOW, NOW)])
    async with running(outbox, {"desk": sink}):
        await eventually(lambda: not outbox.load(NOW).due and not outbox.load(NOW).reports)
    events, sent = sorted(sink.messages, key=lambda each: [*each.numbers])
    assert events.numbers == [due.number]
    assert encode_notification(sent) == encode_notification(report)
