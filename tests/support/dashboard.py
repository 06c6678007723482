"""The dashboard in a thread of the test, or in a process as a user starts it.

A process takes 1.4 s to import: use it to kill, pause or measure the process itself.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from northstar.settings.loading import load
from northstar.web.app import create_server
from northstar.web.sockets.listening import listener
from northstar.web.sockets.uvicorn_server import served
from support.checkout import ROOT
from support.inprocess import serving
from support.programs import SERVERS
from support.waiting import SLOWNESS, until

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 10
ORDINARY = re.compile(r" INFO |^  (History|Days|Sign-in|Recording): |^NorthStar has ended$")
# Warnings are errors, except the one of the old urllib3 of dash[testing].
WARNINGS = ("-W", "error", "-W", "ignore:'urllib3:DeprecationWarning")
CALM = SERVERS / "calm_files.py"  # the program without compression in the background


class Dashboard:
    """A dashboard that runs on a port of 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def get(self, path: str) -> Any:
        """Return the JSON at `path`."""
        return json.loads(self.text(path))

    def text(self, path: str) -> str:
        """Return the text at `path`."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=5 * SLOWNESS) as response:  # noqa: S310
            return str(response.read().decode())


class Process(Dashboard):
    """`python app.py …`, which can be killed and started again.

    `script` is the program, such as another version; `under` is a command that runs it.
    """

    def __init__(
        self,
        port: int,
        *arguments: str,
        script: Path = ROOT / "app.py",
        under: Sequence[str] = (),
    ) -> None:
        super().__init__(port)
        self.script = script
        self._under = under
        self._arguments = ("--port", str(port), *arguments)
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    def start(self) -> None:
        """Start it; return once it answers."""
        self.launch()
        self.wait()

    def wait(self) -> None:
        """Return once it answers."""
        until(self._answers, START_TIMEOUT_S, "the dashboard answers")

    def launch(self) -> None:
        """Start it without waiting."""
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (a pipe would fill, and block it)
        python = [sys.executable, *WARNINGS, str(self.script)]
        self._process = subprocess.Popen(
            [*self._under, *python, *self._arguments],
            cwd=ROOT,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def stop(
        self, how: signal.Signals = signal.SIGTERM, timeout_s: float = STOP_TIMEOUT_S
    ) -> tuple[int, str]:
        """End the process; return its exit code and its output."""
        assert self._process is not None
        assert self._output is not None
        self.send_signal(how)
        code = self._process.wait(timeout_s * SLOWNESS)
        printed = self.printed()
        self._output.close()
        self._process = None
        return code, printed

    def printed(self) -> str:
        """Return the output of the running process so far."""
        assert self._output is not None
        end = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), end, 0).decode()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def send_signal(self, what: signal.Signals) -> None:
        """Send the process a signal."""
        assert self._process is not None
        self._process.send_signal(what)

    def pause(self) -> None:
        """Freeze the process; its connections stay open."""
        self.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.send_signal(signal.SIGCONT)

    @property
    def running(self) -> bool:
        return self._process is not None

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.printed()
        try:
            return bool(self.get("/healthz"))
        except OSError:  # refused, or too busy to answer yet
            return False


def unexpected_lines(printed: str) -> list[str]:
    """Return the lines that a program printed, except ordinary ones.

    Of the lines at its start only the first remains.
    """
    return [line for line in printed.splitlines() if not ORDINARY.search(line)]


@contextmanager
def dashboard(port: int, *arguments: str) -> Iterator[Dashboard]:
    """Run the dashboard with these arguments on a thread while the context is open."""
    settings = load(["--port", str(port), *arguments])
    with (
        listener((settings.host, settings.port)) as bound,
        serving(served(create_server(settings)), bound),
    ):
        yield Dashboard(port)


@contextmanager
def process(
    port: int, *arguments: str, script: Path = ROOT / "app.py", under: Sequence[str] = ()
) -> Iterator[Process]:
    """Run the dashboard in a separate process while the context is open."""
    running = Process(port, *arguments, script=script, under=under)
    try:
        running.start()
        yield running
    finally:
        if running.running:
            running.stop(signal.SIGKILL)
