"""The connections of a closed database."""

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
    """Return a set that follows the open connections of the driver."""
    connections: set[Any] = set()
    for each in (engine, writer_of(engine)):
        event.listen(each, "checkout", lambda used, *_: connections.add(used))
        event.listen(each, "close", lambda used, _: connections.discard(used))
    return connections


def test_connections_in_use(engine: Engine, still_open: set[Any]) -> None:
    """A read that runs during the close keeps its connection, which is closed afterwards."""
    with engine.connect() as reading, closing(writer_of(engine).connect()):
        Store(engine, CALENDAR).close()
        reading.exec_driver_sql("SELECT 1")
        assert len(still_open) == 2

    assert still_open == set()


def test_connections_after_the_end(engine: Engine, still_open: set[Any]) -> None:
    """A read after the close leaves no connection open; SQLite refuses it."""
    Store(engine, CALENDAR).close()
    with suppress(StoreReplaced), engine.connect() as reading:
        reading.exec_driver_sql("SELECT 1")

    assert still_open == set()
