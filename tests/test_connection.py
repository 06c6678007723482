"""Requests and refusals below the application: what is heard of them, and for how long."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from northstar import connection
from northstar.connection import MAX_HEAD_BYTES, STAY
from northstar.serving import served
from waiting import until

ANSWER_S = 10
HANDSHAKE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def application() -> FastAPI:
    """Return an application that tells how much it was sent, and lets no socket in."""
    app = FastAPI()

    @app.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.websocket("/closed")
    async def closed(socket: WebSocket) -> None:
        await socket.receive()
        await socket.send_denial_response(JSONResponse({"error": "sign in first"}, 401))

    return app


@contextmanager
def house(app: FastAPI | None = None) -> Iterator[int]:
    """Serve it as the program is served; return the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(served(app or application()))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started, what="the server answers")
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(timeout=ANSWER_S)


def answer_to(port: int, *parts: bytes) -> bytes:
    """Send the parts of a request, and return all that comes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as client:
        answer = b""
        try:
            for part in parts:
                client.sendall(part)
            while received := client.recv(65_536):
                answer += received
        except ConnectionError:  # it was closed while there was more to send
            pass
        return answer


@pytest.mark.parametrize("begin", [b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nX: "])
def test_head_without_end(begin: bytes) -> None:
    """An address or a header that goes on and on is not taken in."""
    with house() as port:
        answer = answer_to(port, begin, *[b"x" * 8192] * 100)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


def test_headers_without_end() -> None:
    """Nor are ever more headers."""
    with house() as port:
        many = [b"GET / HTTP/1.1\r\nHost: x\r\n", *[b"X: y\r\n" * 1000] * 200]
        answer = answer_to(port, *many)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    ("address", "headers", "taken"),
    [
        (b"/" * 7000, b"x: " + b"x" * 7000, True),
        (b"/" * 9000, b"x: x", False),
        (b"/", b"x: " + b"x" * 17_000, False),
        (b"/", b"\r\n".join([b"x: x"] * 3000), False),
        (b"/", b"Sec-WebSocket-Extensions: " + b"a," * 600 + b"a", False),
    ],
    ids=["small", "address", "header", "headers", "extensions"],
)
@pytest.mark.parametrize(
    ("wish", "status"), [(b"Connection: close\r\n", b"404"), (HANDSHAKE, b"403")]
)
def test_head_at_once(
    wish: bytes, status: bytes, address: bytes, headers: bytes, *, taken: bool
) -> None:
    """A head is bounded also where it comes in whole, for requests and for sockets."""
    with house() as port:
        head = b"GET " + address + b" HTTP/1.1\r\nHost: x\r\n" + wish + headers + b"\r\n\r\n"
        answer = answer_to(port, head)

    assert answer.startswith(b"HTTP/1.1 " + (status if taken else b"400"))


@pytest.mark.parametrize("size", [0, MAX_HEAD_BYTES * 4])
def test_body_is_no_head(size: int) -> None:
    """Bodies are for the application to bound, one after the other on one connection."""
    with house() as port, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        answers = [client.post("/size", content=b"x" * size).json() for _ in range(3)]

    assert answers == [size] * 3


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx",
    ],
)
def test_request_that_does_not_end(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that does not come in whole is not waited for without end."""
    monkeypatch.setattr(connection, "REQUEST_S", 0.3)
    with house() as port:
        assert b"200" not in answer_to(port, begun)


def test_socket_that_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """A program is told why, and nobody is alarmed about it."""
    with house() as port, pytest.raises(InvalidStatus) as refusal:
        connect(f"ws://127.0.0.1:{port}/closed")

    assert refusal.value.response.status_code == 401
    assert refusal.value.response.body == b'{"error":"sign in first"}'
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


class Stays:
    """A socket whose application returns, and leaves the rest to the server."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.scope: Scope = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.scope = scope
        scope["extensions"][STAY].append(self.stay)

    async def stay(self, receive: Receive, send: Send) -> None:
        self.seen.append("stays")
        await send({"type": "websocket.send", "text": f"a scope of {len(self.scope)}"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self.seen.append("left")


class Layer:
    """A layer around it."""

    def __init__(self, app: ASGIApp, seen: list[str]) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        self._seen.append(f"{scope['type']} returned")


def test_what_is_run_while_a_viewer_stays() -> None:
    """It is run once the application's layers have returned, the request forgotten."""
    app, stays = FastAPI(), Stays()
    app.router.routes.append(WebSocketRoute("/", stays))
    app.add_middleware(Layer, seen=stays.seen)
    with house(app) as port:
        with connect(f"ws://127.0.0.1:{port}/") as viewer:
            assert viewer.recv(ANSWER_S) == "a scope of 0"
            assert stays.seen == ["websocket returned", "stays"]
        until(lambda: stays.seen[-1] == "left", what="the viewer has left")
