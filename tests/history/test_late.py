"""States that arrive after their day has closed."""

import pytest
from sqlalchemy import Engine

from northstar.domain.day import Amounts, DayRecord
from northstar.history.store import Store
from support.states import (
    CALENDAR,
    ZONE,
    amounts,
    day,
    days,
    dump,
    moment,
    revenues,
    state,
    store,
    told_at,
)

__all__ = ["store"]  # a fixture


def test_late_state_of_a_closed_day(store: Store, engine: Engine) -> None:
    """A late state changes neither a closed day nor its restatements."""
    store.write([state("24T12:00", "50"), state("24T23:59", "500")])
    store.write([told_at("25T09:00", d24="700")])
    whole = dump(engine)
    restarted = Store(engine, CALENDAR)

    assert restarted.write([state("24T12:00", "1", [("24", "1", "1")], "25T09:01")]) == day("24")

    assert dump(engine) == whole
    closed = DayRecord(
        day("24"), amounts("700"), moment("24T23:59"), amounts("500"), moment("25T09:00")
    )
    assert days(store)[0] == closed
    assert restarted.write([state("25T09:02")]) is None


def test_late_state_among_others(store: Store) -> None:
    """The other states of a batch with a late one are stored."""
    store.write([state("24T23:59", "500"), state("25T09:00", "1")])

    late = store.write([state("25T09:01", "2"), state("24T12:00", "9", came="25T09:02")])

    assert late == day("24")
    assert revenues(store) == {"2026-02-24": 500, "2026-02-25": 2}


def test_late_state_of_another_stream(engine: Engine) -> None:
    """A late state of any stream does not overwrite a closed day."""
    Store(engine, CALENDAR, "ws://one").write([state("24T23:59", "500"), state("25T09:00", "1")])
    other = Store(engine, CALENDAR, "ws://other")

    assert other.write([state("24T12:00", "9", came="25T09:01")]) == day("24")
    assert other.write([state("25T08:00", "8", came="25T09:01")]) is None

    assert revenues(other) == {"2026-02-24": 500, "2026-02-25": 8}


@pytest.mark.parametrize(("age_s", "closed"), [(0, None), (600, None), (10 * 3600, amounts("500"))])
def test_later_state_of_a_closed_day(store: Store, age_s: float, closed: Amounts | None) -> None:
    """A state sent long after the close restates the day; a delayed one does not.

    Neither does one of a source whose clock is hours behind.
    """
    store.write([state("24T23:50", "500")])
    late = state("24T23:51", "1", came="25T09:00")._replace(age_s=age_s)

    assert store.write([late]) is None

    [record] = days(store)
    assert (record.amounts, record.closed) == (amounts("1"), closed)
    assert store.latest(ZONE)


def test_first_state_of_a_day_that_comes_long_after(store: Store) -> None:
    """A late state of an unknown day is that day's figure."""
    store.write([state("24T23:50", "1", came="25T09:00")._replace(age_s=9 * 3600)])

    assert days(store) == [DayRecord(day("24"), amounts("1"), moment("24T23:50"))]
