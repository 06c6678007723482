"""Limits on viewers: their number, their speed and the messages they send."""

import asyncio
import contextlib
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from northstar.cli import listen
from northstar.live.hub import Cut, Hub
from northstar.settings.table import Settings
from northstar.web.auth.access import Viewer
from northstar.web.auth.request_info import request_info
from northstar.web.auth.sessions import Sessions
from northstar.web.sockets import streams as sockets
from northstar.web.sockets.admission import AdmissionRate
from northstar.web.sockets.draining import Draining
from northstar.web.sockets.listening import MAX_UNSENT_BYTES
from northstar.web.sockets.protocols import MAX_MESSAGE_BYTES, Connection
from northstar.web.sockets.streams import add_sockets
from northstar.web.sockets.uvicorn_server import served
from northstar.wiring import create_pipeline
from support.dashboard import process
from support.waiting import SLOWNESS, Deadline, until

ANSWER_S = 10 * SLOWNESS
VIEW, PNL = PATHS = ("/view-stream", "/pnl-stream")


class House:
    """The two sockets, served as the program serves them."""

    def __init__(self, port: int, **settings: object) -> None:
        given = {
            "demo": True,
            "demo_scene": "calm",
            "demo_rate": 30,
            "max_fps": 30,
            "port": port,
            **settings,
        }
        self.settings = Settings(**given)  # type: ignore[arg-type]
        self._pipeline = create_pipeline(self.settings)
        self.app = FastAPI(lifespan=self._lifespan)
        self.server = uvicorn.Server(served(self.app))
        draining = Draining(self._pipeline.hand_over, self.settings.drain_s)
        add_sockets(self.app, self._pipeline, self.settings, Sessions(), draining)

    def hub(self, path: str) -> Hub[Any]:
        broadcast = self._pipeline.broadcast
        return broadcast.viewers if path == VIEW else broadcast.subscribers

    def open(self, path: str, address: str = "127.0.0.1") -> ClientConnection:
        """Connect as a program that keeps reading."""
        url = f"ws://127.0.0.1:{self.settings.port}{path}"
        return connect(url, source_address=(address, 0), max_queue=None)

    @property
    def connections(self) -> list[Connection]:
        return [each for each in self.server.server_state.connections if type(each) is Connection]

    @contextlib.asynccontextmanager
    async def _lifespan(self, _: FastAPI):  # type: ignore[no-untyped-def] # noqa: ANN202
        running = asyncio.create_task(self._pipeline.run())
        yield
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        self._pipeline.history.store.close()


@contextmanager
def house(port: int, **settings: object) -> Iterator[House]:
    """Serve while the context is open."""
    with running(House(port, **settings)) as built:
        yield built


@contextmanager
def running(built: House) -> Iterator[House]:
    """Serve while the context is open."""
    (listener,) = listen(built.settings)
    with listener:
        thread = threading.Thread(
            target=built.server.run, kwargs={"sockets": [listener]}, daemon=True
        )
        thread.start()
        try:
            until(lambda: built.server.started, what="the server answers")
            yield built
        finally:
            built.server.should_exit = True
            thread.join(timeout=ANSWER_S)


@contextmanager
def deaf(port: int, path: str) -> Iterator[socket.socket]:
    """Open a socket with a small buffer, and do not read."""
    with socket.socket() as viewer:
        viewer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        viewer.settimeout(ANSWER_S)
        viewer.connect(("127.0.0.1", port))
        viewer.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        yield viewer


def end_of(viewer: ClientConnection) -> tuple[int, str]:
    """Read until the server closes; return the code and reason."""
    with pytest.raises(ConnectionClosed):
        read_to_the_end(viewer)
    assert viewer.close_code
    return viewer.close_code, viewer.close_reason or ""


def read_to_the_end(viewer: ClientConnection) -> None:
    """Read until `ConnectionClosed` is raised; fail if the server does not close in time."""
    deadline = Deadline(60, "the server closes the socket")
    while True:
        viewer.recv(timeout=ANSWER_S)
        deadline.check()


class SignedIn:
    """A middleware with a signed-in viewer whose session expires in `left_s` seconds."""

    def __init__(self, app: ASGIApp, left_s: float) -> None:
        self._app = app
        self._left_s = left_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_info(scope).viewer = Viewer("alice", until=time.time() + self._left_s)
        await self._app(scope, receive, send)


def test_viewer_whose_sign_in_ends_unheard(free_port: int) -> None:
    """A viewer that does not read is disconnected when its session expires."""
    built = House(free_port)
    built.app.add_middleware(SignedIn, left_s=3)
    with running(built), deaf(free_port, VIEW):
        until(lambda: len(built.hub(VIEW)) == 1, what="the viewer is there")
        until(lambda: len(built.hub(VIEW)) == 0, what="the session has expired")
        until(lambda: not built.connections, what="its connection is gone")


@pytest.mark.parametrize("path", PATHS)
def test_one_viewer_too_many(path: str, free_port: int) -> None:
    """A viewer over the limit is refused on both sockets until another leaves."""
    with house(free_port, max_viewers=2) as at, ExitStack() as others:
        others.enter_context(at.open(VIEW)).recv(ANSWER_S)
        with at.open(PNL) as leaving:
            leaving.recv(ANSWER_S)
            with at.open(path) as refused:
                assert end_of(refused) == (1013, "too many viewers, try again later")
        until(lambda: len(at.hub(PNL)) == 0, what="the other viewer has left")

        with at.open(path) as viewer:
            assert viewer.recv(ANSWER_S)
        assert at.hub(path).cuts == {Cut.SLOW: 0, Cut.FULL: 1, Cut.ADDRESS: 0, Cut.RATE: 0}


