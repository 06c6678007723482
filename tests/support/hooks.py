"""A real webhook in a thread, which accepts messages, refuses them or hangs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest


class Hook:
    """The requests that a webhook received, and the `status` of its answers."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.attempts = 0
        self.status = 200
        self.url = ""

    @property
    def events(self) -> list[tuple[str, str]]:
        """The kind and number of every received event in order, including repetitions."""
        return [
            (each["kind"], each["id"]) for message in self.messages for each in message["events"]
        ]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the received events, each event once."""
        return [kind for kind, _ in dict.fromkeys(self.events)]


@contextmanager
def listening() -> Iterator[Hook]:
    """Run a webhook while the context is open."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.attempts += 1
            if hook.status == 200:
                hook.messages.append(json.loads(body))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hook.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield hook
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """Run a webhook."""
    with listening() as found:
        yield found
