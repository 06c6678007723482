"""The program ends in time and reports its losses, whatever hangs."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from support import today
from support.checkout import ROOT
from support.dashboard import Process, process, unexpected_lines
from support.databases import Postgres, empty_database
from support.sources import Stream
from support.storage import locked
from support.waiting import SLOWNESS, until

SOCKETS = 50
SLOW = 100
# The program promises five seconds. A busy machine gets more, but less than the hanging parts would
# take: a lock five seconds more, a frozen database fifteen, an unread page for ever.
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


@pytest.fixture(autouse=True)
def heard_hangups() -> Iterator[None]:
    """Reset SIGHUP, so that the program receives hangups even if the tests run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def end(server: Process, how: signal.Signals = signal.SIGTERM, expected: int = 0) -> str:
    """End the dashboard, which must be in time and clean; return its output."""
    code, printed = server.stop(how, END_S)
    assert code == expected, printed
    return printed


@contextmanager
def unread(server: Process) -> Iterator[socket.socket]:
    """Open a page's stream without reading it."""
    with socket.socket() as viewer:
        viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        viewer.connect(("127.0.0.1", server.port))
        viewer.sendall(
            b"GET /view-stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        yield viewer


def test_end_with_requests_that_do_not_come_in(free_port: int) -> None:
    """Clients that send slowly neither delay the end nor fill the log."""
    begun = (
        b"POST /history/_dash-update-component HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Length: 60000\r\n\r\nbegun"
    )
    with ExitStack() as clients, process(free_port, "--demo") as server:
        slow = [
            clients.enter_context(socket.create_connection(("127.0.0.1", free_port)))
            for _ in range(SLOW)
        ]
        for client in slow:
            client.sendall(begun)
        server.get("/healthz")  # the others are accepted before this one
        printed = end(server)

        answers = [client.recv(4096).partition(b"\r\n")[0] for client in slow]
    assert set(answers) == {b"HTTP/1.1 503 Service Unavailable"}
    assert "Traceback" not in printed
    assert printed.count("POST /history/_dash-update-component 503 in") == SLOW


@pytest.mark.parametrize(
    "how",
    [
        signal.SIGTERM,
        pytest.param(signal.SIGINT, marks=pytest.mark.long),
        pytest.param(signal.SIGHUP, marks=pytest.mark.long),
    ],
)
def test_end_with_open_sockets(free_port: int, how: signal.Signals) -> None:
    """Every viewer gets the close code for a restarting service."""
    with process(free_port, "--demo") as server, ExitStack() as stack:
        address = f"ws://127.0.0.1:{free_port}/view-stream"
        viewers = [stack.enter_context(connect(address)) for _ in range(SOCKETS)]
        for viewer in viewers:
            viewer.recv(10)

        assert len(unexpected_lines(end(server, how))) == 1

        for viewer in viewers:
            with pytest.raises(ConnectionClosedError):
                list(viewer)
            assert viewer.close_code == 1012


def test_end_with_its_terminal(free_port: int) -> None:
    """Several hangups, as from a closed terminal, end the program in order and not at once."""
    with process(free_port, "--demo") as server:
        server.send_signal(signal.SIGHUP)
        until(lambda: not listens(free_port), what="the first signal is received")

        assert end(server, signal.SIGHUP).endswith("NorthStar has ended\n")


def test_hangup_under_nohup(free_port: int) -> None:
    """A hangup that the parent process ignores does not end the program."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with process(free_port, "--demo") as server:
        server.send_signal(signal.SIGHUP)
        assert server.get("/healthz")
        end(server)


@pytest.mark.long
def test_end_with_a_viewer_that_does_not_read(free_port: int) -> None:
    """A viewer that does not read does not delay the end."""
    with (
        process(
            free_port, "--demo", "--demo-scene", "calm", "--demo-rate", "100", "--max-fps", "60"
        ) as server,
        unread(server),
    ):
        until(lambda: server.get("/api/feed")["skipped"], 60, "frames wait for the viewer")

        end(server)


@pytest.mark.long
def test_end_while_the_file_is_locked(source: Stream, free_port: int, tmp_path: Path) -> None:
    """A locked database file does not delay the end; the lost states are reported."""
    db = tmp_path / "history.db"
    with process(free_port, "--ws-url", source.url, "--db", str(db)) as server:
        until(lambda: source.clients == 1)
        with locked(db):
            source.send(today.now())
            until(lambda: server.get("/api/feed")["tally"]["accepted"])

            printed = end(server, expected=1)

    assert "the last 1 s of history are lost" in printed
    assert printed.endswith("NorthStar has ended; the history lacks states\n")


@pytest.mark.long
def test_end_while_the_database_hangs(postgres: Postgres, source: Stream, free_port: int) -> None:
    """A frozen database delays the end neither while writing nor while reading."""
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

        printed = end(server, expected=1)
        asked.join()

    assert "the last 1 s of history are lost" in printed


@pytest.mark.long
def test_end_at_once(postgres: Postgres, source: Stream, free_port: int) -> None:
    """A second signal ends the program at once, without a report."""
    with (
        empty_database(postgres) as db,
        process(free_port, "--ws-url", source.url, "--db", db) as server,
        hanging(postgres),
    ):
        until(lambda: source.clients == 1)
        source.send(today.now())
        until(lambda: server.get("/api/feed")["tally"]["accepted"])
        server.send_signal(signal.SIGTERM)
        until(lambda: not listens(free_port), what="the first signal is received")

        code, printed = server.stop(signal.SIGTERM, END_S)

    assert code == 128 + signal.SIGTERM, printed
    assert "history lacks" not in printed


@pytest.mark.long
@pytest.mark.parametrize("silent", [True, False], ids=["silent", "refused"])
def test_end_without_the_source(free_port: int, silent: bool) -> None:  # noqa: FBT001
    """A silent or missing source does not delay the end."""
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
    """The temporary folder of a demo is removed, whenever it ends."""
    passing = tmp_path / "tmp"
    passing.mkdir()
    monkeypatch.setenv("TMPDIR", str(passing))
    server = Process(free_port, "--demo")
    if started:
        server.start()
    else:
        server.launch()
    until(lambda: list(passing.glob("northstar-*")), 30, "the folder exists")

    end(server)

    assert list(passing.iterdir()) == []


@contextmanager
def hanging(postgres: Postgres) -> Iterator[None]:
    """Freeze the database while the context is open."""
    postgres.pause()
    try:
        yield
    finally:
        postgres.resume()


def ask(server: Process, path: str) -> None:
    """Send a request that is never answered."""
    with suppress(OSError, ConnectionError), urllib.request.urlopen(f"{server.url}{path}"):  # noqa: S310
        pass


def listens(port: int) -> bool:
    """Tell whether the port accepts connections."""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.mark.long
@pytest.mark.parametrize("second", [None, signal.SIGINT, signal.SIGTERM])
def test_end_while_the_program_hangs(
    second: signal.Signals | None, free_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forced end has its own exit code and leaves no temporary database behind."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    script = tmp_path / "hanging.py"
    script.write_text(HANGING)
    with process(free_port, "--demo", script=script) as server:
        assert [*tmp_path.glob("northstar-*")]
        if second:
            server.send_signal(signal.SIGINT)
            until(lambda: "\nclosing\n" in server.printed(), what="it hangs")
            code, printed = server.stop(second, END_S)
        else:
            code, printed = server.stop(signal.SIGINT, END_S)

    assert code == (128 + second if second else 1), printed
    reason = f"ended at once by {second.name}" if second else "something hung for 4.5 s"
    assert printed.endswith(f"northstar: {reason}\n")
    assert not [*tmp_path.glob("northstar-*")]


def test_serve_on_a_full_disk(free_port: int) -> None:
    """On a full disk it serves without its lines at start and end, and reports this once."""
    command = [sys.executable, str(ROOT / "app.py"), "--demo", "--port", str(free_port)]
    with (
        Path("/dev/full").open("w") as full,
        subprocess.Popen(command, stdout=full, stderr=subprocess.PIPE, text=True) as server,
    ):
        until(lambda: listens(free_port), what="it serves")
        server.terminate()
        _, printed = server.communicate(timeout=END_S * SLOWNESS)

    assert server.returncode == 0
    assert unexpected_lines(printed) == [
        "northstar: standard output cannot be written: No space left on device"
    ]


def test_serve_with_names_that_the_encoding_lacks(free_port: int, tmp_path: Path) -> None:
    """The lines at the start escape what stdout cannot encode, and it serves."""
    recording = tmp_path / os.fsdecode("münchen-\xff".encode("latin-1"))
    command = [sys.executable, str(ROOT / "app.py"), "--demo", "--port", str(free_port)]
    with subprocess.Popen(
        [*command, f"--record={recording}"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        until(lambda: listens(free_port), what="it serves")
        server.terminate()
        printed, problems = server.communicate(timeout=END_S * SLOWNESS)

    assert (server.returncode, unexpected_lines(problems)) == (0, [])
    assert "Recording: " in printed
    assert "m\\udcfcnchen-\\udcff" in printed
