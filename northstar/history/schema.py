"""Tables of the history, and column types for exact amounts and times.

SQLite and PostgreSQL have the same tables. Every change of a table needs a migration in
`migrations/versions`.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

REVISION = "0004"  # the newest migration, which this program requires

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Exact(TypeDecorator[Decimal]):
    """An exact amount: NUMERIC in PostgreSQL, text in SQLite, which has no exact type."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else Numeric()

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Decimal | str | None, _: Dialect) -> Decimal | None:
        return Decimal(value) if isinstance(value, str) else value


class Instant(TypeDecorator[datetime]):
    """An aware UTC time, stored as whole milliseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> int | None:
        return None if value is None else (value.astimezone(UTC) - EPOCH) // MILLISECOND

    def process_result_value(self, value: int | None, _: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MILLISECOND


# In SQLite, only INTEGER makes the primary key an alias of the rowid.
Whole = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()


def _states(name: str) -> Table:
    """Return a table with the last state of each interval.

    `start` is the start of the interval, in seconds since 1970. `at` is the state's timestamp,
    `accepted_at` its arrival by our clock. `message` is the state in the guide's format, without
    its trend.
    """
    return Table(
        name,
        metadata,
        Column("start", Whole, primary_key=True, autoincrement=False),
        Column("at", Instant, nullable=False),
        Column("accepted_at", Instant, nullable=False),
        Column("revenue", Exact, nullable=False),
        Column("expenses", Exact, nullable=False),
        Column("message", Text, nullable=False),
    )


SECONDS = _states("seconds")
MINUTES = _states("minutes")
# One row: the state accepted last of any stream, with `start` 0, and its stream.
LATEST = _states("latest")
LATEST.append_column(Column("source", Text))
# The state accepted last of each stream.
STREAMS = Table(
    "streams",
    metadata,
    Column("source", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("accepted_at", Instant, nullable=False),
    Column("message", Text, nullable=False),
)

# Each day at its close: the last state before the close or, with null `at` and `message`, the first
# trend row of a day for which no state was received. `closes_at` is the close configured then.
# `complete` is true if the source was connected at the close, or confirmed the figures later; of a
# day without a state, it is false if the source's trend does not have the day any more.
# `repeats` is the earlier day whose totals the source still sent.
DAYS = Table(
    "days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("at", Instant),
    Column("accepted_at", Instant, nullable=False),
    Column("closes_at", Instant, nullable=False),
    Column("revenue", Exact, nullable=False),
    Column("expenses", Exact, nullable=False),
    Column("message", Text),
    Column("complete", Boolean),
    Column("repeats", Date),
)

# Figures that the source sent later for a closed day, numbered in order of arrival. `origin` is
# "trend" or "state".
RESTATEMENTS = Table(
    "restatements",
    metadata,
    Column("day", Date, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("accepted_at", Instant, nullable=False),
    Column("revenue", Exact, nullable=False),
    Column("expenses", Exact, nullable=False),
    Column("origin", Text),
)
