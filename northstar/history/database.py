"""Open an SQLite or PostgreSQL database at the current schema.

Whatever goes wrong with it is a `StoreError` that says what, without credentials.
"""

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    column,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    table,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from northstar.errors import ConfigurationError, StoreError, StoreReplaced, StoreUnusable
from northstar.history.files import Files
from northstar.history.schema import REVISION

MIGRATIONS = Path(__file__).parent / "migrations"
DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
# How long a writer waits for another one; a batch takes milliseconds.
BUSY_TIMEOUT_S = 5
CONNECT_TIMEOUT_S = 5
# A connection of which nothing comes back is given up after some fifteen seconds, as `libpq` has
# it: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
CONNECTION = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}
MIGRATION_LOCK = 0x4E535452  # any number that is ours: "NSTR"
# Errors after which only a new connection, or a migration, helps.
OPEN_AGAIN = ("no such table", "attempt to write a readonly database")
NO_TABLE = "42P01"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
VERSION = table("alembic_version", column("version_num"))

_passing: set[Path] = set()  # folders that go with the process


def read_url(db: str) -> URL:
    """Return the database of a URL or of a file's path. Raises `ConfigurationError`."""
    if "://" not in db:
        return URL.create("sqlite", database=db)
    try:
        url = make_url(db)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError("the address of the database makes no sense") from error
    if not url.database:
        raise ConfigurationError("the address of the database does not name one")
    if "uri" in url.query:  # the file's path would be somewhere in a URI of SQLite's own
        raise ConfigurationError("the address of the database has an option that is none: uri")
    return url.set(drivername=DRIVERS[url.drivername])


def open_database(url: URL) -> Engine:
    """Return the database, created or migrated where need be.

    Raises `StoreError` where it is out of reach or locked, or there is no place to write, and
    `StoreUnusable` where it is damaged or was written by a newer NorthStar.
    """
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    event.listen(engine, "engine_disposed", lambda _: _writer(engine).dispose())
    try:
        with opening(url):
            reopen(engine)
    except StoreError:
        engine.dispose()
        raise
    return engine


def reopen(engine: Engine) -> None:
    """Drop the connections and open what is there now, created or migrated where need be.

    Raises as `open_database` does.
    """
    engine.dispose()
    with storing():
        if files := _files(engine):
            files.create()
            _complete(engine, files)
        _bring_up_to_date(engine)


def open_passing_database() -> Engine:
    """Return an empty database that is gone once it is disposed of, or with the process."""
    with storing():
        folder = Path(tempfile.gettempdir(), f"northstar-{token_hex(8)}")
        _passing.add(folder)  # first: one that is ended while it starts leaves nothing either
        folder.mkdir(mode=0o700)
    engine = open_database(URL.create("sqlite", database=str(folder / "unreal.db")))
    event.listen(engine, "engine_disposed", lambda _: _remove(folder))
    return engine


