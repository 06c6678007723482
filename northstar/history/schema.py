"""Tables of the history, and column types for exact amounts and times.

The same in SQLite and PostgreSQL. A change of a table is a migration in `migrations/versions`.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Dialect, Integer, MetaData, Numeric, Table, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

REVISION = "0002"  # of the newest migration: what this program reads and writes

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Exact(TypeDecorator[Decimal]):
    """An amount, digit for digit: a number where the database has exact ones, else its text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return Text() if dialect.name == "sqlite" else Numeric()

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | str | None:
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Decimal | str | None, _: Dialect) -> Decimal | None:
        return Decimal(value) if isinstance(value, str) else value


class Instant(TypeDecorator[datetime]):
    """An aware time, in UTC and to the millisecond, as milliseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> int | None:
        return None if value is None else (value.astimezone(UTC) - EPOCH) // MILLISECOND

    def process_result_value(self, value: int | None, _: Dialect) -> datetime | None:
        return None if value is None else EPOCH + value * MILLISECOND


# In SQLite this very type makes a key the table's own row number.
Whole = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()


def _states(name: str) -> Table:
    """Return a table of states, of each stretch of time the last.

    `start` is the stretch's, in seconds since 1970. `at` is the state's own time, `accepted_at`
    ours when it came. `message` is the state in the guide's format, without its trend.
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
# One row: the state accepted last, `start` is 0, and the stream that it came from.
LATEST = _states("latest")
LATEST.append_column(Column("source", Text))

# What each day closed at: the last state before its close, or what the source's trend said first of
# a day that nobody watched, where `at` and `message` are null. `closes_at` as it was set then.
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
)

# What the source said later of a day that was closed, in the order in which it did.
RESTATEMENTS = Table(
    "restatements",
    metadata,
    Column("day", Date, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("accepted_at", Instant, nullable=False),
    Column("revenue", Exact, nullable=False),
    Column("expenses", Exact, nullable=False),
)
