"""Create and read states and days in a store."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, Row, Table, func, select

from northstar.domain.calendar import EARLIEST, Calendar
from northstar.domain.calendar import LATEST as LAST
from northstar.domain.day import Amounts, DayRecord, Moment
from northstar.domain.messages import PnLUpdate, TrendDay
from northstar.domain.snapshot import Snapshot
from northstar.history.database import open_database, read_url
from northstar.history.schema import (
    DAYS,
    LATEST,
    MINUTES,
    RESTATEMENTS,
    SECONDS,
    STREAMS,
    metadata,
)
from northstar.history.store import Accepted, Store

ZONE = ZoneInfo("UTC")
CALENDAR = Calendar(ZONE)

Trend = Sequence[tuple[str, str, str]]


@pytest.fixture
def store(engine: Engine) -> Store:
    """Return a store with days in UTC."""
    return Store(engine, CALENDAR)


@contextmanager
def opened(db: str) -> Iterator[Store]:
    """Open a database as another program would."""
    store = Store(open_database(read_url(db)), CALENDAR)
    try:
        yield store
    finally:
        store.close()


def moment(text: str) -> datetime:
    """Return a time of February 2026, such as "25T10:00", or one with its year."""
    return datetime.fromisoformat(text if text[4:5] == "-" else f"2026-02-{text}Z")


def day(text: str) -> date:
    """Return a day of February 2026, such as "25", or one with its year."""
    return date.fromisoformat(text if "-" in text else f"2026-02-{text}")


def amounts(revenue: str, expenses: str = "40") -> Amounts:
    """Return amounts of those digits."""
    return Amounts(Decimal(revenue), Decimal(expenses))


def update(at: str, revenue: str = "100", trend: Trend = (), expenses: str = "40") -> PnLUpdate:
    """Return a message at that time; its trend has date, revenue and expenses."""
    rows = [
        TrendDay(date=day(date_), revenue=Decimal(earned), expenses=Decimal(spent))
        for date_, earned, spent in trend
    ]
    bare = PnLUpdate(timestamp=moment(at), revenue=Decimal(revenue), expenses=Decimal(expenses))
    return bare.model_copy(update={"trends_data": rows or None})


def state(at: str, revenue: str = "100", trend: Trend = (), came: str | None = None) -> Accepted:
    """Return the state of a message, accepted at its own time or at `came`."""
    message = update(at, revenue, trend)
    return Accepted(Snapshot(message), moment(came or at), message.trends_data or ())


def told_at(at: str, came: str | None = None, **days: str) -> Accepted:
    """Return a state with a trend: `d24="100"` is the 24th's revenue."""
    return state(at, trend=[(name[1:], earned, "40") for name, earned in days.items()], came=came)


def moments(store: Store, table: Table) -> list[Moment]:
    """Return every row of a table of states."""
    return store.moments(table, EARLIEST, LAST, 10**6)


def days(store: Store) -> list[DayRecord]:
    """Return every known day."""
    return store.days(date.min, date.max)


def revenues(store: Store) -> dict[str, Decimal]:
    """Return the revenue of every known day."""
    return {record.day.isoformat(): record.revenue for record in days(store)}


def dump(engine: Engine) -> dict[str, list[Row[Any]]]:
    """Return every row of every table."""
    with engine.connect() as connection:
        return {
            table.name: list(connection.execute(select(table).order_by(*table.primary_key)))
            for table in metadata.sorted_tables
        }


def count(engine: Engine, table: Table) -> int:
    """Return the number of rows of a table."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def newer_tables() -> list[Table]:
    """Return the tables that version 0.5 did not have, except that of streams."""
    older = {SECONDS, MINUTES, LATEST, DAYS, RESTATEMENTS, STREAMS}
    return [table for table in metadata.sorted_tables if table not in older]