@atexit.register
def remove_passing_databases() -> None:
    """Remove the passing databases; to be called where a process ends without `atexit`."""
    for folder in [*_passing]:
        _remove(folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _passing.discard(folder)


def shown(url: URL) -> str:
    """Return a database as it may be shown: without password and query, which may have another."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return f"{url.set(query={})!r}{'?…' if url.query else ''}"


@contextmanager
def opening(url: URL) -> Iterator[None]:
    """Let an error say which database it is that cannot be used."""
    try:
        yield
    except StoreError as error:
        raise type(error)(f"cannot keep history in {shown(url)}: {error}") from error


@contextmanager
def storing() -> Iterator[None]:
    """Turn what a database says into a `StoreError` in a person's words."""
    try:
        yield
    except DBAPIError as error:
        raise _sort(error)(_reason(error.orig)) from error
    except SQLAlchemyError as error:  # SQLAlchemy's own, with its words and its links
        busy = isinstance(error, PoolTimeout)
        problem = "too many read the database" if busy else "the database cannot be used"
        raise StoreError(problem) from error
    except OSError as error:
        raise StoreError(error.strerror or str(error)) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Return a connection in a transaction that keeps other writers out from its start on.

    Readers may use up the connections of `engine`: this one is apart from those. Raises
    `StoreReplaced` where what was written went to a file that the path no longer leads to.
    """
    files = _files(engine)
    if files:
        files.require_unmoved()
    with storing(), _writer(engine).execution_options(writes=True).begin() as connection:
        if files:
            files.require_untouched(connection.exec_driver_sql("PRAGMA data_version").scalar_one)
        yield connection
    if files:
        files.require_unmoved()
        _complete(engine, files)


def _complete(engine: Engine, files: Files) -> None:
    """Move what is in the WAL into the file, and note the file if that was all of it.

    What is overwritten in place between two batches is noticed by that, and the WAL has nothing
    that SQLite would apply to a backup that was copied into the file.
    """
    files.note_incomplete()
    with storing(), _writer(engine).connect() as connection:
        driver: Any = connection.connection.driver_connection  # a checkpoint is in no transaction
        with suppress(sqlite3.Error):  # the batch is safe in the WAL
            (commits,) = driver.execute("PRAGMA data_version").fetchone()
            busy, logged, moved = driver.execute("PRAGMA wal_checkpoint").fetchone()
            if not busy and logged == moved:
                files.note_complete(commits)


def _writer(engine: Engine) -> Engine:
    writer: Engine = engine.get_execution_options()["writer"]
    return writer


def _files(engine: Engine) -> Files | None:
    files: Files | None = engine.get_execution_options().get("files")
    return files


def _sqlite(url: URL) -> Engine:
    files = Files(Path(url.database or ""))
    arguments = {"timeout": BUSY_TIMEOUT_S}
    writer = create_engine(url, pool_size=1, max_overflow=0, connect_args=arguments)
    options = {"files": files, "writer": writer}
    engine = create_engine(url, connect_args=arguments, execution_options=options)
    for each in (engine, writer):
        _prepare(each, files)
    return engine


def _prepare(engine: Engine, files: Files) -> None:
    @event.listens_for(engine, "do_connect")
    def require_unmoved(*_: Any) -> None:
        files.require_unmoved()

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # transactions begin below, those of migrations too
        connection.execute("PRAGMA journal_mode = WAL")  # readers and the writer in peace
        connection.execute("PRAGMA synchronous = FULL")  # what is committed outlives a power cut
        connection.execute("SELECT 1 FROM sqlite_schema").close()  # opens the files beside it
        files.note_opened()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "close")
    def complete(connection: sqlite3.Connection, _: Any) -> None:
        """Move what is in the WAL into the file: SQLite does not where either one was moved."""
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA wal_checkpoint")


def _postgresql(url: URL) -> Engine:
    create = partial(create_engine, url, pool_pre_ping=True, connect_args=CONNECTION)
    return create(execution_options={"writer": create(pool_size=1, max_overflow=0)})


def _bring_up_to_date(engine: Engine) -> None:
    """Apply the migrations that are missing, all of them or none."""
    with _writer(engine).connect() as connection:
        version = _version(connection)
    if version == REVISION:
        _require_whole(engine)
        return
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
        if _version(connection) != REVISION:  # another process may just have done it
            _migrate(connection)


def _version(connection: Connection) -> str | None:
    """Return the schema's version as it was recorded; None of a database without our tables."""
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(select(VERSION.c.version_num)).scalar()


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 (needed once in a database's life, and not light)
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util.exc import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        version = _version(connection)
        raise StoreUnusable(
            f"its schema {version} is newer than {REVISION}, the newest that this version of"
            " NorthStar knows; upgrade NorthStar"
        ) from error


def _require_whole(engine: Engine) -> None:
    """Raise where an SQLite file is damaged: better to know it now than with the next write."""
    if engine.url.get_backend_name() == "sqlite":
        with _writer(engine).connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise StoreUnusable(f"the file is damaged ({str(found).splitlines()[-1]})")


def _sort(error: DBAPIError) -> type[StoreError]:
    """Return what a caller has to do about an error."""
    if str(error.orig).startswith(OPEN_AGAIN) or getattr(error.orig, "sqlstate", "") == NO_TABLE:
        return StoreReplaced
    return StoreError if isinstance(error, OperationalError) else StoreUnusable


def _reason(error: BaseException | None) -> str:
    """Return the first line of what a driver says; it names no credentials."""
    reasons = {
        "database is locked": "another program keeps the file locked",
        "unable to open database file": "the file cannot be opened or created",
        "file is not a database": "the file is damaged, or no SQLite database",
        "database disk image is malformed": "the file is damaged",
        "database or disk is full": "the disk is full",
        "attempt to write a readonly database": "the file cannot be written",
    }
    said = str(error).strip().partition("\n")[0]
    return reasons.get(said, said)
