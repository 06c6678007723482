"""Requests about alerts, which any instance stores for the leader of the cluster.

All methods block on the database, and raise `StoreError`: do not call them on the event loop.
"""

from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

from sqlalchemy import Engine, delete, func, insert, select

from northstar.history.database import translated_errors
from northstar.history.fence import Fence
from northstar.history.schema import REQUESTS
from northstar.history.turns import writing_in_turn

CHANNEL = "northstar"
REQUESTED = "requested"  # what is notified of a request


class Request(NamedTuple):
    """A request as JSON, and its number."""

    number: int
    content: str


class Requests:
    """The open requests; the leader deletes each in the transaction of its effect."""

    def __init__(self, engine: Engine, turn: Lock) -> None:
        self._engine = engine
        self._turn = turn

    def add(self, content: str) -> None:
        """Ask the leader, and notify it."""
        with writing_in_turn(self._engine, self._turn) as connection:
            connection.execute(insert(REQUESTS).values(content=content))
            connection.execute(select(func.pg_notify(CHANNEL, REQUESTED)))

    def waiting(self) -> Sequence[Request]:
        """Return the requests, oldest first."""
        with translated_errors(), self._engine.connect() as connection:
            rows = connection.execute(select(REQUESTS).order_by(REQUESTS.c.number))
            return [Request(*row) for row in rows]

    def drop(self, number: int, fence: Fence) -> None:
        """Delete a request that has no effect."""
        with writing_in_turn(self._engine, self._turn, fence) as connection:
            connection.execute(delete(REQUESTS).where(REQUESTS.c.number == number))
