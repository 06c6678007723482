"""The connections of a database that is closed."""

from contextlib import closing, suppress
from typing import Any

import pytest
from sqlalchemy import Engine, event

from northstar.errors import StoreReplaced
from northstar.history.pools import writer_of
from northstar.history.store import Store
from support.states import CALENDAR


@pytest.fixture
def still_open(engine: Engine) -> set[Any]:
    """Return the connections of the driver that were used since, and are not closed."""
    connections: set[Any] = set()
    for each in (engine, writer_of(engine)):
        event.listen(each, "checkout", lambda used, *_: connections.add(used))
        event.listen(each, "close", lambda used, _: connections.discard(used))
    return connections


def test_connections_in_use(engine: Engine, still_open: set[Any]) -> None:
    """A read that still runs at the end keeps its connection, which is closed after it."""
    with engine.connect() as reading, closing(writer_of(engine).connect()):
        Store(engine, CALENDAR).close()
        reading.exec_driver_sql("SELECT 1")
        assert len(still_open) == 2

    assert still_open == set()


def test_connections_after_the_end(engine: Engine, still_open: set[Any]) -> None:
    """A read that begins after the end leaves no connection open; SQLite refuses it."""
    Store(engine, CALENDAR).close()
    with suppress(StoreReplaced), engine.connect() as reading:
        reading.exec_driver_sql("SELECT 1")

    assert still_open == set()
