"""The last accepted state, as the next process reads it."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from northstar.domain.books import audit
from northstar.domain.calendar import Calendar
from northstar.domain.ledger import Ledger
from northstar.domain.messages import AgentMetrics, CostCategory, encode
from northstar.domain.snapshot import Snapshot
from northstar.history.schema import (
    LATEST,
    STREAMS,
)
from northstar.history.store import Accepted, Store
from support import guide
from support.states import CALENDAR, ZONE, moment, newer_tables, opened, state, store, update

__all__ = ["store"]  # a fixture

BERLIN = ZoneInfo("Europe/Berlin")

# Columns that are missing in version 0.5.
ADDED = [
    ("latest", "source"),
    ("days", "complete"),
    ("days", "repeats"),
    ("restatements", "origin"),
]


@pytest.mark.parametrize(
    "digits", ["0.1", "0.10", "1E+3", "123456789012.345678", "-0.005", "0", "-7", "1E-20"]
)
def test_latest_is_exact(engine: Engine, digits: str) -> None:
    """The last accepted state is read by another process with exact digits."""
    exact = Decimal(digits)
    message = update("25T10:00:00.123", digits, [("23", digits, "1")], digits).model_copy(
        update={
            "previous_revenue": exact,
            "cost_breakdown": [CostCategory(name="Fees", value=exact, percentage=exact)],
            "agent_attribution": [AgentMetrics(agent="A", revenue=exact, expenses=exact)],
        }
    )
    kept = Accepted(Snapshot(message), moment("25T10:00:01.456"), message.trends_data or ())
    Store(engine, CALENDAR).write([kept])

    latest = Store(engine, CALENDAR).latest(ZONE)

    assert latest is not None
    read = latest.snapshot.state
    assert (latest.at, read.timestamp) == (moment("25T10:00:01.456"), moment("25T10:00:00.123"))
    assert str(read.revenue) == str(read.expenses) == digits
    assert str(read.previous_revenue) == digits
    assert [(str(c.value), str(c.percentage)) for c in latest.snapshot.costs] == [(digits, digits)]
    assert [(str(a.revenue), str(a.expenses)) for a in latest.snapshot.agents] == [(digits, digits)]
    assert [(d.date.day, d.revenue, d.expenses) for d in latest.snapshot.trend] == [
        (23, exact, 1),
        (25, exact, exact),
    ]
    assert read.previous_expenses is None
    assert read.source is None


def test_latest_trend_has_thirty_days(store: Store) -> None:
    """The newest thirty days are restored; the current one has the state's figures."""
    ledger = Ledger(Calendar(ZONE))
    for last, revenue in (("2026-02-25", 7), ("2026-03-01", 8)):
        text = guide.text(
            timestamp=f"{last}T10:00:00Z", revenue=revenue, trendsData=guide.month(last)
        )
        assert ledger.receive(text).accepted
        assert ledger.snapshot
        store.write([Accepted(ledger.snapshot, ledger.snapshot.instant, ledger.snapshot.trend)])

    latest = store.latest(ZONE)

    assert latest is not None
    trend = [(f"{row.date}", f"{row.revenue}", f"{row.expenses}") for row in latest.snapshot.trend]
    assert trend[0] == ("2026-01-31", "117100", "46550")
    assert trend[-2:] == [("2026-02-28", "119900", "47950"), ("2026-03-01", "8", "48320")]
    assert len(trend) == 30
    assert store.known() == (date(2026, 1, 27), date(2026, 3, 1))


def test_running_day_of_a_source_without_a_trend(store: Store) -> None:
    """After a restart, the current day's row is not taken as stated by the source."""
    store.write([Accepted(Snapshot(update("25T10:00:00", "7")), moment("25T10:00:00"))])
    latest = store.latest(ZONE)
    assert latest is not None
    assert [row.revenue for row in latest.snapshot.trend] == [7]
    ledger = Ledger(CALENDAR)
    ledger.restore(latest.snapshot)

    assert ledger.receive(encode(update("25T10:00:01", "8"))).accepted

    assert ledger.snapshot
    assert audit(ledger.snapshot) == []


@pytest.mark.parametrize(("source", "known"), [("ws://one", True), ("ws://other", False)])
def test_latest_of_another_stream(engine: Engine, source: str, known: bool) -> None:  # noqa: FBT001
    """A state is restored for its own stream only."""
    Store(engine, CALENDAR, "ws://one").write([state("25T10:00")])

    assert (Store(engine, CALENDAR, source).latest(ZONE) is not None) is known


def test_latest_of_a_stream_that_was_not_noted(engine: Engine) -> None:
    """A state stored by an earlier version belongs to the current stream."""
    Store(engine, CALENDAR).write([state("25T10:00")])
    with engine.begin() as connection:
        connection.execute(LATEST.update().values(source=None))
        connection.execute(STREAMS.delete())

    assert Store(engine, CALENDAR, "ws://one").latest(ZONE) is not None


def test_latest_of_a_stream_before_another(engine: Engine) -> None:
    """A stream that returns continues its own state, as the other stream does."""
    one, other = (Store(engine, CALENDAR, name) for name in ("ws://one", "ws://other"))
    one.write([state("25T10:00", "1")])
    other.write([state("25T10:05", "2")])
    one.write([state("25T10:10", "3")])

    assert [latest_revenue(store) for store in (one, other)] == [3, 2]


def test_latest_of_a_stream_migrated(engine: Engine, database: str) -> None:
    """After the migration, the stored latest state belongs to its stream."""
    Store(engine, CALENDAR, "ws://one").write([state("25T10:00", "7")])
    with engine.begin() as connection:
        for table in (STREAMS, *newer_tables()):
            table.drop(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
    engine.dispose()

    with opened(database) as migrated:
        migrated.source = "ws://other"
        migrated.write([state("25T10:05", "8")])
        migrated.source = "ws://one"
        assert latest_revenue(migrated) == 7


def latest_revenue(store: Store) -> Decimal | None:
    """Return the revenue of the state with which the store's stream continues."""
    latest = store.latest(ZONE)
    return latest and latest.snapshot.revenue


def test_latest_in_the_zone_asked_for(store: Store) -> None:
    """The last state's time is in the zone of the settings."""
    store.write([state("25T10:00")])

    latest = store.latest(BERLIN)

    assert latest is not None
    assert latest.snapshot.as_of.isoformat() == "2026-02-25T11:00:00+01:00"


def test_latest_of_the_first_schema(engine: Engine, database: str) -> None:
    """A database of version 0.5 is migrated, and its last state is the current stream's."""
    Store(engine, CALENDAR).write([state("25T10:00", "7")])
    with engine.begin() as connection:
        for added in (STREAMS, *newer_tables()):
            added.drop(connection)
        for table, column in ADDED:
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    engine.dispose()

    with opened(database) as migrated:
        migrated.source = "ws://one"
        latest = migrated.latest(ZONE)
        assert latest is not None
        assert latest.snapshot.revenue == 7
        migrated.write([state("25T10:01", "8")])
        migrated.source = "ws://other"
        assert migrated.latest(ZONE) is None
