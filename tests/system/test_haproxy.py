"""Requests through HAProxy to an instance that closes connections without an answer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from support.haproxy import haproxy
from support.programs import HOST

REQUESTS = 10


class Instance(BaseHTTPRequestHandler):
    """Answers each request; while `is_ending` only health checks."""

    def __init__(self, *arguments: object, is_ending: bool) -> None:
        self._is_ending = is_ending
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.close_connection = True
        if self.path == "/healthz" or not self._is_ending:
            self.send_response(200)
            self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def instance(*, is_ending: bool) -> Iterator[int]:
    """Run an instance; yield its port."""
    with ThreadingHTTPServer((HOST, 0), partial(Instance, is_ending=is_ending)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[httpx.Client]:
    """Return a client of HAProxy in front of an ending instance and another one."""
    with (
        instance(is_ending=True) as ending,
        instance(is_ending=False) as other,
        haproxy([ending, other], tmp_path) as program,
        httpx.Client(base_url=f"http://{HOST}:{program.port}") as client,
    ):
        yield client


def test_closed_without_an_answer(proxy: httpx.Client) -> None:
    """Reads are answered by the other instance; changes are not sent twice."""
    reads = [proxy.get("/assets/live.js").status_code for _ in range(REQUESTS)]
    changes = [proxy.post("/notes").status_code for _ in range(REQUESTS)]

    assert set(reads) == {200}
    assert set(changes) == {200, 502}
