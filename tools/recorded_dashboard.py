"""A dashboard in a separate process, and its clients, for `record_outputs.py`."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from websockets.sync.client import connect

TIMEOUT_S = 60
HEARTBEAT_TIMEOUT_S = 15


class Answer(NamedTuple):
    """An HTTP response; `head` is its status and its headers by name."""

    status: int
    head: str
    body: bytes


class Dashboard:
    """`python app.py` of a checkout, started in its own folder."""

    def __init__(self, checkout: Path, folder: Path, *options: str, **settings: str) -> None:
        self.port = _free_port()
        self._log = folder / "log"
        self._base = settings.get("BASE_PATH", "")
        self._token = settings.get("AUTH_TOKEN")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*command(checkout), "--port", str(self.port), *options],
                cwd=folder,
                env=environment(settings),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_it_answers(self) -> None:
        """Return once the server accepts requests."""
        wait_for(self._answers, "the dashboard answers")

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            sys.exit(f"the dashboard has ended:\n{self._log.read_text()}")
        with suppress(ConnectionError):
            return bool(self.request("/healthz", name="poll").status)
        return False

    def request(
        self,
        path: str,
        method: str = "GET",
        body: str | None = None,
        *,
        name: str = "recorded",
        **headers: str,
    ) -> Answer:
        """Send a request, with the token if there is one, and return the response.

        `path` may have the base path already. Requests named “poll” are not recorded.
        """
        sent = {"X-Request-ID": name}
        if self._token and not headers.pop("Anonymous", ""):
            sent["Authorization"] = f"Bearer {self._token}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            sent |= {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, f"{self._base}{path.removeprefix(self._base)}", body, sent)
            response = connection.getresponse()
            known = sorted((name.lower(), value) for name, value in response.getheaders())
            lines = [f"{name}: {value}" for name, value in known if name != "date"]
            head = "\n".join([f"HTTP {response.status} {response.reason}", *lines])
            return Answer(response.status, head, response.read())
        finally:
            connection.close()

    def feed(self) -> dict[str, Any]:
        """Return the status of the feed."""
        status: dict[str, Any] = json.loads(self.request("/api/feed", name="poll").body)
        return status

    def receive(self, path: str, **options: Any) -> Iterator[str]:
        """Yield the messages of a socket until it closes; raise `TimeoutError` after a silence."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        url = f"ws://127.0.0.1:{self.port}{self._base}{path}"
        with connect(url, additional_headers=headers, proxy=None, **options) as stream:
            while True:
                yield str(stream.recv(HEARTBEAT_TIMEOUT_S))

    def stop(self) -> tuple[str, str]:
        """Stop the dashboard; return its log with the exit code, and its request log."""
        self._process.terminate()
        try:
            code = self._process.wait(TIMEOUT_S)
        finally:
            self._process.kill()
        lines = self._log.read_text().splitlines(keepends=True)
        requests = "".join(line for line in lines if "[recorded]" in line)
        rest = "".join(line for line in lines if not re.search(r"\[(?:recorded|poll)\]$", line))
        return f"{rest}exit code {code}\n", requests


def command(checkout: Path) -> list[str]:
    """Return the command line that starts the dashboard of a checkout."""
    return [sys.executable, str(checkout / "app.py")]


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with `settings` in place of any NORTHSTAR_ variables.

    The order of attributes in Dash's components is that of a set, which depends on the hash seed.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith("NORTHSTAR_")}
    named = {f"NORTHSTAR_{name}": value for name, value in settings.items()}
    fixed = {"COLUMNS": "80", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    return {**ours, **fixed, **named}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Return once `condition` holds; end the program after `TIMEOUT_S`."""
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"not within {TIMEOUT_S} s: {what}")
        time.sleep(0.1)
