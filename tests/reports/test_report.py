"""Reports on a real database with states as written by a stream."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord
from northstar.domain.messages import decode
from northstar.domain.snapshot import Snapshot
from northstar.errors import StoreError
from northstar.history.database import open_database, read_url
from northstar.history.store import Accepted, Store
from northstar.reports.contrast import Side
from northstar.reports.periods import Comparison, Period
from northstar.reports.report import Feed, Report, make_report
from support import guide
from support.february import amounts, at, february

# One hour ahead of UTC in February: a day is from 23:00 to 23:00 UTC.
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 2, 26, 12, tzinfo=UTC)
FEED = Feed("live", NOW)


def state(time: str, revenue: int, expenses: int, **sections: Any) -> Accepted:
    """Return a state of that time, without a trend, accepted at once."""
    fields = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ..., **sections}
    moment = at(time)
    message = guide.text(timestamp=moment.isoformat(), revenue=revenue, expenses=expenses, **fields)
    snapshot = Snapshot(decode(message, BERLIN))
    return Accepted(snapshot, moment, snapshot.trend)


STATES = [
    state("20T12:00:00", 100, 40),
    state("23T22:59:59", 200, 50),  # a second before the day closes
    # The 24th has no states and ends when the next day begins.
    state("24T23:00:00", 300, 60),
    state("25T10:00:05", 310, 70),
    state("25T10:00:50", 320, 75),
    state("25T10:01:10", 330, 80),
    state("25T23:00:00", 10, 5),  # the first of the 26th
]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    """Return an empty store."""
    store = Store(open_database(read_url(str(tmp_path / "history.db"))), Calendar(BERLIN))
    yield store
    store.close()


@pytest.fixture
def store(empty: Store) -> Store:
    """Return a store with states written one after the other."""
    for each in STATES:
        empty.write([each])
    empty.note_connected(at("24T23:00:00"), at("25T23:00:00"))
    return empty


def report(
    store: Store, first: int, last: int, comparison: Comparison = Comparison.PREVIOUS
) -> Report:
    """Return the report of these days of February."""
    return make_report(store, Period(february(first), february(last)), comparison, NOW, FEED)


def test_days(store: Store) -> None:
    """A day has the figures of its last state, by the day of the zone."""
    found = report(store, 24, 26)

    assert found.days == [
        DayRecord(february(25), amounts(330, 80), at("25T10:01:10")),
        DayRecord(february(26), amounts(10, 5), at("25T23:00:00"), is_complete=False),
    ]
    assert found.amounts == amounts(340, 85)
    assert found.missing == 1


def test_first_and_last_day_are_included(store: Store) -> None:
    """Both ends belong to the period."""
    assert [day.day for day in report(store, 20, 25).days] == [february(n) for n in (20, 23, 25)]


def test_times(store: Store) -> None:
    """A report has its time in the zone, and the current day."""
    found = report(store, 24, 26)

    assert found.made_at.isoformat() == "2026-02-26T13:00:00+01:00"
    assert found.today == february(26)
    assert found.known == (february(20), february(26))


def test_compared_days(store: Store) -> None:
    """The compared days are those of the compared period."""
    found = report(store, 24, 26)

    assert found.compared == Period(february(21), february(22))
    assert found.before == []
    assert report(store, 25, 26).before == [
        DayRecord(february(23), amounts(200, 50), at("23T22:59:59"))
    ]


def test_compared_with_nothing(store: Store) -> None:
    """Without a comparison there are no compared days, and none are missing."""
    found = report(store, 24, 26, Comparison.NONE)

    assert (found.compared, found.before, found.contrast.before) == (None, [], None)


def test_compared_with_what_nobody_knows(store: Store) -> None:
    """Compared days without figures are unknown and not zero."""
    found = report(store, 24, 26, Comparison.YEAR_BEFORE)

    assert found.compared == Period(date(2025, 2, 24), date(2025, 2, 25))
    assert found.contrast.before == Side(found.compared, None, days=0, lacking=2)


def test_compared_with_what_is_off_the_calendar(store: Store) -> None:
    """Before the calendar's first day there is nothing to compare with."""
    first = Period(date.min, date.min)
    found = make_report(store, first, Comparison.PREVIOUS, NOW, FEED)

    assert (found.compared, found.days, found.moments, found.missing) == (None, [], [], 1)


