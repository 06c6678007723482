"""Requests and refusals below the application: limits on size, time and number."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from starlette.responses import JSONResponse, Response
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from northstar.web.sockets import protocols as connection
from northstar.web.sockets.listening import listener
from northstar.web.sockets.protocols import CONTINUATION, MAX_HEAD_BYTES, MAX_HEADERS, MAX_PIPELINED
from northstar.web.sockets.uvicorn_server import served
from support.waiting import SLOWNESS, until

ANSWER_S = 10 * SLOWNESS
HANDSHAKE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def application() -> FastAPI:
    """Return an application that answers with the size of the request and refuses sockets."""
    app = FastAPI()

    @app.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.websocket("/closed")
    async def closed(socket: WebSocket) -> None:
        await socket.receive()
        await socket.send_denial_response(JSONResponse({"error": "sign-in required"}, 401))

    @app.websocket("/never")
    async def never(socket: WebSocket) -> None:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass

    @app.get("/bytes/{count}")
    async def some_bytes(count: int) -> Response:
        return Response(b"x" * count)

    return app


@contextmanager
def house(app: FastAPI | None = None) -> Iterator[int]:
    """Serve an application as the program does; yield the port."""
    with serving(app) as (_, port):
        yield port


@contextmanager
def serving(app: FastAPI | None = None) -> Iterator[tuple[uvicorn.Server, int]]:
    """Serve an application as the program does; yield the server and the port."""
    with listener(("127.0.0.1", 0)) as bound:
        server = uvicorn.Server(served(app or application()))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            until(lambda: server.started, what="the server answers")
            yield server, bound.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(timeout=ANSWER_S)


def answer_to(port: int, *parts: bytes) -> bytes:
    """Send the parts of a request, and return all that is received until the connection closes."""
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
    """An endless request line or header is refused."""
    with house() as port:
        answer = answer_to(port, begin, *[b"x" * 8192] * 100)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


def test_headers_without_end() -> None:
    """An endless series of headers is refused."""
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
    """A head is limited even if it arrives at once, for requests and for sockets."""
    with house() as port:
        head = b"GET " + address + b" HTTP/1.1\r\nHost: x\r\n" + wish + headers + b"\r\n\r\n"
        answer = answer_to(port, head)

    assert answer.startswith(b"HTTP/1.1 " + (status if taken else b"400"))


@pytest.mark.parametrize("begin", [b"X: ", b"X: y\r\n"])
def test_trailers_without_end(begin: bytes) -> None:
    """Trailers are limited in the same way as headers."""
    chunked = b"POST /size HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    with house() as port:
        answer = answer_to(port, chunked, *[begin + b"x: x\r\n" * 1000] * 200)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 400")


def test_number_of_headers() -> None:
    """The number of headers is limited, because each costs more memory than its bytes."""
    head = b"GET /bytes/1 HTTP/1.1\r\nConnection: close\r\n"
    with house() as port:
        taken = answer_to(port, head, b"X: y\r\n" * (MAX_HEADERS - 1), b"\r\n")
        refused = answer_to(port, head, b"X: y\r\n" * MAX_HEADERS, b"\r\n")

    assert taken.startswith(b"HTTP/1.1 200")
    assert refused.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("size", [0, MAX_HEAD_BYTES * 4])
def test_body_is_no_head(size: int) -> None:
    """The limit does not count bodies, nor heads of earlier requests on the connection."""
    with (
        house() as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=ANSWER_S) as client,
    ):
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
    """An incomplete request is closed after a time limit."""
    monkeypatch.setattr(connection, "REQUEST_S", 0.3)
    with house() as port:
        assert b"200" not in answer_to(port, begun)


def test_socket_that_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    """A program gets the reason of a refused socket, and no error is logged."""
    with house() as port, pytest.raises(InvalidStatus) as refusal:
        connect(f"ws://127.0.0.1:{port}/closed")

    assert refusal.value.response.status_code == 401
    assert refusal.value.response.body == b'{"error":"sign-in required"}'
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


LONG_TEXT = "compressed for who can read it " * 100


class Stays:
    """A socket whose application returns and leaves a continuation to the server."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.scope: Scope = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.scope = scope
        scope["extensions"][CONTINUATION].append(self.stay)

    async def stay(self, receive: Receive, send: Send, send_now: Callable[[str], bool]) -> None:
        self.seen.append("stays")
        await send({"type": "websocket.send", "text": f"a scope of {len(self.scope)}"})
        assert send_now(LONG_TEXT)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self.seen.append("late" if send_now("late") else "left")


class Layer:
    """A middleware around the socket."""

    def __init__(self, app: ASGIApp, seen: list[str]) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        self._seen.append(f"{scope['type']} returned")


@pytest.mark.parametrize("compression", ["deflate", None])
def test_what_is_run_while_a_viewer_stays(compression: Literal["deflate"] | None) -> None:
    """A continuation runs after the middleware has returned, with the request released."""
    app, stays = FastAPI(), Stays()
    app.router.routes.append(WebSocketRoute("/", stays))
    app.add_middleware(Layer, seen=stays.seen)
    with house(app) as port:
        with connect(f"ws://127.0.0.1:{port}/", compression=compression) as viewer:
            assert viewer.recv(ANSWER_S) == "a scope of 0"
            assert viewer.recv(ANSWER_S) == LONG_TEXT
            assert stays.seen == ["websocket returned", "stays"]
        until(lambda: stays.seen[-1] == "left", what="the viewer has left")


