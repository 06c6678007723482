"""The live trend and the history have equal figures for each day."""

import json
import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from northstar.domain.books import audit
from northstar.domain.calendar import Calendar
from northstar.domain.day import DayStatus
from northstar.domain.ledger import Ledger
from northstar.domain.snapshot import Snapshot
from northstar.domain.trend import is_incomplete
from northstar.history.store import Store
from northstar.history.writer import History
from support.histories import RETENTION
from support.states import moment

YESTERDAY = "2026-02-24"
WHOLE_DOLLARS = Decimal("0.5")


def message(at: str, revenue: str, **rows: str) -> dict[str, Any]:
    """Return a message of February; `d24="60"` is the trend's revenue of the 24th."""
    trend = [
        {"date": f"2026-02-{name[1:]}", "revenue": Decimal(amount), "expenses": 0}
        for name, amount in rows.items()
    ]
    body = {"timestamp": moment(at).isoformat(), "revenue": Decimal(revenue), "expenses": 0}
    return {**body, **({"trendsData": trend} if trend else {})}


CASES = {
    "totals-at-the-close": ([("24T09:00", "60", {"d24": "60"}), ("24T23:59", "600", {})], "600"),
    "confirmed": ([("24T23:59", "600", {}), ("25T00:10", "5", {"d24": "600", "d25": "5"})], "600"),
    "restated": ([("24T23:59", "600", {"d24": "600"}), ("25T00:10", "5", {"d24": "700"})], "700"),
    "rounded": (
        [("24T23:59", "600.40", {"d24": "600"}), ("25T00:10", "5", {"d24": "600"})],
        "600.40",
    ),
    "incomplete": ([("24T15:00", "300", {"d24": "300"}), ("25T00:10", "5", {"d24": "700"})], "700"),
    "stated-again": ([("25T00:10", "5", {"d24": "600"}), ("25T00:20", "6", {"d24": "610"})], "610"),
}


@pytest.mark.parametrize(("messages", "revenue"), CASES.values(), ids=CASES)
def test_day_that_has_ended(
    messages: list[tuple[str, str, dict[str, str]]], revenue: str, engine: Engine
) -> None:
    """The live trend and the history have the same figures for yesterday."""
    store = Store(engine, Calendar(UTC), tolerance=WHOLE_DOLLARS)
    ledger = Ledger(Calendar(UTC), tolerance=WHOLE_DOLLARS)
    for each in (*messages, ("25T01:00", "9", {})):
        receive(ledger, store, *each)

    assert ledger.snapshot
    live = {str(row.date): row.revenue for row in ledger.snapshot.trend}
    kept = {str(day.day): day.revenue for day in store.days(date.min, date.max)}
    assert (live[YESTERDAY], kept[YESTERDAY]) == (Decimal(revenue), Decimal(revenue))


def test_day_with_another_close(engine: Engine) -> None:
    """A day that closes at 17:00 keeps its totals, because the trend has calendar days."""
    calendar = Calendar(UTC, time(17))
    store, ledger = Store(engine, calendar), Ledger(calendar)
    receive(ledger, store, "24T10:00", "60", {"d24": "60"})
    receive(ledger, store, "24T16:59", "600", {})
    receive(ledger, store, "24T17:30", "5", {"d24": "640", "d25": "5"})

    assert ledger.snapshot
    assert [row.revenue for row in ledger.snapshot.trend] == [600, 5]
    assert [day.revenue for day in store.days(date.min, date.max)] == [600, 5]


EVENING = Calendar(UTC, time(17))


def test_day_of_the_trend_with_another_close(engine: Engine) -> None:
    """A later trend restates a day without received states, whatever the close."""
    store, ledger = Store(engine, EVENING), Ledger(EVENING)
    receive(ledger, store, "24T10:00", "60", {"d22": "20", "d23": "30"})
    receive(ledger, store, "24T11:00", "61", {"d22": "20", "d23": "33"})

    assert figures(ledger, store) == ({22: 20, 23: 33}, {22: 20, 23: 33, 24: 61})


def test_recorded_day_that_the_trend_lacks(engine: Engine) -> None:
    """A day with received totals is in the trend, whether the source states it or not."""
    store, ledger = Store(engine, EVENING), Ledger(EVENING)
    receive(ledger, store, "23T16:59", "60", {})
    receive(ledger, store, "24T16:59", "70", {"d22": "20"})
    receive(ledger, store, "25T10:00", "80", {"d22": "20", "d23": "99", "d24": "99"})

    known = {22: 20, 23: 60, 24: 70}
    assert figures(ledger, store) == (known, {**known, 25: 80})


