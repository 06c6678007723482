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
    DateTime,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

REVISION = "0008"  # the newest migration, which this program requires

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

# Notes about a day, or about the moment `at` of it. A deleted note stays, with who
# deleted it. `method` is how the author is known.
NOTES = Table(
    "notes",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("at", Instant),
    Column("author", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("deleted_at", Instant),
    Column("deleted_by", Text),
    sqlite_autoincrement=True,
)

# Every change that a viewer made: when, who, from which address, what, and of what.
AUDIT = Table(
    "audit",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("author", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    sqlite_autoincrement=True,
)

# The state of each alert: of a rule, about a subject ("" is the whole). `content` is JSON.
ALERTS = Table(
    "alerts",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("content", Text, nullable=False),
)

# The alerts that somebody has silenced, and until when.
SILENCES = Table(
    "silences",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("until", Instant, nullable=False),
    Column("content", Text, nullable=False),
)

# Events of alerts. `content` is the event as JSON.
ALERT_EVENTS = Table(
    "alert_events",
    metadata,
    Column("number", Text, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("content", Text, nullable=False),
)

# The daily reports, each as it is sent. `content` is JSON.
REPORTS = Table(
    "reports",
    metadata,
    Column("number", Text, primary_key=True),
    Column("day", Date, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("content", Text, nullable=False),
)

# Deliveries of an event or a report, one row for each receiver. `due` is the next attempt, null
# when there is none any more; `sent_at` is null if it was not delivered. `result` is the outcome of
# the last attempt.
DELIVERIES = Table(
    "deliveries",
    metadata,
    Column("event", Text, primary_key=True),
    Column("receiver", Text, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("due", Instant, index=True),
    Column("attempts", Integer, nullable=False),
    Column("sent_at", Instant),
    Column("result", Text),
)

# Failed sign-ins of each address in a window that ends at `until`, by the database's clock; only in
# a cluster.
ATTEMPTS = Table(
    "attempts",
    metadata,
    Column("address", Text, primary_key=True),
    Column("until", Instant, nullable=False, index=True),
    Column("events", Integer, nullable=False),
)

# One row: which instance of a cluster leads, since when, and until when unless it renews that, by
# the clock of the database. `epoch` is a new one for each holder.
LEASE = Table(
    "lease",
    metadata,
    Column("one", Boolean, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
)

# The current state of the leader, in the parts of northstar/live/cluster/truth.py. In PostgreSQL,
# this table and the next are unlogged: their rows are written again every second.
TRUTH = Table(
    "truth",
    metadata,
    Column("part", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("written_at", DateTime(timezone=True), nullable=False),
)

# The instances of a cluster: their version and viewers, and the truth that they show.
INSTANCES = Table(
    "instances",
    metadata,
    Column("name", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("viewers", Integer, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
)

# One row: the oldest schema whose programs may use this one. A migration that is incompatible with
# them raises it; until then, instances of both versions run side by side during an upgrade.
COMPATIBILITY = Table(
    "compatibility",
    metadata,
    Column("oldest", Text, primary_key=True),
)

# One row: the key of the tokens against cross-site request forgery, the same on all instances.
KEYS = Table(
    "keys",
    metadata,
    Column("value", LargeBinary, primary_key=True),
)

# Requests about alerts by viewers of any instance to the leader of the cluster, as JSON.
REQUESTS = Table(
    "requests",
    metadata,
    Column("number", Whole, primary_key=True),
    Column("content", Text, nullable=False),
    sqlite_autoincrement=True,
)
