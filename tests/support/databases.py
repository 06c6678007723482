"""Databases for tests: SQLite files, and a real PostgreSQL server."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Engine

from northstar.history import database as history_database
from northstar.history.database import open_database, read_url
from support.programs import lack, unused_port
from support.waiting import SLOWNESS, until

PATIENT = history_database.IDLE_IN_TRANSACTION.replace("2s", "60s")

KINDS = ("sqlite", "postgresql")
DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"
START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 15
# Durability is not needed; all other options have their defaults.
OPTIONS = ("-c", "fsync=off", "-c", "listen_addresses=127.0.0.1")


class Postgres:
    """A PostgreSQL server in `folder` on a port of 127.0.0.1, which can be restarted."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self.port = unused_port()
        self._binaries = binaries
        self._folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        create = (
            "initdb",
            "-D",
            str(self._data),
            "-U",
            USER,
            "--auth=trust",
            "--no-sync",
            "-E",
            "UTF8",
        )
        subprocess.run(self._command(*create), check=True, capture_output=True)

    def url(self, name: str) -> str:
        """Return the address of a database as `--db` takes it."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start it; return once it accepts connections."""
        place = ("-D", str(self._data), "-k", str(self._folder), "-p", str(self.port))
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("postgres", *place, *OPTIONS),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until(self._answers, START_TIMEOUT_S, "PostgreSQL answers")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it without waiting for its clients; SIGQUIT is a crash."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(STOP_TIMEOUT_S * SLOWNESS)
        self._process = None

    def pause(self) -> None:
        """Freeze it; its connections stay open."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Resume it."""
        self._signal_all(signal.SIGCONT)

    def execute(self, statement: str) -> None:
        """Run one statement on the server outside a transaction."""
        with psycopg.connect(self.url(USER), autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement.encode())

    @property
    def running(self) -> bool:
        return self._process is not None

    def _command(self, program: str, *arguments: str) -> Sequence[str]:
        """Return a PostgreSQL command that runs as another user if we are root."""
        command = (str(self._binaries / program), *arguments)
        if os.geteuid() != 0:
            return command
        return ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command)

    def _signal_all(self, how: signal.Signals) -> None:
        assert self._process is not None
        pid = self._process.pid
        os.kill(pid, how)  # first, because a stopped process starts no others
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        for process in map(int, children.split()):
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(process, how)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run our own PostgreSQL server; without its programs, skip the test."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="northstar-postgres-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, USER, USER)
        server = Postgres(binaries, folder)
        server.start()
        try:
            yield server
        finally:
            if server.running:
                server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return an empty database for `--db`: a new file's path or an address."""
    if request.param == "sqlite":
        yield str(tmp_path / "history.db")
        return
    with empty_database(request.getfixturevalue("postgres")) as url:
        yield url


@pytest.fixture
def engine(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Open an empty database with timeouts for a machine that pauses the test for seconds."""
    monkeypatch.setattr(history_database, "IDLE_IN_TRANSACTION", PATIENT)
    engine = open_database(read_url(database))
    yield engine
    engine.dispose()


@contextmanager
def empty_database(server: Postgres, options: str = "") -> Iterator[str]:
    """Create a database on `server`; afterwards drop it with all its connections."""
    name = f"test_{secrets.token_hex(8)}"
    server.execute(f"CREATE DATABASE {name} {options}")
    try:
        yield server.url(name)
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _binaries() -> Path:
    """Return the folder of the newest PostgreSQL programs; without them, skip the test.

    On a CI machine the test fails instead.
    """
    on_path = shutil.which("initdb")
    installed = [path.parent for path in DEBIAN.glob("*/bin/initdb")]
    found = [Path(on_path).resolve().parent] if on_path else sorted(installed, key=_version)
    if not found:
        lack("PostgreSQL is not installed: `make databases` installs it, or says how")
    return found[-1]


def _version(binaries: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in binaries.parent.name.split("."))
