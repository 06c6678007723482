"""Connections to PostgreSQL with every form of URL."""

import socket
from contextlib import suppress

import psycopg
import pytest

from northstar.coordination.connection import SharedConnection, parameters
from northstar.errors import StoreError
from northstar.history.database import read_url
from support.databases import Postgres
from support.programs import unused_port


@pytest.mark.parametrize(
    "query",
    [
        "host=127.0.0.1:{other}&host=127.0.0.1:{port}&target_session_attrs=read-write",
        "host=127.0.0.1&port={port}&options=-c%20search_path%3Ddesk&application_name=my%20desk",
    ],
)
def test_query_of_a_url(query: str, postgres: Postgres) -> None:
    """Several hosts and values with spaces are read as for the history."""
    query = query.format(port=postgres.port, other=unused_port())
    url = read_url(f"postgresql://postgres@/postgres?{query}")

    with psycopg.connect(**parameters(url)) as connection:
        assert connection.info.port == postgres.port
        assert connection.info.parameter_status("application_name") == (
            "my desk" if "desk" in query else ""
        )


async def test_first_host_hangs(postgres: Postgres) -> None:
    """The next host is reached although the first hangs for the time of a statement."""
    with socket.create_server(("127.0.0.1", 0)) as dumb:
        hosts = f"host=127.0.0.1:{dumb.getsockname()[1]}&host=127.0.0.1:{postgres.port}"
        url = read_url(f"postgresql://postgres@/postgres?{hosts}")
        connection = SharedConnection(url, limit_s=1)
        rows: list[int] = []
        for _ in range(20):
            with suppress(StoreError):
                rows = [row.one for row in await connection.run("SELECT 1 AS one")]
                break
        await connection.close()

    assert rows == [1]


async def test_closed_while_it_connects() -> None:
    """Closing cancels a connection attempt."""
    with socket.create_server(("127.0.0.1", 0)) as dumb:
        url = read_url(f"postgresql://postgres@127.0.0.1:{dumb.getsockname()[1]}/postgres")
        connection = SharedConnection(url, limit_s=0.1)
        with pytest.raises(StoreError, match="the database does not answer"):
            await connection.run("SELECT 1")
        await connection.close()
