"""A connection to PostgreSQL for coroutines, opened again when it fails."""

import asyncio
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, LiteralString

import psycopg
from psycopg import AsyncConnection, sql
from psycopg.rows import namedtuple_row

from northstar.errors import StoreError
from northstar.history.database import CONNECTION, DatabaseUrl

CONNECT_TIMEOUT_S = 2  # the least that the driver permits
NO_ANSWER = "the database does not answer"


def parameters(url: DatabaseUrl) -> Mapping[str, Any]:
    """Return what the driver needs to connect to the database of a URL, as the history does."""
    _, given = url.get_dialect()().create_connect_args(url)
    return {**given, **CONNECTION, "connect_timeout": CONNECT_TIMEOUT_S, "autocommit": True}


class SharedConnection:
    """One connection in autocommit mode; after a failure, the next statement opens another.

    A statement that takes longer than `limit_s` fails, and its connection is closed. Connecting
    continues for the next statement, through all hosts, each for `CONNECT_TIMEOUT_S`. `settings`
    are those of the session.
    """

    def __init__(self, url: DatabaseUrl, limit_s: float, **settings: str) -> None:
        self._parameters = parameters(url)
        self._limit_s = limit_s
        self._settings = settings
        self._connection: AsyncConnection[Any] | None = None
        self._opening: asyncio.Future[AsyncConnection[Any]] | None = None

    async def run(self, statement: LiteralString, **values: Any) -> Sequence[Any]:
        """Run a statement, and return its rows as named tuples. Raises `StoreError`.

        Cancelling does not interrupt the statement: the driver would ask the server to do that, and
        wait for its answer.
        """
        running = asyncio.ensure_future(self._run(statement, values))
        running.add_done_callback(lambda task: task.cancelled() or task.exception())
        done, _ = await asyncio.wait([running], timeout=self._limit_s)
        if not done:
            self._cut(running)
            raise StoreError(NO_ANSWER)
        with failing_as_store():
            return running.result()

    async def close(self) -> None:
        """Close the connection."""
        if self._opening:
            self._opening.cancel()
            with suppress(asyncio.CancelledError, psycopg.Error):
                self._connection = await self._opening
        if self._connection:
            await self._connection.close()

    async def _run(self, statement: LiteralString, values: Mapping[str, Any]) -> Sequence[Any]:
        connection = await self._opened()
        cursor = await connection.execute(statement, values)
        return await cursor.fetchall() if cursor.description else []

    async def _opened(self) -> AsyncConnection[Any]:
        """Return the connection, which is opened if necessary. Raises `psycopg.Error`."""
        if self._connection is None or self._connection.closed:
            self._connection = None
            if self._opening is None:
                self._opening = asyncio.ensure_future(self._open())
                self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
            opening = self._opening
            await asyncio.wait([opening])  # which goes on if this is cancelled
            if self._opening is opening:
                self._opening = None
            self._connection = opening.result()
        return self._connection

    async def _open(self) -> AsyncConnection[Any]:
        connection = await AsyncConnection.connect(**self._parameters, row_factory=namedtuple_row)
        try:
            for name, value in self._settings.items():
                setting, literal = sql.Identifier(name), sql.Literal(value)
                await connection.execute(sql.SQL("SET {} = {}").format(setting, literal))
        except BaseException:
            await connection.close()
            raise
        return connection

    def _cut(self, running: asyncio.Future[Any]) -> None:
        """Let a statement that hangs fail, by ending its connection."""
        connection, self._connection = self._connection, None
        if connection is None:
            running.cancel()  # it waits for a connection
            return
        with suppress(OSError, psycopg.Error):
            # A copy of the socket: the driver waits for its own, and closes that.
            copy = socket.socket(fileno=os.dup(connection.fileno()))
            with copy:
                copy.shutdown(socket.SHUT_RDWR)


@contextmanager
def failing_as_store() -> Iterator[None]:
    """Convert the driver's errors to `StoreError`, with their first line."""
    try:
        yield
    except (psycopg.Error, OSError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise StoreError(reason or "the database cannot be reached") from error
