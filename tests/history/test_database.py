"""Opening a database: its address, and a server that is not available."""

import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from northstar import cli
from northstar.errors import ConfigurationError, StoreError
from northstar.history.database import (
    display_name,
    open_temporary_database,
    read_url,
    translated_errors,
    writing,
)
from northstar.history.schema import SECONDS
from northstar.history.store import Store
from support.checkout import ROOT
from support.databases import Postgres, empty_database
from support.states import CALENDAR, moments, opened
from support.storage import numbered
from support.waiting import SLOWNESS


@pytest.mark.parametrize(
    ("db", "expected"),
    [
        ("data/northstar.db", "sqlite:///data/northstar.db"),
        ("sqlite:////var/lib/n.db", "sqlite:////var/lib/n.db"),
        ("postgresql://me@host/pnl", "postgresql+psycopg://me@host/pnl"),
        ("postgres://me@host:5433/pnl", "postgresql+psycopg://me@host:5433/pnl"),
    ],
)
def test_database_of(db: str, expected: str) -> None:
    """A path is an SQLite file; an address with either of its schemes is PostgreSQL's."""
    assert str(read_url(db)) == expected


@pytest.mark.parametrize(
    "db", ["postgresql://host", "postgresql://host:port/pnl", "sqlite:///file:a.db?uri=true"]
)
def test_address_that_names_no_database(db: str) -> None:
    """An address without a database is refused with a message."""
    with pytest.raises(ConfigurationError, match="the database URL"):
        read_url(db)


@pytest.mark.parametrize(
    ("db", "expected"),
    [
        ("postgresql://me:secret@host/pnl", "postgresql+psycopg://me:***@host/pnl"),
        ("postgresql://me@host/pnl?password=secret", "postgresql+psycopg://me@host/pnl?…"),
        ("postgresql://host/pnl?a=b&sslpassword=secret", "postgresql+psycopg://host/pnl?…"),
        (
            "postgres://me:secret@/pnl?password=a&password=secret",
            "postgresql+psycopg://me:***@/pnl?…",
        ),
        ("sqlite:///n.db?password=secret", "n.db"),
    ],
)
def test_shown_without_password(db: str, expected: str) -> None:
    """A printed address has no password, neither before the host nor in the query."""
    assert display_name(read_url(db)) == expected


@pytest.mark.parametrize(
    "db",
    [
        "postgresql://me:secret@127.0.0.1:{port}/pnl?sslpassword=secret",
        "postgresql://me@127.0.0.1:{port}/pnl?password=secret",
        "postgresql://127.0.0.1:{port}/pnl?user=me&password=secret&password=secret",
        "postgresql://127.0.0.1/pnl?host=127.0.0.1&port={port}&password=secret&connect_timeout=1",
    ],
)
def test_password_of_a_database_that_is_away(
    db: str, free_port: int, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed start because of an unavailable database prints its address without the password."""
    monkeypatch.setattr(cli, "configure", lambda *_: None)
    with pytest.raises(SystemExit) as end:
        cli.create(["--ws-url", "ws://127.0.0.1:1", "--db", db.format(port=free_port)])

    assert end.value.code == 1
    assert_named_without_password(*capfd.readouterr())


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_password_in_the_output_of_the_program(log_format: str, free_port: int) -> None:
    """Neither the program's logs nor those of libraries contain the password."""
    db = f"postgresql://me:secret@127.0.0.1:{free_port}/pnl?sslpassword=secret"
    arguments = ["--ws-url", "ws://127.0.0.1:1", "--db", db, "--log-format", log_format]
    ended = subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *arguments],
        capture_output=True,
        text=True,
        timeout=30 * SLOWNESS,
        check=False,
    )

    assert ended.returncode == 1
    assert_named_without_password(ended.stdout, ended.stderr)


def assert_named_without_password(stdout: str, stderr: str) -> None:
    """Assert that the unavailable database is named without its password."""
    assert "cannot store history in postgresql+psycopg://" in stderr
    assert "/pnl?…: connection failed: " in stderr
    assert "secret" not in stdout + stderr


def test_temporary_database() -> None:
    """Data that is not real is stored in a folder that is removed with the database."""
    engine = open_temporary_database()
    file = Path(str(engine.url.database))
    assert file.exists()

    engine.dispose()

    assert not file.parent.exists()


@pytest.mark.parametrize("error", [PoolTimeout("QueuePool limit"), InvalidRequestError("rollback")])
def test_words_of_sqlalchemy(error: SQLAlchemyError) -> None:
    """A database error does not contain SQLAlchemy's own message."""
    with pytest.raises(StoreError) as problem, translated_errors():
        raise error

    assert str(error) not in str(problem.value)
    assert "database" in str(problem.value)


def test_readers_do_not_delay_the_writer(engine: Engine) -> None:
    """With all connections for readers in use, a batch is still written."""
    store = Store(engine, CALENDAR)
    with ExitStack() as stack:
        for _ in range(5 + 10):
            stack.enter_context(engine.connect()).execute(text("SELECT 1"))
        assert engine.pool.status().endswith("Current Checked out connections: 15")

        store.write([numbered(1)])

    assert len(moments(store, SECONDS)) == 1


def test_newer_schema_that_is_compatible(database: str) -> None:
    """During an upgrade, a program uses the next version's schema if that permits it."""
    with opened(database) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with opened(database) as store:
        store.write([numbered(1)])
        assert len(moments(store, SECONDS)) == 1


def test_writer_that_stops_in_a_transaction(postgres: Postgres) -> None:
    """A writer stopped in a transaction loses its locks, so that others can write."""
    with empty_database(postgres) as db, opened(db) as store, opened(db) as other:
        stopped = writing(store.engine)
        stopped.__enter__().execute(text("LOCK TABLE seconds"))
        other.write([numbered(1)])
        with pytest.raises(StoreError, match="idle-in-transaction timeout"):
            stopped.__exit__(None, None, None)
