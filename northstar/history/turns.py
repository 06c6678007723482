"""Serialize writes to the database among the writers of the process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection, Engine

from northstar.errors import StoreError
from northstar.history.database import writing
from northstar.history.fence import Fence, unfenced

# Longer than the timeouts of locks and connections: a database that takes longer hangs.
TURN_S = 7.0


@contextmanager
def writing_in_turn(engine: Engine, turn: Lock, fence: Fence = unfenced) -> Iterator[Connection]:
    """Wait for our turn, and open a connection in a transaction. Raises `StoreError`."""
    if not turn.acquire(timeout=TURN_S):
        raise StoreError("the database does not answer")
    try:
        with writing(engine, fence) as connection:
            yield connection
    finally:
        turn.release()
