"""Open an SQLite or PostgreSQL database at the current schema.

Every failure raises a `StoreError` with the reason, without credentials.
"""

import atexit
import errno
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeAlias

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
from sqlalchemy.pool import NullPool

from northstar.errors import ConfigurationError, StoreError, StoreReplaced, StoreUnusable
from northstar.history.fence import Fence, unfenced
from northstar.history.files import Files
from northstar.history.pools import writer_of
from northstar.history.schema import COMPATIBILITY, REVISION

MIGRATIONS = Path(__file__).parent / "migrations"
DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
# How long a writer waits for another writer; a batch takes milliseconds.
BUSY_TIMEOUT_S = 5
CONNECT_TIMEOUT_S = 5
# A dead connection is dropped after about 15 s. Parameters of `libpq`:
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
CONNECTION = {
    "client_encoding": "utf8",  # so that the server refuses what its encoding lacks
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}
# A writer that stops within a transaction, as a process does that is stopped, loses its locks.
IDLE_IN_TRANSACTION = "SET idle_in_transaction_session_timeout = '2s'"
MIGRATION_LOCK = 0x4E535452  # an arbitrary number: "NSTR"
# Errors that need a new connection or a migration.
OPEN_AGAIN = ("no such table", "attempt to write a readonly database")
# The encoding of Debian's clusters that were created without LANG; the driver returns bytes.
NO_ENCODING = "SQL_ASCII"
NO_TABLE = "42P01"  # https://www.postgresql.org/docs/current/errcodes-appendix.html
IDLE_TOO_LONG = "25P03"
# Errors of the system that waiting does not resolve.
INCURABLE = {errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}
DatabaseUrl: TypeAlias = URL
VERSION = table("alembic_version", column("version_num"))

_temporary: set[Path] = set()  # folders to remove at exit


def read_url(db: str) -> URL:
    """Parse a database URL or a file path. Raises `ConfigurationError`."""
    if "://" not in db:
        return URL.create("sqlite", database=db)
    try:
        url = make_url(db)
    except (ArgumentError, ValueError) as error:
        raise ConfigurationError("the database URL is not valid") from error
    if not url.database:
        raise ConfigurationError("the database URL does not name a database")
    if "uri" in url.query:  # the path would be a URI in SQLite's own syntax
        raise ConfigurationError("the database URL has an unsupported option: uri")
    return url.set(drivername=DRIVERS[url.drivername])


def open_database(url: URL) -> Engine:
    """Open the database, creating or migrating it if necessary.

    Raises `StoreError` if it cannot be reached, is locked or cannot be written, and `StoreUnusable`
    if it is damaged or was written by a newer NorthStar.
    """
    engine = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    event.listen(engine, "engine_disposed", lambda _: writer_of(engine).dispose())
    try:
        with opening(url):
            reopen(engine)
    except StoreError:
        engine.dispose()
        raise
    return engine


def open_for_reading(url: URL) -> Engine:
    """Open an existing database of this version, and change nothing in it.

    Raises `StoreError` if it cannot be read, and `StoreUnusable` if there is none or it is of
    another version.
    """
    is_file = url.get_backend_name() == "sqlite"
    if is_file:
        path = Path(url.database or "").absolute()
        connect = partial(
            sqlite3.connect, f"{path.as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S
        )
        engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    else:
        options = {**CONNECTION, "options": "-c default_transaction_read_only=on"}
        engine = create_engine(url, connect_args=options, poolclass=NullPool)
    with opening(url, "read"), translated_errors():
        if is_file and not path.exists():
            raise StoreUnusable("there is no such file")
        with engine.connect() as connection:
            version = _version(connection)
            is_usable = _is_usable(connection, version)
    if not is_usable:
        found = f"its schema is {version}, not {REVISION}" if version else "it has no history"
        raise StoreUnusable(f"cannot read history in {display_name(url)}: {found}")
    return engine