def test_running_day_after_the_close(engine: Engine) -> None:
    """After 17:00 the trend's row of the calendar day does not belong to the current day."""
    store, ledger = Store(engine, EVENING), Ledger(EVENING)
    receive(ledger, store, "24T16:59", "60", {"d24": "60"})
    receive(ledger, store, "24T18:00", "65", {"d24": "65"})

    assert ledger.snapshot
    assert figures(ledger, store) == ({24: 60}, {24: 60, 25: 65})
    assert audit(ledger.snapshot) == []


def test_first_start_after_the_close(engine: Engine) -> None:
    """The trend's row of a calendar day that still runs is not the figure of our closed day."""
    store, ledger = Store(engine, EVENING), Ledger(EVENING)
    receive(ledger, store, "24T18:00", "5", {"d23": "30", "d24": "60"})
    receive(ledger, store, "25T01:00", "6", {})
    assert figures(ledger, store) == ({23: 30}, {23: 30, 25: 6})

    receive(ledger, store, "25T02:00", "7", {"d24": "640"})
    assert figures(ledger, store) == ({23: 30, 24: 640}, {23: 30, 24: 640, 25: 7})


def test_first_start_before_the_close(engine: Engine) -> None:
    """The same is true with a close at four, while the source's next day has begun."""
    calendar = Calendar(UTC, time(4))
    store, ledger = Store(engine, calendar), Ledger(calendar)
    receive(ledger, store, "25T02:00", "5", {"d25": "1"})
    receive(ledger, store, "26T03:00", "9", {})

    assert figures(ledger, store) == ({24: 5}, {24: 5, 25: 9})


def test_restart_after_the_close(engine: Engine) -> None:
    """A day is complete if the source was connected at its close, even across a restart."""
    store, ledger = Store(engine, Calendar(UTC)), Ledger(Calendar(UTC))
    receive(ledger, store, "24T15:00", "60", {})
    store.note_connected(moment("24T15:00"), moment("25T00:10"))

    accepted, again = store.latest(UTC), Ledger(Calendar(UTC))
    assert accepted
    again.restore(accepted.snapshot, was_connected=accepted.was_connected)
    receive(again, store, "25T09:00", "5", {})

    assert incomplete(again.snapshot, store, moment("25T09:00")) == set()


def test_row_that_the_source_no_longer_sends(engine: Engine) -> None:
    """A day known from the trend alone is removed with its row, and returns with it."""
    store, ledger = Store(engine, Calendar(UTC)), Ledger(Calendar(UTC))
    receive(ledger, store, "24T10:00", "60", {"d20": "1", "d22": "20", "d23": "30"})
    receive(ledger, store, "24T11:00", "61", {"d20": "1", "d23": "30", "d24": "61"})
    assert figures(ledger, store) == ({20: 1, 23: 30, 24: 61}, {20: 1, 23: 30, 24: 61})
    assert [net.day.day for net in store.nets_before(date.max)] == [20, 23, 24]

    receive(ledger, store, "24T12:00", "62", {"d23": "30", "d24": "62"})  # a trend of fewer days
    receive(ledger, store, "24T13:00", "63", {"d20": "1", "d22": "20", "d23": "30", "d24": "63"})

    known = {20: 1, 22: 20, 23: 30, 24: 63}
    assert figures(ledger, store) == (known, known)
    assert store.known() == (date(2026, 2, 20), date(2026, 2, 24))


def test_recorded_day_without_a_row(engine: Engine) -> None:
    """A closed day with received totals stays, even if the trend omits it."""
    store, ledger = Store(engine, Calendar(UTC)), Ledger(Calendar(UTC))
    receive(ledger, store, "24T23:59", "60", {"d23": "30", "d24": "60"})
    receive(ledger, store, "25T10:00", "5", {"d23": "30", "d25": "5"})

    known = {23: 30, 24: 60, 25: 5}
    assert figures(ledger, store) == (known, known)


def test_weekend_in_the_trend(engine: Engine) -> None:
    """Friday's repeated totals are no day of the trend, also after a restart."""
    store, ledger = Store(engine, Calendar(UTC)), Ledger(Calendar(UTC))
    for day in (20, 21, 22):
        receive(ledger, store, f"{day}T23:59", "60", {"d20": "60"})
    receive(ledger, store, "23T10:00", "5", {"d20": "60", "d23": "5"})

    assert figures(ledger, store)[0] == {20: 60, 23: 5}
    assert latest(store) == {20: 60, 23: 5}


