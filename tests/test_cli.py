"""The command line: what it can be asked, and how the program ends, whatever hangs."""

import os
import pty
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import argon2
import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from northstar import __version__
from support import today
from support.checkout import ROOT
from support.dashboard import Process, process, said
from support.databases import Postgres, empty_database
from support.sources import Stream
from support.storage import locked
from support.waiting import SLOWNESS, until

PASSWORD = "correct horse battery"  # noqa: S105 (nobody's)
SOCKETS = 50


def run(*arguments: str, given: str = "", module: bool = False) -> subprocess.CompletedProcess[str]:
    """Run the command line where it is expected to end by itself."""
    program = ["-m", "northstar"] if module else [str(ROOT / "app.py")]
    return subprocess.run(
        [sys.executable, *program, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=given,
        capture_output=True,
        text=True,
        timeout=30 * SLOWNESS,
        check=False,
    )


# ---- What it can be asked --------------------------------------------------------------------


def test_version() -> None:
    """It says its version, with no stream to show."""
    ended = run("--version")

    assert (ended.returncode, ended.stdout) == (0, f"NorthStar {__version__}\n")


@pytest.mark.parametrize(
    ("module", "name"), [(False, "app.py"), (True, "python -m northstar")], ids=["file", "module"]
)
def test_help_by_the_name_it_was_called(module: bool, name: str) -> None:  # noqa: FBT001
    """The help calls the program as its user did, and has what is no setting, too."""
    ended = run("--help", module=module)

    assert ended.returncode == 0
    assert ended.stdout.startswith(f"usage: {name} ")
    assert "--hash-password NAME" in ended.stdout


def test_hash_password() -> None:
    """A password in a line becomes what NORTHSTAR_AUTH_USERS takes, with no stream to show."""
    ended = run("--hash-password", "ann", given=f"{PASSWORD}\n")

    name, _, kept = ended.stdout.strip().partition(":")
    assert (ended.returncode, name) == (0, "ann")
    assert kept.startswith("$argon2id$")
    assert argon2.PasswordHasher().verify(kept, PASSWORD)


@pytest.mark.parametrize(
    ("name", "given"), [("ann", ""), ("ann", "\n"), ("ann", "7 chars\n"), ("a:b", PASSWORD)]
)
def test_hash_password_that_is_refused(name: str, given: str) -> None:
    """No password, a short one, and a name that could not be told from its hash are refused."""
    ended = run("--hash-password", name, given=given)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(("again", "code"), [(PASSWORD, 0), ("another one", 2)])
def test_hash_password_at_a_terminal(again: str, code: int) -> None:
    """At a terminal it asks twice, shows nothing of what is typed, and refuses what differs."""
    command = [sys.executable, str(ROOT / "app.py"), "--hash-password", "ann"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, command)  # noqa: S606 (our own program)
    with os.fdopen(terminal, "r+b", buffering=0) as screen:
        shown = b""
        for prompt, typed in ((b"Password: ", PASSWORD), (b"Repeat password: ", again)):
            while not shown.endswith(prompt):
                shown += screen.read(1024)
            screen.write(f"{typed}\n".encode())
        with suppress(OSError):  # how a terminal says that its program has ended
            while more := screen.read(1024):
                shown += more
    _, status = os.waitpid(pid, 0)

    assert os.waitstatus_to_exitcode(status) == code
    assert PASSWORD.encode() not in shown
    assert (b"ann:$argon2id$" in shown) == (code == 0)


# ---- How it ends -----------------------------------------------------------------------------

# The program promises five seconds. A busy machine gets some more, though less than what hangs
# here would take: a lock five seconds more, a frozen database fifteen, a page that is not read for
# ever.
END_S = 8

# The dashboard with a store that never closes.
HANGING = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from northstar.cli import main
from northstar.history.store import Store

def close(_):
    print("closing", flush=True)
    while True:
        time.sleep(0.1)

Store.close = close
main()
"""


def end(server: Process, how: signal.Signals = signal.SIGTERM) -> str:
    """End the dashboard, which must be in time and clean; return what it printed."""
    code, printed = server.stop(how, END_S)
    assert code == 0, printed
    return printed


@contextmanager
def unread(server: Process) -> Iterator[socket.socket]:
    """Open a page's stream and read none of it."""
    with socket.socket() as viewer:
        viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        viewer.connect(("127.0.0.1", server.port))
        viewer.sendall(
            b"GET /view-stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        yield viewer


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_end_with_open_sockets(free_port: int, how: signal.Signals) -> None:
    """Every viewer is told that the service starts anew."""
    with process(free_port, "--demo") as server, ExitStack() as stack:
        address = f"ws://127.0.0.1:{free_port}/view-stream"
        viewers = [stack.enter_context(connect(address)) for _ in range(SOCKETS)]
        for viewer in viewers:
            viewer.recv(10)

        assert len(said(end(server, how))) == 1

        for viewer in viewers:
            with pytest.raises(ConnectionClosedError):
                list(viewer)
            assert viewer.close_code == 1012


@pytest.mark.long
def test_end_with_a_viewer_that_does_not_read(free_port: int) -> None:
    """A viewer that takes nothing does not hold it up."""
    with (
        process(free_port, "--demo", "--demo-rate", "100", "--max-fps", "60") as server,
        unread(server),
    ):
        until(lambda: server.get("/api/feed")["skipped"], 60, "frames wait for the viewer")

        end(server)


@pytest.mark.long
def test_end_while_the_file_is_locked(source: Stream, free_port: int, tmp_path: Path) -> None:
    """A file that another program keeps locked does not hold it up; what is lost is told."""
    db = tmp_path / "history.db"
    with process(free_port, "--ws-url", source.url, "--db", str(db)) as server:
        until(lambda: source.clients == 1)
        with locked(db):
            source.send(today.now())
            until(lambda: server.get("/api/feed")["tally"]["accepted"])

            printed = end(server)

    assert "the last 1 s of history are lost" in printed


@pytest.mark.long
def test_end_while_the_database_hangs(postgres: Postgres, source: Stream, free_port: int) -> None:
    """A frozen database holds it up neither where it is written nor where it is read."""
    with (
        empty_database(postgres) as db,
        process(free_port, "--ws-url", source.url, "--db", db) as server,
        hanging(postgres),
    ):
        until(lambda: source.clients == 1)
        source.send(today.now())
        asked = threading.Thread(target=ask, args=(server, "/history"))
        asked.start()
        until(lambda: server.get("/api/feed")["tally"]["accepted"])

        printed = end(server)
        asked.join()

    assert "the last 1 s of history are lost" in printed


@pytest.mark.long
def test_end_at_once(postgres: Postgres, source: Stream, free_port: int) -> None:
    """A second signal is not a question of time: what waits is left, and nothing said of it."""
    with (
        empty_database(postgres) as db,
        process(free_port, "--ws-url", source.url, "--db", db) as server,
        hanging(postgres),
    ):
        until(lambda: source.clients == 1)
        source.send(today.now())
        until(lambda: server.get("/api/feed")["tally"]["accepted"])
        server.tell(signal.SIGTERM)
        until(lambda: not listens(free_port), what="the first signal is heard")

        code, printed = server.stop(signal.SIGTERM, END_S)

    assert code == 128 + signal.SIGTERM, printed
    assert "history lacks" not in printed


@pytest.mark.long
@pytest.mark.parametrize("silent", [True, False], ids=["silent", "refused"])
def test_end_without_the_source(free_port: int, silent: bool) -> None:  # noqa: FBT001
    """A source that says nothing, or is not there, does not hold it up."""
    with socket.create_server(("127.0.0.1", 0)) as source:
        address = f"ws://127.0.0.1:{source.getsockname()[1]}"
        if not silent:
            source.close()
        with process(free_port, "--ws-url", address) as server:
            until(lambda: silent or server.get("/api/feed")["problem"])

            end(server)


@pytest.mark.parametrize("started", [True, False], ids=["running", "starting"])
def test_end_of_a_demo(
    free_port: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started: bool,  # noqa: FBT001
) -> None:
    """The folder of its numbers is gone with it, ended whenever."""
    passing = tmp_path / "tmp"
    passing.mkdir()
    monkeypatch.setenv("TMPDIR", str(passing))
    server = Process(free_port, "--demo")
    if started:
        server.start()
    else:
        server.launch()
    until(lambda: list(passing.glob("northstar-*")), 30, "its folder is there")

    end(server)

    assert list(passing.iterdir()) == []


@contextmanager
def hanging(postgres: Postgres) -> Iterator[None]:
    """Freeze the database for as long as the context lasts."""
    postgres.pause()
    try:
        yield
    finally:
        postgres.resume()


def ask(server: Process, path: str) -> None:
    """Ask for what will not come."""
    with suppress(OSError, ConnectionError), urllib.request.urlopen(f"{server.url}{path}"):  # noqa: S310
        pass


def listens(port: int) -> bool:
    """Tell whether something takes connections there."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.mark.long
@pytest.mark.parametrize("second", [None, signal.SIGINT, signal.SIGTERM])
def test_end_while_the_program_hangs(
    second: signal.Signals | None, free_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it has to be broken off the exit code says so, and no temporary database is left."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    script = tmp_path / "hanging.py"
    script.write_text(HANGING)
    with process(free_port, "--demo", script=script) as server:
        assert [*tmp_path.glob("northstar-*")]
        if second:
            server.tell(signal.SIGINT)
            until(lambda: "closing" in server.printed(), what="it hangs")
            code, printed = server.stop(second, END_S)
        else:
            code, printed = server.stop(signal.SIGINT, END_S)

    assert code == (128 + second if second else 1), printed
    assert not [*tmp_path.glob("northstar-*")]