def reopen(engine: Engine) -> None:
    """Close the connections and open the database again, creating or migrating it if necessary.

    Raises the same errors as `open_database`.
    """
    engine.dispose()
    with translated_errors():
        if files := _files(engine):
            files.create()
            files.require_place()
            _complete(engine, files)
        _bring_up_to_date(engine)


def open_temporary_database() -> Engine:
    """Open an empty temporary database, removed when the engine is disposed or the process ends."""
    with translated_errors():
        folder = Path(tempfile.gettempdir(), f"northstar-{token_hex(8)}")
        _temporary.add(folder)  # before creating it, so that a process stopped here leaves nothing
        folder.mkdir(mode=0o700)
    engine = open_database(URL.create("sqlite", database=str(folder / "unreal.db")))
    event.listen(engine, "engine_disposed", lambda _: _remove(folder))
    return engine


@atexit.register
def remove_temporary_databases() -> None:
    """Remove the temporary databases; call this if the process ends without `atexit`."""
    for folder in [*_temporary]:
        _remove(folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    _temporary.discard(folder)


def display_name(url: URL) -> str:
    """Return a database's URL without password and query, which may contain another password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return f"{url.set(query={})!r}{'?…' if url.query else ''}"


@contextmanager
def opening(url: URL, purpose: str = "store") -> Iterator[None]:
    """Add the database's name, and what it was opened for, to any `StoreError`."""
    try:
        yield
    except StoreError as error:
        name = display_name(url)
        raise type(error)(f"cannot {purpose} history in {name}: {error}") from error


@contextmanager
def translated_errors() -> Iterator[None]:
    """Convert database errors to a `StoreError` with a readable reason."""
    try:
        yield
    except DBAPIError as error:
        raise _error_class(error)(_reason(error.orig)) from error
    except SQLAlchemyError as error:  # SQLAlchemy's own; its text contains links
        busy = isinstance(error, PoolTimeout)
        problem = "all database connections are in use" if busy else "the database cannot be used"
        raise StoreError(problem) from error
    except OSError as error:
        incurable = error.errno in INCURABLE
        raise (StoreUnusable if incurable else StoreError)(error.strerror or str(error)) from error


@contextmanager
def writing(engine: Engine, fence: Fence = unfenced) -> Iterator[Connection]:
    """Open a connection in a transaction that locks out other writers from its start.

    `fence` is its first statement. The connection is not from the pool of `engine`, which readers
    may exhaust. Raises `StoreReplaced` if the path no longer leads to the file that was written.
    """
    files = _files(engine)
    if files:
        files.require_unmoved()
    with (
        translated_errors(),
        writer_of(engine).execution_options(writes=True).begin() as connection,
    ):
        if files:
            files.require_untouched(connection.exec_driver_sql("PRAGMA data_version").scalar_one)
        fence(connection)
        yield connection
    if files:
        files.require_unmoved()
        _complete(engine, files)


def _complete(engine: Engine, files: Files) -> None:
    """Checkpoint the WAL into the file, and note the file's state if the checkpoint was complete.

    The noted state reveals a file overwritten in place between two batches. An empty WAL has
    nothing that SQLite would apply to a backup copied over the file.
    """
    files.note_incomplete()
    with translated_errors(), writer_of(engine).connect() as connection:
        driver: Any = connection.connection.driver_connection  # no checkpoint in a transaction
        with suppress(sqlite3.Error):  # the batch is safe in the WAL
            (commits,) = driver.execute("PRAGMA data_version").fetchone()
            busy, logged, moved = driver.execute("PRAGMA wal_checkpoint").fetchone()
            if not busy and logged == moved:
                files.note_complete(commits)


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
        connection.isolation_level = None  # `begin` below starts all transactions
        connection.execute("PRAGMA journal_mode = WAL")  # readers do not block the writer
        connection.execute("PRAGMA synchronous = FULL")  # commits survive a power failure
        connection.execute("SELECT 1 FROM sqlite_schema").close()  # opens the -wal and -shm files
        files.note_opened()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine, "close")
    def complete(connection: sqlite3.Connection, _: Any) -> None:
        """Checkpoint the WAL: SQLite does not on close if the file or the WAL was moved."""
        with suppress(sqlite3.Error):
            connection.execute("PRAGMA wal_checkpoint")


