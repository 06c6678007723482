"""A small history for daily reports with figures that are easy to compute by hand."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from northstar.domain.calendar import Calendar
from northstar.domain.messages import decode
from northstar.domain.snapshot import Snapshot
from northstar.domain.trading import EVERY_DAY, TradingDays
from northstar.history.database import open_database, read_url
from northstar.history.store import Accepted, Store
from northstar.reports.daily import Daily, make_daily
from northstar.reports.report import Feed
from support import guide
from support.february import at, february

ANN = {"agent": "Ann", "revenue": 70, "expenses": 20, "netPnL": 50}
BOB = {"agent": "<b>Bob</b>", "revenue": 40, "expenses": 150, "netPnL": -110}
FEES = {"name": "Fees", "value": 175, "percentage": 100}
AFTER_CLOSE = "26T00:05:00"


def state(time: str, revenue: int, expenses: int, **sections: Any) -> Accepted:
    """Return a state of that time, accepted at once, with only the given sections."""
    fields = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ..., **sections}
    message = guide.text(
        timestamp=at(time).isoformat(), revenue=revenue, expenses=expenses, **fields
    )
    snapshot = Snapshot(decode(message, UTC))
    return Accepted(snapshot, at(time), snapshot.trend)


# Net 60, 150 and −60. The 23rd is restated to 55 on the 25th, which has four minutes.
STATES = [
    state("23T23:59:59", 100, 40),
    state("24T09:01:30", 80, 10),
    state("24T23:59:59", 200, 50),
    state("25T09:00:00", 10, 5),
    state("25T09:01:00", 40, 25),
    state(
        "25T09:05:00", 50, 25, trendsData=[{"date": "2026-02-23", "revenue": 100, "expenses": 45}]
    ),
    state("25T23:59:59", 120, 180, costBreakdown=[FEES], agentAttribution=[BOB, ANN]),
]


def fill(db: Path, states: list[Accepted], trading: TradingDays = EVERY_DAY) -> Store:
    """Return a store in a file with these states."""
    store = Store(open_database(read_url(str(db))), Calendar(UTC, trading=trading))
    for each in states:
        store.write([each])
    return store


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """Return the path of a database of three days."""
    path = tmp_path / "history.db"
    fill(path, STATES).close()
    return path


@pytest.fixture
def store(db: Path) -> Iterator[Store]:
    """Return a store of three days."""
    opened = fill(db, [])
    yield opened
    opened.close()


def daily(store: Store, day: int, now: str = AFTER_CLOSE, last: str | None = None) -> Daily:
    """Return the report of a day of February, made at a given time."""
    feed = Feed("live", at(now))
    since = at(last) if last else None
    return make_daily(store, february(day), at(now), feed, store.tolerance, since)