def test_one_viewer_too_many_from_an_address(free_port: int) -> None:
    """The limit per address does not affect other addresses."""
    with (
        house(free_port, max_viewers_per_address=1) as at,
        at.open(VIEW) as first,
        at.open(PNL) as refused,
        at.open(VIEW, "127.0.0.2") as elsewhere,
    ):
        assert end_of(refused) == (1013, "too many viewers from this address, try again later")
        assert first.recv(ANSWER_S)
        assert elsewhere.recv(ANSWER_S)
        assert at.hub(PNL).cuts[Cut.ADDRESS] == 1


@pytest.mark.parametrize("path", PATHS)
def test_viewers_that_come_at_once(
    path: str, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Viewers above the rate get the time to come back, on both sockets."""
    at_once = partial(AdmissionRate, clock=lambda: 0.0)
    monkeypatch.setattr("northstar.web.sockets.streams.AdmissionRate", at_once)
    with house(free_port, admit_rate=1) as at, at.open(VIEW) as first, at.open(path) as second:
        assert end_of(second) == (1013, "too many viewers at once, try again in 3 s")
        assert first.recv(ANSWER_S)
        assert at.hub(path).cuts[Cut.RATE] == 1


@pytest.mark.parametrize("path", PATHS)
def test_viewer_that_never_reads(path: str, free_port: int) -> None:
    """A viewer that never reads is cut without reading the reason; others are not affected."""
    with house(free_port, cut_after=1) as at, at.open(path) as reads, deaf(free_port, path):
        until(lambda: len(at.hub(path)) == 2, what="both viewers are there")
        until(lambda: at.hub(path).cuts[Cut.SLOW], what="the viewer is cut")
        until(lambda: len(at.connections) == 1, what="its connection is closed")

        assert len(at.hub(path)) == 1
        assert at.hub(path).cuts[Cut.SLOW] == 1
        assert reads.recv(ANSWER_S)


def test_viewer_that_reads_too_late(free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A viewer that reads again after the cut gets the reason."""
    monkeypatch.setattr(sockets, "CLOSE_S", 60)
    with house(free_port, cut_after=1) as at, deaf(free_port, VIEW) as viewer:
        until(lambda: at.hub(VIEW).cuts[Cut.SLOW], what="the viewer is cut")
        received = b""
        while part := viewer.recv(65_536):
            received += part

    reason = str(Cut.SLOW).encode()
    assert received.endswith(b"\x88" + bytes([2 + len(reason)]) + b"\x03\xf5" + reason)


def test_memory_of_a_viewer_that_does_not_read(free_port: int) -> None:
    """For a viewer that does not read, one frame waits in the server and little in the kernel."""
    with house(free_port) as at, deaf(free_port, VIEW):
        until(lambda: at.hub(VIEW).skipped > 100, what="the viewer has missed frames")
        (connection,) = at.connections
        channel = connection.transport.get_extra_info("socket")

        assert channel.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == MAX_UNSENT_BYTES
        with at.open(VIEW) as viewer:
            frame = viewer.recv(ANSWER_S)
        assert 0 < connection.transport.get_write_buffer_size() < 2 * len(frame)


def test_frame_for_a_viewer_that_is_gone(free_port: int) -> None:
    """A frame for a disconnected viewer is refused and raises nothing."""
    with house(free_port) as at, at.open(VIEW):
        until(lambda: len(at.hub(VIEW)) == 1, what="the viewer is there")
        (connection,) = at.connections

        async def send_late() -> bool:
            connection.transport.abort()
            return bool(connection.send_now("late"))

        sent = asyncio.run_coroutine_threadsafe(send_late(), connection.loop).result(ANSWER_S)

    assert not sent


def test_viewer_that_sends_a_large_message(free_port: int) -> None:
    """A viewer that sends a large message is closed before the message is read."""
    with house(free_port) as at, at.open(VIEW) as viewer:
        viewer.send("x" * (MAX_MESSAGE_BYTES + 1))

        assert end_of(viewer)[0] == 1009


@pytest.mark.parametrize("kind", ["messages", "pings"])
def test_viewer_that_talks_without_end(kind: str, free_port: int) -> None:
    """A viewer that never stops sending is closed after little has been read."""
    with house(free_port) as at, at.open(VIEW) as viewer:
        with contextlib.suppress(ConnectionClosed):
            for number in range(100_000):
                viewer.send("x") if kind == "messages" else viewer.ping(f"{number}")
            read_to_the_end(viewer)
        until(lambda: len(at.hub(VIEW)) == 0, what="the viewer is gone")


def test_viewer_that_says_something(free_port: int) -> None:
    """Messages from a viewer are ignored, and its frames continue."""
    with house(free_port) as at, at.open(VIEW) as viewer:
        for _ in range(20):
            viewer.send("hello")
            assert viewer.recv(ANSWER_S)
        assert viewer.ping().wait(ANSWER_S)


def test_stop_with_a_viewer_that_does_not_read(free_port: int) -> None:
    """The server stops although a viewer does not read."""
    with house(free_port) as at, deaf(free_port, VIEW):
        until(lambda: at.hub(VIEW).skipped, what="the viewer has missed a frame")
        at.server.should_exit = True
        until(lambda: not at.server.started or not at.connections, what="its connection is gone")


def test_open_files_of_the_program(free_port: int) -> None:
    """The program raises its soft limit of open files to the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, hard - 1), hard))
    try:
        with process(free_port, "--demo", "--demo-scene", "calm") as running:
            limits = resource.prlimit(running.pid, resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert limits == (hard, hard)
