"""Internals of uvicorn that northstar/web/sockets uses, hook by hook.

One real server records uvicorn's calls and the attributes of its objects; each test names a hook.
"""

import asyncio
import logging
import signal
import socket
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Request
from websockets.http11 import Response as SocketResponse
from websockets.sync.client import connect

from support.inprocess import serving
from support.waiting import until

LARGE = b"x" * 16_000_000  # more than the system buffers
TWO_REQUESTS = (
    b"POST /first?a=1 HTTP/1.1\r\nHost: test\r\nX-Own: 1\r\nContent-Length: 3\r\n\r\nabc"
    b"GET /last HTTP/1.1\r\nHost: test\r\n\r\n"
)
SUPPRESSED = suppress(AssertionError, ConnectionClosed, InvalidStatus, OSError)
HTTP_CALLS = {
    "connection_made": (object,),
    "connection_lost": (object,),
    "data_received": (bytes,),
    "on_message_begin": (),
    "on_url": (b"/first?a=1",),
    "on_header": (b"X-Own", b"1"),
    "on_headers_complete": (),
    "on_body": (b"abc",),
    "on_message_complete": (),
    "_should_upgrade": (),
    "handle_websocket_upgrade": (),
    "send_400_response": (str,),
    "pause_writing": (),
    "resume_writing": (),
    "_start_asgi_task": (RequestResponseCycle, Callable),
}
SOCKET_CALLS = {
    "connection_made": (object,),
    "connection_lost": (object,),
    "data_received": (bytes,),
    "handle_parser_exception": (),
    "run_asgi": (),
}


class Call(NamedTuple):
    """A call of a hook: its arguments, and the attributes of its owner before it."""

    given: tuple[Any, ...]
    held: dict[str, Any]


class Notes:
    """The calls of the hooks of both protocols by name, and other events."""

    def __init__(self) -> None:
        self.http: defaultdict[str, list[Call]] = defaultdict(list)
        self.socket: defaultdict[str, list[Call]] = defaultdict(list)
        self.cycles: list[dict[str, Any]] = []
        self.answers = b""
        self.heard: list[str] = []
        self.extensions: list[Any] = []


def noting(owner: type, names: dict[str, Any], calls: defaultdict[str, list[Call]]) -> Any:
    """Return a subclass of a protocol that records the calls of its methods."""

    def note(name: str) -> Callable[..., object]:
        def call(self: Any, *given: object) -> object:
            held = {
                key: list(value) if key in {"headers", "pipeline"} and value else value
                for key, value in vars(self).items()
            }
            calls[name].append(Call(given, held))
            return getattr(owner, name)(self, *given)

        return call

    return type("Noting", (owner,), {name: note(name) for name in names})


def protocols(notes: Notes) -> tuple[Any, Any]:
    """Return uvicorn's protocols with the changes that ours make."""
    http = noting(HttpToolsProtocol, HTTP_CALLS, notes.http)
    websocket = noting(WebSocketsSansIOProtocol, SOCKET_CALLS, notes.socket)

    class Http(http):  # type: ignore[misc,valid-type]  # made above
        def on_header(self, name: bytes, value: bytes) -> None:
            super().on_header(name, value)
            if name == b"X-Refused":
                raise ValueError("refused")

        def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
            notes.cycles.append(dict(vars(cycle)))
            cycle.keep_alive = cycle.scope["path"] != "/last"
            if cycle.scope["path"] == "/waiting":
                cycle.disconnected = True
                self.loop.call_soon(cycle.message_event.set)
            super()._start_asgi_task(cycle, app)

    class Socket(websocket):  # type: ignore[misc,valid-type]  # made above
        app: Any

        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            inner = self.app

            async def outer(scope: Scope, receive: Receive, send: Send) -> None:
                notes.heard.append("our application")
                notes.extensions.append(scope["extensions"])
                await inner(scope, receive, send)

            self.app = outer

    return Http, Socket


def application(notes: Notes) -> Callable[..., Any]:
    """Return an application that answers as its path requests."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            if scope["path"] == "/refused":
                start = {"type": "websocket.http.response.start", "status": 401, "headers": []}
                await send(start)
                await send({"type": "websocket.http.response.body", "body": b""})
                return
            await send({"type": "websocket.accept"})
            await receive()
            await send({"type": "websocket.close"})
            return
        if scope["path"] == "/waiting":
            while (await receive())["type"] != "http.disconnect":
                pass
            notes.heard.append("the client has left")
        body = LARGE if scope["path"] == "/large" else b"ok"
        length = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": body})

    return answer


@contextmanager
def connected(port: int, sent: bytes) -> Iterator[socket.socket]:
    """Connect to the server and send data."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(sent)
        yield client