@pytest.mark.parametrize("close", [time(0), time(4), time(17)], ids=str)
@pytest.mark.parametrize(
    "seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 6))]
)
def test_trend_of_any_messages(close: time, seed: int, engine: Engine) -> None:
    """For any trend, page, history and the next start have the same days.

    The program is restarted now and then.
    """
    calendar, any_ = Calendar(UTC, close), random.Random(seed)  # noqa: S311 (no secret)
    store, ledger = Store(engine, calendar), Ledger(calendar)
    at = moment("12T09:00")
    stated: dict[int, int] = {}
    link = Connection(ledger, store)
    for number in range(8):
        before, at = at, at + timedelta(hours=any_.choice([1, 3, 8, 14, 24]))
        if ledger.snapshot and any_.random() < 0.2:
            link.end(before + (at - before) * any_.random() / 2)
            ledger = Ledger(calendar)
            accepted = store.latest(UTC)
            assert accepted
            ledger.restore(accepted.snapshot, was_connected=accepted.was_connected)
            link = Connection(ledger, store)
        elif any_.random() < 0.4:
            link.end(before + (at - before) * any_.random())
        if any_.random() < 0.8:
            link.begin(before + (at - before) * any_.random())
        rows = {at.day: 10_000 + number} if any_.random() < 0.5 else {}
        for day in range(at.day - 3, at.day):
            if any_.random() < 0.7 or day not in stated:
                stated[day] = any_.choice([stated.get(day, 100), any_.randrange(100, 900)])
                rows[day] = stated[day]
        body = {"timestamp": at.isoformat(), "revenue": 10_000 + number, "expenses": 0}
        pass_on(ledger, store, at, {**body, "trendsData": trend_of(rows)} if rows else body)
        link.note(at)

        live, known = (
            {day: amount for day, amount in each.items() if day < calendar.day_of(at).day}
            for each in figures(ledger, store)
        )
        source_is_on = {at.day} if close != time(0) else set()
        assert {day: live[day] for day in live if day not in source_is_on} == {
            day: known[day] for day in known if day not in source_is_on
        }
        assert {day: latest(store)[day] for day in known} == known
        assert incomplete(ledger.snapshot, store, at) == incomplete_days(store, at)
        assert incomplete(stored(store), store, at) == incomplete_days(store, at)


class Connection:
    """The connection to the source, as intake and writer record it."""

    def __init__(self, ledger: Ledger, store: Store) -> None:
        self._ledger, self._store = ledger, store
        self._since: datetime | None = None

    def begin(self, at: datetime) -> None:
        self._since = self._since or at
        self._ledger.note_connected(at)

    def note(self, now: datetime) -> None:
        if self._since:
            self._store.note_connected(self._since, now)

    def end(self, at: datetime) -> None:
        self.note(at)
        self._since = None
        self._ledger.note_disconnected(at)


def incomplete(snapshot: Snapshot | None, store: Store, at: datetime) -> set[int]:
    """Return the closed days of the trend that are incomplete."""
    assert snapshot
    today = store.calendar.day_of(at)
    return {row.date.day for row in snapshot.trend if row.date < today and is_incomplete(row)}


def incomplete_days(store: Store, at: datetime) -> set[int]:
    """Return those of the history."""
    days = store.days(date.min, date.max)
    today = store.calendar.day_of(at)
    statuses = {each.day.day: each.status(today, store.calendar.trading) for each in days}
    return {day for day, status in statuses.items() if status is DayStatus.INCOMPLETE}


def figures(ledger: Ledger, store: Store) -> tuple[dict[int, int], dict[int, int]]:
    """Return the revenue of each day of February in the trend and in the history."""
    assert ledger.snapshot
    live = {row.date.day: int(row.revenue) for row in ledger.snapshot.trend}
    return live, {day.day.day: int(day.revenue) for day in store.days(date.min, date.max)}


def latest(store: Store) -> dict[int, int]:
    """Return the trend's revenues with which the next process starts."""
    return {row.date.day: int(row.revenue) for row in stored(store).trend}


def stored(store: Store) -> Snapshot:
    """Return the state with which the next process starts."""
    latest = store.latest(UTC)
    assert latest
    return latest.snapshot


def trend_of(rows: dict[int, int]) -> list[dict[str, Any]]:
    """Return rows of a trend from revenues by day of February."""
    return [
        {"date": f"2026-02-{day:02}", "revenue": rows[day], "expenses": 0} for day in sorted(rows)
    ]


def pass_on(ledger: Ledger, store: Store, at: datetime, body: dict[str, Any]) -> None:
    """Pass a message through the ledger into the store, as the writer does."""
    received = ledger.receive(encoded(body), at)
    assert received.accepted
    assert ledger.snapshot
    history = History(store, RETENTION, lambda: at)
    history.add(ledger.snapshot, at, received)
    store.write(list(history._waiting.values()))


def receive(ledger: Ledger, store: Store, at: str, revenue: str, rows: dict[str, str]) -> None:
    """Pass a message through the ledger into the store."""
    pass_on(ledger, store, moment(at), message(at, revenue, **rows))


def encoded(body: dict[str, Any]) -> str:
    """Return a message as JSON with exact amounts."""
    return json.dumps(body, default=float)
