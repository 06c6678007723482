"""The dashboard as a user starts it: the real command line in a process of its own."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from waiting import until

ROOT = Path(__file__).parent.parent
START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 10
# Warnings are errors, but for the one of the old urllib3 that dash[testing] brings.
WARNINGS = ("-W", "error", "-W", "ignore:'urllib3:DeprecationWarning")


class Dashboard:
    """`python app.py …` on a port of 127.0.0.1; can be killed and started again."""

    def __init__(self, port: int, *arguments: str) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._command = [sys.executable, *WARNINGS, "app.py", "--port", str(port), *arguments]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        until(self._answers, START_TIMEOUT_S, "the dashboard answers")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """End the process; return its exit code and all it printed."""
        assert self._process is not None
        self._process.send_signal(how)
        printed, _ = self._process.communicate(timeout=STOP_TIMEOUT_S)
        code, self._process = self._process.returncode, None
        return code, printed

    def pause(self) -> None:
        """Freeze the process: its connections stay open, and silent."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def get(self, path: str) -> Any:
        """Return the JSON at `path`."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as response:  # noqa: S310
            return json.load(response)

    @property
    def running(self) -> bool:
        return self._process is not None

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._process.communicate()[0]
        try:
            return bool(self.get("/healthz"))
        except (urllib.error.URLError, ConnectionError):
            return False


@contextmanager
def dashboard(port: int, *arguments: str) -> Iterator[Dashboard]:
    """Run the dashboard for as long as the context lasts."""
    running = Dashboard(port, *arguments)
    running.start()
    try:
        yield running
    finally:
        if running.running:
            running.stop(signal.SIGKILL)