def read_all(client: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    return b"".join(iter(lambda: client.recv(1 << 20), b""))


def exchange(port: int, notes: Notes) -> None:
    """Trigger each of the hooks on a server; failures are left to the hooks' own tests."""
    with SUPPRESSED, connected(port, TWO_REQUESTS) as client:
        notes.answers = read_all(client)
    with SUPPRESSED, connected(port, b"GET / HTTP/1.1\r\nX-Refused: 1\r\n\r\n") as client:
        read_all(client)
    with SUPPRESSED, connected(port, b"GET /waiting HTTP/1.1\r\n\r\n"):
        until(lambda: "the client has left" in notes.heard, what="the request ends")
    with SUPPRESSED, connected(port, b"GET /large HTTP/1.0\r\n\r\n") as client:
        until(lambda: notes.http["pause_writing"], what="the answer waits for its reader")
        read_all(client)
    with SUPPRESSED, connect(f"ws://127.0.0.1:{port}/") as viewer:
        viewer.send("hello")
        viewer.recv(timeout=20)
    with SUPPRESSED, connect(f"ws://127.0.0.1:{port}/refused"):
        pass
    with SUPPRESSED, connect(f"ws://127.0.0.1:{port}/") as viewer:
        viewer.socket.sendall(b"\xff\xff")
        viewer.recv(timeout=20)
    with SUPPRESSED:
        until(lambda: len(notes.socket["connection_lost"]) == 3, what="all sockets are closed")


@pytest.fixture(scope="module")
def notes() -> Notes:
    """Return what a server recorded during the exchange."""
    notes = Notes()
    http, ws = protocols(notes)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            application(notes), http=http, ws=ws, lifespan="off", log_level="critical"
        )
        with serving(config, listener):
            exchange(listener.getsockname()[1], notes)
    return notes


def matches(given: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    """Return whether each argument has the expected value or type."""
    return len(given) == len(wanted) and all(
        isinstance(one, want) if not isinstance(want, bytes) else one == want
        for one, want in zip(given, wanted, strict=True)
    )


@pytest.mark.parametrize("name", HTTP_CALLS)
def test_call_of_http(name: str, notes: Notes) -> None:
    """`HttpToolsProtocol` calls this method with these arguments."""
    assert any(matches(call.given, HTTP_CALLS[name]) for call in notes.http[name])


@pytest.mark.parametrize("name", SOCKET_CALLS)
def test_call_of_a_socket(name: str, notes: Notes) -> None:
    """`WebSocketsSansIOProtocol` calls this method with these arguments."""
    assert any(matches(call.given, SOCKET_CALLS[name]) for call in notes.socket[name])


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("url", lambda url: url == b"/first?a=1"),
        ("headers", lambda headers: (b"x-own", b"1") in headers),
        ("parser", lambda parser: not parser or callable(parser.should_upgrade)),
        ("client", lambda client: client[0] == "127.0.0.1"),
        ("flow", lambda flow: callable(flow.resume_reading)),
        ("logger", lambda logger: isinstance(logger, logging.Logger)),
        ("loop", lambda loop: isinstance(loop, asyncio.AbstractEventLoop)),
        ("transport", lambda transport: callable(transport.set_write_buffer_limits)),
    ],
)
def test_attribute_of_http(name: str, holds: Callable[[Any], bool], notes: Notes) -> None:
    """`HttpToolsProtocol` has this attribute after it has read the head of a request."""
    assert holds(notes.http["on_headers_complete"][0].held[name])


def test_warning_of_an_invalid_request(caplog: pytest.LogCaptureFixture) -> None:
    """`HttpToolsProtocol` warns through `logger` without arguments."""
    caplog.set_level("WARNING", "uvicorn.error")  # other servers of this process set another one
    config = uvicorn.Config(application(Notes()), http=HttpToolsProtocol, log_config=None)
    with socket.create_server(("127.0.0.1", 0)) as listener, serving(config, listener):
        port = listener.getsockname()[1]
        with SUPPRESSED, connected(port, b"?\r\n\r\n") as client:
            read_all(client)
    [warning] = [record for record in caplog.records if record.levelname == "WARNING"]

    assert (warning.msg, warning.args) == ("Invalid HTTP request received.", ())