def get(count: int, *headers: bytes) -> bytes:
    """Return a request for this many bytes."""
    return b"\r\n".join([b"GET /bytes/%d HTTP/1.1" % count, b"Host: x", *headers, b"", b""])


def test_pipelined_requests() -> None:
    """A few pipelined requests are answered in order."""
    ahead = [get(count) for count in range(1, MAX_PIPELINED + 1)]
    with house() as port:
        answers = answer_to(port, b"".join(ahead) + get(0, b"Connection: close"))

    heads, bodies = answers.split(b"HTTP/1.1 200 OK")[1:], range(1, MAX_PIPELINED + 1)
    assert [len(each.partition(b"\r\n\r\n")[2]) for each in heads] == [*bodies, 0]


@pytest.mark.parametrize("more", [get(1) * 5000, b"nonsense\r\n\r\n"])
def test_too_many_pipelined_requests(more: bytes) -> None:
    """Pipelined requests above the limit are refused; the last answer closes the connection."""
    with house() as port:
        answers = answer_to(port, get(1), get(1) * MAX_PIPELINED + more).split(b"HTTP/1.1 ")[1:]

    assert 1 <= len(answers) <= 2 * MAX_PIPELINED
    assert {answer[:3] for answer in answers} <= {b"200", b"400"}
    closing = [b"connection: close" in answer for answer in answers]
    assert True not in closing[:-1]
    # TCP discards an answer that is not read yet when the server closes with unread requests.
    assert closing[-1] or more.startswith(b"GET")


def test_one_request_after_the_other() -> None:
    """The number of successive requests on one connection is not limited."""
    with house() as port:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S)
        client.connect()
        used = client.sock
        for _ in range(MAX_PIPELINED * 5):
            client.request("GET", "/bytes/100")
            assert len(client.getresponse().read()) == 100
            assert client.sock is used
        client.close()


@contextmanager
def deaf(port: int, sent: bytes) -> Iterator[socket.socket]:
    """Send requests, and read nothing unless the test does."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(ANSWER_S)
        client.connect(("127.0.0.1", port))
        client.sendall(sent)
        yield client


@pytest.mark.parametrize(
    "sent",
    [
        get(8_000_000),
        get(8_000_000, b"Connection: close"),
        get(60_000) * MAX_PIPELINED,  # each less than what asyncio buffers by default
        get(60_000) * 5000,
    ],
)
def test_answer_that_is_not_read(
    sent: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A client that does not read is disconnected, and no error is logged."""
    monkeypatch.setattr(connection, "UNREAD_S", 0.3)
    with serving() as (server, port), deaf(port, sent):
        until(lambda: server.server_state.total_requests, what="the request is answered")
        until(lambda: not server.server_state.connections, what="the connection is closed")

    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_answer_that_is_read_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow but steady reader is not disconnected, however long it takes."""
    monkeypatch.setattr(connection, "UNREAD_S", 1.0)
    checked = []
    check = connection.Request._check_progress

    def noted(self: connection.Request, unsent: int) -> None:
        checked.append(unsent)
        check(self, unsent)

    monkeypatch.setattr(connection.Request, "_check_progress", noted)
    with house() as port, deaf(port, get(8_000_000)) as client:
        until(lambda: client.recv(16_384) and len(checked) == 3, what="three checks have run")
        client.sendall(get(1, b"Connection: close"))
        while received := client.recv(65_536):
            last = received

    assert last.endswith(b"\r\n\r\nx")


def handshake(*headers: bytes, path: bytes = b"/closed") -> bytes:
    """Return a WebSocket handshake."""
    usual = (b"Host: x", b"Connection: Upgrade", b"Upgrade: websocket")
    key = (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13")
    return b"\r\n".join([b"GET %s HTTP/1.1" % path, *usual, *key, *headers, b"", b""])


@pytest.mark.parametrize(
    "sent",
    [
        handshake(b"Content-Length: 5"),
        handshake(b"Content-Length: 5") + b"hello",
        handshake(b"Transfer-Encoding: chunked"),
        handshake(b"Transfer-Encoding: chunked") + b"1\r\nx\r\n0\r\n\r\n",
        handshake(b"Content-Length: 5").replace(b"GET", b"POST") + b"hello",
        handshake(*[b"X: y"] * MAX_HEADERS),
        handshake(b"X: " + b"y" * 9000),  # more than `websockets` takes in one line
        handshake().replace(b"Sec-WebSocket-Key", b"X"),
        handshake().replace(b"GET", b"POST"),
    ],
)
def test_handshake_that_is_none(sent: bytes) -> None:
    """A handshake with a body, or one that is invalid otherwise, is refused at once."""
    with house() as port:
        answer = answer_to(port, sent)

    assert answer.startswith(b"HTTP/1.1 4")
    assert b"sign-in required" not in answer


def test_handshake_behind_a_request() -> None:
    """A handshake that is pipelined behind a request is refused after that answer."""
    with house() as port:
        answer = answer_to(port, get(1) + handshake())

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\nx")


def test_handshake_behind_an_unread_answer() -> None:
    """A handshake behind an unread answer is refused, because frames would pile up."""
    with serving() as (server, port), deaf(port, get(1_000_000)) as client:
        until(lambda: server.server_state.total_requests, what="the request is answered")
        client.sendall(handshake())
        answer = b"".join(iter(lambda: client.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 400" in answer


def test_handshake_without_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An incomplete handshake has the same time limit as a request."""
    monkeypatch.setattr(connection, "REQUEST_S", 0.3)
    with house() as port:
        assert answer_to(port, handshake(path=b"/never")) == b""