def test_minutes_of_one_day(store: Store) -> None:
    """A single day has the last state of each of its minutes, and no other day's."""
    found = report(store, 25, 25)

    assert found.is_one_day
    assert found.moments == [
        (at("24T23:00:00"), amounts(300, 60)),
        (at("25T10:00:50"), amounts(320, 75)),
        (at("25T10:01:10"), amounts(330, 80)),
    ]
    assert [day.day for day in found.days] == [february(25)]


def test_minutes_of_more_days(store: Store) -> None:
    """Only the report of a single day has minutes."""
    found = report(store, 25, 26)

    assert not found.is_one_day
    assert found.moments == []


@pytest.mark.parametrize(
    ("last", "missing"), [(26, 1), (27, 1), (28, 1)], ids=["today", "tomorrow", "later"]
)
def test_missing_days(last: int, missing: int, store: Store) -> None:
    """A future day is not missing: of 24, 25 and 26 only the first is."""
    assert report(store, 24, last).missing == missing


def test_missing_today(store: Store) -> None:
    """Today is missing if it has no state."""
    tomorrow = datetime(2026, 2, 27, 12, tzinfo=UTC)
    days = Period(february(26), february(28))

    assert make_report(store, days, Comparison.NONE, tomorrow, FEED).missing == 1


def test_nothing_known(empty: Store) -> None:
    """In an empty store everything is unknown, and every day up to today is missing."""
    found = report(empty, 25, 28)

    assert (found.days, found.before, found.known) == ([], [], None)
    assert (found.amounts, found.missing) == (None, 2)
    assert found.contrast.before == Side(Period(february(23), february(23)), None, lacking=1)
    assert (found.with_costs, found.with_agents) == (0, 0)


def test_no_minute_known(empty: Store) -> None:
    """A single unknown day has no minutes."""
    assert report(empty, 25, 25).moments == []


def test_restated_day(store: Store) -> None:
    """A restated day has its new figures, and those at its close."""
    trend = [{"date": "2026-02-25", "revenue": 331, "expenses": 82, "net": 249}]
    store.write([state("26T10:00:00", 20, 6, trendsData=trend)])

    day, _ = report(store, 25, 26).days
    assert day.amounts == amounts(331, 82)
    assert day.closed == amounts(330, 80)
    assert day.restated_at == at("26T10:00:00")


def test_day_of_the_trend(empty: Store) -> None:
    """A day known from the trend alone has figures but no time."""
    trend = [{"date": "2026-02-24", "revenue": 120, "expenses": 50, "net": 70}]
    empty.write([state("26T10:00:00", 20, 6, trendsData=trend)])

    found = report(empty, 24, 26)
    assert found.days == [
        DayRecord(february(24), amounts(120, 50)),
        DayRecord(february(26), amounts(20, 6), at("26T10:00:00"), is_complete=False),
    ]


def test_days_with_costs_and_agents(empty: Store) -> None:
    """The number of days with a breakdown is known; an empty one counts, too."""
    costs = [{"name": "Fees", "value": 40}]
    agents = [{"agent": "John", "revenue": 100, "expenses": 40, "net": 60}]
    empty.write([state("20T12:00:00", 100, 40, costBreakdown=costs, agentAttribution=agents)])
    empty.write([state("21T12:00:00", 100, 40, costBreakdown=[])])
    empty.write([state("22T12:00:00", 100, 40)])

    found = report(empty, 20, 22)
    assert (found.with_costs, found.with_agents) == (2, 1)
    assert found.days[0].costs == {"Fees": Decimal(40)}
    assert found.days[0].agents == {"John": amounts(100, 40)}
    assert (found.days[1].costs, found.days[2].costs) == ({}, None)


def test_store_that_cannot_be_read(store: Store) -> None:
    """The error has the reason."""
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE days"))

    with pytest.raises(StoreError, match="no such table: days"):
        report(store, 24, 26)
