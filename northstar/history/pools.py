"""The connections of a database: those that read, and the one that writes."""

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry


def writer_of(engine: Engine) -> Engine:
    """Return the engine with the one connection that writes."""
    writer: Engine = engine.get_execution_options()["writer"]
    return writer


def close_connections(engine: Engine) -> None:
    """Close all connections for good: at once, or once a read that still runs gives them back.

    SQLAlchemy would leave the latter to the garbage collector.
    """
    engines = [engine, engine.get_execution_options().get("writer", engine)]
    pools = [each.pool for each in engines]
    engine.dispose()
    for pool in (*pools, *(each.pool for each in engines)):
        event.listen(pool, "checkin", _close)
        pool.dispose()  # those given back since


def _close(_: Any, entry: ConnectionPoolEntry) -> None:
    entry.invalidate()
