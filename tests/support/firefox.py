"""Firefox driven by WebDriver BiDi, because Debian has no geckodriver for selenium."""

import json
import os
import re
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, Any

from websockets.sync.client import ClientConnection, connect

from support.engines import find_program, started
from support.waiting import SLOWNESS, until

START_TIMEOUT_S = 30
ANSWER_TIMEOUT_S = 30
LISTENS = re.compile(rb"WebDriver BiDi listening on (ws://\S+)")
# Values are passed as JSON instead of BiDi's own notation.
CALL = """
async (told) => JSON.stringify(
    await (function () { SCRIPT }).apply(null, JSON.parse(told)) ?? null)
"""


class Firefox:
    """The tab of a newly started Firefox."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = count()
        self._tell("session.new", capabilities={})
        [tab] = self._tell("browsingContext.getTree")["contexts"]
        self._tab: str = tab["context"]

    def get(self, url: str) -> None:
        self._tell("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def execute_script(self, script: str, *arguments: Any) -> Any:
        answer = self._tell(
            "script.callFunction",
            functionDeclaration=CALL.replace("SCRIPT", script),
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    def set_viewport(self, width: int, height: int) -> None:
        size = {"width": width, "height": height}
        self._tell("browsingContext.setViewport", context=self._tab, viewport=size)

    def save_screenshot(self, file: str) -> None:
        picture = self._tell("browsingContext.captureScreenshot", context=self._tab)
        Path(file).write_bytes(b64decode(picture["data"]))

    def _tell(self, method: str, **params: Any) -> Any:
        """Send a command; return its result."""
        command = next(self._ids)
        self._socket.send(json.dumps({"id": command, "method": method, "params": params}))
        while (answer := self._hear()).get("id") != command:
            pass  # an event
        assert answer["type"] == "success", f"{method}: {answer}"
        return answer["result"]

    def _hear(self) -> dict[str, Any]:
        return dict(json.loads(self._socket.recv(ANSWER_TIMEOUT_S * SLOWNESS)))


@contextmanager
def firefox() -> Iterator[Firefox]:
    """Run Firefox with a new profile while the context is open."""
    program = find_program("firefox-esr")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        tempfile.TemporaryFile() as output,
    ):
        options = ("--headless", "--no-remote", "--remote-debugging-port", "0")
        with started([program, *options, "--profile", profile, "about:blank"], output):
            until(lambda: _address(output), START_TIMEOUT_S, "Firefox listens")
            url = f"{_address(output)}/session"
            with connect(url, max_size=None, ping_interval=None, proxy=None) as socket:
                yield Firefox(socket)


def _address(output: IO[bytes]) -> str:
    """Return the address that Firefox has printed, or an empty text."""
    printed = os.pread(output.fileno(), 1 << 16, 0)
    found = LISTENS.search(printed)
    return found[1].decode() if found else ""
