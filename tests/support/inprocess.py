"""The dashboard in a thread of the test process on its own port."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from northstar.settings.table import Settings
from northstar.web.app import create_server
from support import guide
from support.frames import Reader, shown_revenue
from support.sources import Stream, stream
from support.waiting import SLOWNESS, Deadline, until

ANSWER_S = 10 * SLOWNESS


SOCKETS = ("/view-stream", "/pnl-stream")

_READERS = WeakKeyDictionary[ClientConnection, Reader]()


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve `app` on a free port while the context is open; yield host and port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="error", lifespan="on", proxy_headers=False)
        with serving(config, listener):
            yield f"127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def serving(config: uvicorn.Config, listener: socket.socket) -> Iterator[None]:
    """Run uvicorn on a thread while the context is open."""
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive(), what="the server answers")
        assert thread.is_alive(), "the server did not start"
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=ANSWER_S)


class Dashboard:
    """A running dashboard, as used by a browser or a program."""

    def __init__(self, address: str, client: httpx.Client) -> None:
        self.address = address
        self.get, self.post = client.get, client.post

    def open(self, path: str, origin: str | None = None) -> ClientConnection:
        """Connect to a socket, as a page of `origin` or as a program."""
        return connect(f"ws://{self.address}{path}", origin=Origin(origin) if origin else None)


@contextmanager
def dashboard(settings: Settings) -> Iterator[Dashboard]:
    """Run a dashboard while the context is open."""
    with (
        running(create_server(settings)) as address,
        httpx.Client(base_url=f"http://{address}", timeout=ANSWER_S, trust_env=False) as client,
    ):
        yield Dashboard(address, client)


def read(socket: ClientConnection) -> dict[str, Any]:
    """Return the next message of a socket."""
    return dict(json.loads(socket.recv(timeout=ANSWER_S)))


def next_frame(viewer: ClientConnection) -> dict[str, Any]:
    """Return the next frame of a viewer with its whole content."""
    return _READERS.setdefault(viewer, Reader()).read(viewer.recv(timeout=ANSWER_S))


def read_frame(viewer: ClientConnection, revenue: str) -> dict[str, Any]:
    """Return the next frame with this revenue, which must be one of the next few."""
    for _ in range(5):
        frame = next_frame(viewer)
        if shown_revenue(frame) == revenue:
            return frame
    raise AssertionError(f"no frame shows {revenue}")


def goodbye(socket: ClientConnection) -> tuple[int | None, str | None]:
    """Read until the other side closes; return the code and the reason."""
    deadline = Deadline(60, "the other side closes the socket")
    with suppress(ConnectionClosed):
        for _ in socket:
            deadline.check()
    return socket.close_code, socket.close_reason


@pytest.fixture
def source() -> Iterator[Stream]:
    """Run a stream that has not sent anything."""
    with stream() as source:
        yield source


@pytest.fixture
def empty(source: Stream) -> Iterator[Dashboard]:
    """Run a dashboard on the stream that has not sent anything."""
    with dashboard(Settings(ws_url=source.url)) as at:
        until(lambda: source.clients, what="the dashboard reads the stream")
        yield at


@pytest.fixture
def filled(source: Stream, empty: Dashboard) -> Dashboard:
    """Run a dashboard that has received the guide's example."""
    source.send(guide.EXAMPLE)
    until(lambda: empty.get("/api/pnl").status_code == 200, what="the example has arrived")
    return empty


@pytest.fixture
def demo() -> Iterator[Dashboard]:
    """Run a demo with a high rate."""
    with dashboard(Settings(demo=True, demo_scene="calm", demo_rate=20)) as at:
        yield at