def _postgresql(url: URL) -> Engine:
    create = partial(create_engine, url, pool_pre_ping=True, connect_args=CONNECTION)
    writer = create(pool_size=1, max_overflow=0)
    engine = create(execution_options={"writer": writer})
    for each in (engine, writer):
        event.listen(each, "do_connect", _connect)

    @event.listens_for(writer, "connect")
    def limit_idling(connection: Any, _: Any) -> None:
        connection.execute(IDLE_IN_TRANSACTION)
        connection.commit()

    return engine


def _connect(dialect: Any, _: Any, arguments: Any, parameters: Any) -> Any:
    """Connect to PostgreSQL. Raises `StoreUnusable` if the database has no encoding for text."""
    connection = dialect.connect(*arguments, **parameters)
    try:
        _require_encoding(connection, lambda encoding: encoding != NO_ENCODING)
    except StoreUnusable:
        connection.close()
        raise
    return connection


def _require_encoding(connection: Any, suits: Callable[[str], bool]) -> None:
    """Raise `StoreUnusable` unless the encoding of a database of PostgreSQL `suits`."""
    encoding = connection.info.parameter_status("server_encoding")
    if not suits(encoding):
        raise StoreUnusable(
            f"its encoding is {encoding}; create it with --encoding UTF8 --template template0"
        )


def _bring_up_to_date(engine: Engine) -> None:
    """Apply the missing migrations in one transaction."""
    with writer_of(engine).connect() as connection:
        version = _version(connection)
        is_usable = _is_usable(connection, version)
    if is_usable:
        _require_whole(engine)
        return
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
            if version is None:  # one that is in use may go on with the names that it can store
                driver = connection.connection.driver_connection
                _require_encoding(driver, lambda encoding: encoding == "UTF8")
        if _version(connection) != REVISION:  # another process may have migrated it meanwhile
            _migrate(connection)


def _version(connection: Connection) -> str | None:
    """Return the recorded version of the schema; None if the database has none of our tables."""
    if not inspect(connection).has_table(VERSION.name):
        return None
    return connection.execute(select(VERSION.c.version_num)).scalar()


def _is_usable(connection: Connection, version: str | None) -> bool:
    """Return whether a schema is ours, or a newer one that this version may use."""
    if version is None or version <= REVISION:
        return version == REVISION
    oldest = connection.execute(select(COMPATIBILITY.c.oldest)).scalar()
    return oldest is not None and oldest <= REVISION


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 (rarely needed, and slow to import)
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
    """Raise `StoreUnusable` if an SQLite file is damaged, before the first write."""
    if engine.url.get_backend_name() == "sqlite":
        with writer_of(engine).connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise StoreUnusable(f"the file is damaged ({str(found).splitlines()[-1]})")


def _error_class(error: DBAPIError) -> type[StoreError]:
    """Return the class of a driver's error, by what the caller does next."""
    state = getattr(error.orig, "sqlstate", "")
    if str(error.orig).startswith(OPEN_AGAIN) or state == NO_TABLE:
        return StoreReplaced
    may_pass = isinstance(error, OperationalError) or state == IDLE_TOO_LONG
    return StoreError if may_pass else StoreUnusable


def _reason(error: BaseException | None) -> str:
    """Return the first line of a driver's error, which contains no credentials."""
    reasons = {
        "database is locked": "another program has locked the file",
        "unable to open database file": "the file cannot be opened or created",
        "file is not a database": "the file is damaged or not an SQLite database",
        "database disk image is malformed": "the file is damaged",
        "database or disk is full": "the disk is full",
        "attempt to write a readonly database": "the file cannot be written",
    }
    text = str(error).strip().partition("\n")[0]
    return reasons.get(text, text)