def test_cycle_and_pipeline(notes: Notes) -> None:
    """`cycle` is the newest request, and `pipeline` has those that wait for earlier answers."""
    first, second = notes.http["on_message_complete"][:2]

    assert isinstance(first.held["cycle"], RequestResponseCycle)
    assert second.held["cycle"] is not first.held["cycle"]
    assert (len(first.held["pipeline"]), len(second.held["pipeline"])) == (0, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [("disconnected", False), ("keep_alive", True), ("response_complete", False)],
)
def test_attribute_of_a_cycle(name: str, value: object, notes: Notes) -> None:
    """`RequestResponseCycle` has this attribute before its request is answered."""
    assert notes.cycles[0][name] is value


def test_more_body(notes: Notes) -> None:
    """`RequestResponseCycle.more_body` is set until the whole request has arrived."""
    assert notes.cycles[0]["more_body"]
    assert not notes.http["on_message_complete"][0].held["cycle"].more_body


def test_refusal(notes: Notes) -> None:
    """`HttpToolsProtocol.send_400_response` is called if an `on_…` method raises."""
    assert notes.http["send_400_response"]
    assert not any(cycle["scope"]["path"] == "/" for cycle in notes.cycles)


def test_keep_alive(notes: Notes) -> None:
    """Without `RequestResponseCycle.keep_alive` the connection ends after the answer."""
    first, last = notes.answers.split(b"HTTP/1.1 200 OK")[1:]

    assert b"connection: close" not in first.lower()
    assert b"connection: close" in last.lower()


def test_message_event(notes: Notes) -> None:
    """`RequestResponseCycle.message_event` wakes a request that is `disconnected`."""
    assert "the client has left" in notes.heard


def test_app(notes: Notes) -> None:
    """`WebSocketsSansIOProtocol.app` is run, even if it was replaced."""
    assert notes.heard.count("our application") == 3


def test_extensions_of_a_scope(notes: Notes) -> None:
    """`scope["extensions"]` of a socket is a dict that can be changed, and no other's."""
    first, second, third = notes.extensions

    assert all(isinstance(each, dict) for each in notes.extensions)
    assert first is not second is not third


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [("handshake_complete", False, True), ("disconnected", False, False)],
)
def test_state_of_a_socket(name: str, *, first: bool, last: bool, notes: Notes) -> None:
    """`WebSocketsSansIOProtocol` has this attribute during and after the handshake."""
    handshake, message = notes.socket["data_received"][:2]

    assert (handshake.held[name], message.held[name]) == (first, last)


@pytest.mark.parametrize(
    ("name", "kind"), [("request", Request), ("response", SocketResponse), ("conn", object)]
)
def test_handshake_of_a_socket(name: str, kind: type, notes: Notes) -> None:
    """`WebSocketsSansIOProtocol` has this attribute after it has read the handshake."""
    assert isinstance(notes.socket["connection_lost"][0].held[name], kind)


def test_writable(notes: Notes) -> None:
    """`WebSocketsSansIOProtocol.writable` is an event, cleared while data is unsent."""
    writable = notes.socket["data_received"][1].held["writable"]

    assert isinstance(writable, asyncio.Event)
    assert "writable" in WebSocketsSansIOProtocol.pause_writing.__code__.co_names
    assert "writable" in WebSocketsSansIOProtocol.resume_writing.__code__.co_names


def test_initial_response(notes: Notes) -> None:
    """`WebSocketsSansIOProtocol.initial_response` is the refusal of a handshake, if any."""
    refusals = [call.held["initial_response"] for call in notes.socket["connection_lost"]]

    assert refusals[0] is None
    assert [refusal[0] for refusal in refusals if refusal] == [401]


def test_should_exit_and_shutdown() -> None:
    """`Server.should_exit` ends the server through `shutdown`, and `handle_exit` sets it.

    `startup` comes first, on the event loop.
    """
    happened: list[str] = []

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            happened.append("startup")
            await super().startup(sockets)

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            happened.append("shutdown")
            await super().shutdown(sockets)

    config = uvicorn.Config(application(Notes()), lifespan="off", log_level="critical")
    server = Server(config)
    assert not server.should_exit
    with socket.create_server(("127.0.0.1", 0)) as listener, server.capture_signals():
        assert signal.getsignal(signal.SIGTERM) == server.handle_exit
        uvicorn.Server.handle_exit(server, signal.SIGTERM, None)
        assert server.should_exit
        server._captured_signals.clear()  # otherwise they are raised again
        asyncio.run(server._serve([listener]))

    assert happened == ["startup", "shutdown"]
