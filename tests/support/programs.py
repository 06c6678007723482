"""Run the programs of `tests/support/servers` as real processes, as users of the guide do."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO, NoReturn

import pytest

from support.waiting import SLOWNESS, until

SERVERS = Path(__file__).parent / "servers"
START_TIMEOUT_S = 15
STOP_TIMEOUT_S = 5
HOST = "127.0.0.1"
DEBIAN = "/usr/sbin"  # where some programs are installed, which is on root's PATH only
# Below the ports from 32768 that Linux gives to any process, so that nobody else gets a port
# between its selection and its use.
FIRST_PORT, PORTS = 20_000, 12_000
CLAIMS_EACH = 200  # the newest ports of a process stay claimed; a test uses a few


class Program:
    """A server on the port of 127.0.0.1 in `PORT`, which can be restarted.

    Port 0 means a free one. `url` is the address of its stream, without a path.
    """

    def __init__(self, command: Sequence[str], port: int = 0) -> None:
        self.port = port or unused_port()
        self.url = f"ws://127.0.0.1:{self.port}"
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        # a pipe would fill and block it
        self._output: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (`close` closes it)

    def start(self, **env: object) -> None:
        """Start with `env` added to the environment; return once it listens."""
        added = {name: str(value) for name, value in env.items()}
        self._process = subprocess.Popen(
            self._command,
            cwd=SERVERS,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **added, "PORT": str(self.port)},
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        until(self._listens, START_TIMEOUT_S, f"{self._command} listens")

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it, paused or not, without closing its connections in order."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze it; its connections stay open."""
        self._running.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._running.send_signal(signal.SIGCONT)

    def printed(self) -> str:
        """Return its whole output since its first start."""
        end = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), end, 0).decode(errors="replace")

    def close(self) -> None:
        """End it if it runs, and release its resources."""
        if self._process is not None:
            self.kill()
        self._output.close()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, f"{self._command} is not running"
        return self._process

    def _end(self, how: signal.Signals) -> None:
        self._running.send_signal(how)
        self._running.wait(STOP_TIMEOUT_S * SLOWNESS)
        self._process = None

    def _listens(self) -> bool:
        code = self._running.poll()
        assert code is None, f"{self._command} ended with code {code}"
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


@contextmanager
def running(program: Program, **env: object) -> Iterator[Program]:
    """Run `program` while the context is open; a failure gets its output as a note."""
    try:
        program.start(**env)
        yield program
    except Exception as error:
        error.add_note(f"{program._command} printed:\n{program.printed()}")
        raise
    finally:
        program.close()


def express(port: int = 0) -> Program:
    """Return the guide's Socket.IO server on Node, section 1."""
    return _node("express.js", port)


def desks(port: int = 0) -> Program:
    """Return a Socket.IO server on Node that emits in other ways than the guide's."""
    return _node("desks.js", port)


def flask(port: int = 0) -> Program:
    """Return the guide's Socket.IO server on Flask, section 1."""
    return python("flask_app.py", port=port)


def ws(port: int = 0) -> Program:
    """Return the guide's plain WebSocket server on Node, section 7."""
    return _node("ws.js", port)


def python(script: str, *arguments: str, port: int = 0) -> Program:
    """Return a Python script of `tests/support/servers`, run with `arguments`."""
    return Program([sys.executable, script, *arguments], port)


def unused_port() -> int:
    """Return a port on which nothing listens, and which no other test is given.

    A UDP socket on the same number is the claim that other processes see: tests use no UDP.
    """
    for port in _PORTS:
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind((HOST, port))
        except OSError:  # claimed by another process or an earlier test of this one
            claim.close()
            continue
        if len(_CLAIMS) == CLAIMS_EACH:
            _CLAIMS.popleft().close()
        _CLAIMS.append(claim)
        if _is_unused(port):
            return port
    raise AssertionError  # there is always a next port


def kept_port(use: str) -> int:
    """Return the same free port for a `use` each time in this process.

    A browser that returns to a port finds its cached files and compiled scripts.
    """
    if use not in _KEPT:
        _KEPT[use] = unused_port()
        _KEPT_CLAIMS.append(_CLAIMS.pop())  # never released
    until(lambda: _is_unused(_KEPT[use]), what="the previous server has released the port")
    return _KEPT[use]


def _own_ports() -> Iterator[int]:
    """Yield the ports of tests in an endless cycle.

    Its start depends on the process, so that processes seldom try the same port.
    """
    for number in count(os.getpid() * CLAIMS_EACH):
        yield FIRST_PORT + number % PORTS


def _is_unused(port: int) -> bool:
    with suppress(OSError), socket.create_server((HOST, port)):
        return True
    return False


def find_program(name: str, installed_by: str) -> str:
    """Return the path of a program; without it, skip the test, or fail it on a CI machine."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{DEBIAN}")
    if found is None:
        lack(f"{name} is not installed: `{installed_by}` installs it, or says how")
    return found


def find_node() -> str:
    """Return the path of Node; see `find_program`."""
    return find_program("node", "make servers")


def require_node() -> str:
    """Return the path of Node with the guide's servers' packages; without it, skip the test.

    On a CI machine the test fails.
    """
    node = find_node()
    if not (SERVERS / "node_modules").is_dir():
        lack("Node is not installed: its packages are missing, `make servers` fetches them")
    return node


def lack(what: str) -> NoReturn:
    """Skip a test because something is missing, or fail it on a CI machine."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


_PORTS = _own_ports()
_CLAIMS: deque[socket.socket] = deque()
_KEPT: dict[str, int] = {}
_KEPT_CLAIMS: list[socket.socket] = []


def _node(script: str, port: int) -> Program:
    return Program([require_node(), script], port)
