"""uvicorn protocols that bound buffering, input size and closing time.

uvicorn takes these classes as its `http` and `ws` options. With its own, as under a plain
`uvicorn app:server`, a request may never end, up to 64 kB more are buffered per viewer, a viewer
may send without limit, and one that is cut but never reads again stays connected.

Undocumented parts of uvicorn used here (`uvicorn_server` lists those of `Server`):

- `HttpToolsProtocol`, its `on_…` methods, `url`, `headers`, `parser`, `_should_upgrade()` and
  `handle_websocket_upgrade()`: bounds on the head of a request. Without them, it is read as a
  whole before it can be refused.
- its `send_400_response()`, `pipeline`, `cycle`, `flow` and `_start_asgi_task()`: a refusal follows
  the responses to earlier requests. Without them, those responses would be aborted.
- its `logger`: a refusal is logged with the client and the reason. Without it, neither is.
- its `pause_writing()` and `resume_writing()`, `RequestResponseCycle.response_complete`,
  `more_body`, `keep_alive`, `disconnected` and `message_event`: a peer that does not read is cut,
  and its request handler is notified. Without them, the response stays in memory.
- `WebSocketsSansIOProtocol`, its `conn` and `app`: compression once for all viewers, and
  connections without the middleware stack. Without them, a viewer takes more memory.
- `scope["extensions"]` of its sockets, a dict of each: takes the list for a continuation. Without
  it, a viewer's request and middleware stay in memory.
- its `writable`: a frame is sent at once if nothing is unsent. Without it, a task of each viewer
  wakes up for each frame.
- its `handshake_complete`, `initial_response`, `request`, `response`, `disconnected`,
  `handle_parser_exception()` and `run_asgi()`: bounds on input and on closing time. Without
  them, a peer that never answers a handshake or a close stays connected.

Of `websockets`: `ServerProtocol.available_extensions`, `handshake_exc`, `fail()`, `extensions` and
`data_to_send()`, which uvicorn's `conn` has; `deflate` lists the others.
"""

import logging
from asyncio import BaseTransport, TimerHandle, Transport
from typing import Any, NoReturn, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from northstar.web.sockets.deflate import SharedDeflateFactory, serialized

# A viewer sends only pongs, of 10 bytes each.
MAX_MESSAGE_BYTES = 16_384
MAX_RECEIVED_BYTES, RECEIVED_BYTES_PER_S = 2 * MAX_MESSAGE_BYTES, 1024
POLICY_VIOLATION = 1008
# Node.js's default limit, and nginx's per address. A head is read several times before the viewer
# is known; at this size that takes up to 5 ms.
MAX_HEAD_BYTES = 16_384
MAX_ADDRESS_BYTES = 8192
# Handshake headers that `websockets` parses, slowly; a browser sends 100 bytes of them.
PARSED = {b"connection", b"upgrade", b"sec-websocket-extensions", b"sec-websocket-protocol"}
MAX_PARSED_BYTES = 1024
MAX_HEADERS = 128  # the limit of `websockets`; each takes far more memory than its bytes
# Requests that may wait while one is answered. Browsers do not pipeline, and a client that does
# retries unanswered requests on another connection (RFC 9112, 9.3.2).
MAX_PIPELINED = 8
REQUEST_S = 20.0  # time limit to receive a request with its body, and to answer a handshake
# A peer that reads less of a response than this in that time is cut. A phone at 20 kB/s that loads
# six files at once still reads three times as much of each. Progress is visible because the system
# buffers little of a response, see `listening.listener`.
UNREAD_S, READ_BYTES_PER_S = 20.0, 1024
# Time limit for a peer to read the rest and answer the close after the application has ended.
# Shorter than the time that a stopping server gives its connections.
CLOSE_S = 1.5

BAD_HANDSHAKE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
EXTENSIONS = [SharedDeflateFactory()]
# Our ASGI extension: a list for a callable that is called with `receive`, `send` and `send_now`
# after a socket's application has returned.
CONTINUATION = "northstar.continuation"

log = logging.getLogger(__name__)


class NamingClient(logging.LoggerAdapter[logging.Logger]):
    """Adds the client to uvicorn's warnings about a connection, and why we refused a request."""

    def __init__(self, logger: logging.Logger, request: "Request") -> None:
        super().__init__(logger)
        self._request = request

    @property
    def level(self) -> int:
        """The level of the logger, which uvicorn reads."""
        return self.logger.level

    def warning(self, msg: object, *_: object, **__: object) -> None:
        client, reason = self._request.client, self._request.refusal.removesuffix(".")
        sender = client[0] if client else "an unknown address"
        text = str(msg).removesuffix(".")
        self.logger.warning("%s from %s%s", text, sender, reason and f": {reason}")


class Request(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with bounds on what a peer sends and leaves unread."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast("Transport", transport))
        self.logger = NamingClient(self.logger, self)  # type: ignore[assignment] # as a logger
        # `pause_writing` is called as soon as any data is unsent, `resume_writing` when none is: a
        # response is not written while data of the previous one is unsent.
        self.transport.set_write_buffer_limits(high=0)
        self._head_bytes = 0  # size of the incoming request without its body
        self.refusal = ""  # why we refused a request, "" if it is invalid
        self._responding: RequestResponseCycle | None = None
        self._deadline: TimerHandle | None = None
        self._progress: TimerHandle | None = None
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_watching()
        # uvicorn tracks only the newest request, which may wait behind the one being answered.
        if self._responding and not self._responding.response_complete:
            self._responding.disconnected = True
            self._responding.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._wait()
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.refusal = "The request head is too large."
            self.logger.warning("Invalid HTTP request received.")
            self.send_400_response(self.refusal)

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MAX_PIPELINED:
            self._refuse("Too many pipelined requests.")
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Handle a header, or a trailer, which follows the body."""
        if len(self.headers) >= MAX_HEADERS:
            self._refuse("Too many headers.")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._check_head()
        if self.parser.should_upgrade() and self._should_upgrade():
            self._check_handshake()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head_bytes -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head_bytes = 0
        self._stop_waiting()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Answer earlier requests, then refuse this one and close."""
        if self._is_responding and not self.cycle.more_body:
            self.cycle.keep_alive = False
            self._stop_waiting()
            self.flow.resume_reading()  # otherwise the next response would resume it
            self.transport.pause_reading()
        else:
            super().send_400_response(self.refusal or msg)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        self._stop_watching()
        super().resume_writing()

    @property
    def _is_responding(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._responding = cycle
        super()._start_asgi_task(cycle, app)

    def _check_head(self) -> None:
        """Refuse a head that is too large, also if it arrived together with the data after it."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        parsed = sum(len(value) for name, value in self.headers if name in PARSED)
        if size > MAX_HEAD_BYTES or len(self.url) > MAX_ADDRESS_BYTES or parsed > MAX_PARSED_BYTES:
            self._refuse("The request head is too large.")

    def _check_handshake(self) -> None:
        headers = dict(self.headers)
        if b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0":
            self._refuse("A WebSocket handshake must not have a body.")
        # The socket would not learn that writing is paused, and would buffer all its frames.
        if self._is_responding or self.transport.get_write_buffer_size():
            self._refuse("A WebSocket handshake must follow the responses to earlier requests.")

    def _refuse(self, reason: str) -> NoReturn:
        """Stop the parser; uvicorn then calls `send_400_response`."""
        self.refusal = reason
        raise ValueError(reason)

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    def _watch(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        self._progress = self.loop.call_later(UNREAD_S, self._check_progress, unsent)

    def _check_progress(self, unsent_before: int) -> None:
        """Cut a peer that has read too little; nothing is written while data is unsent."""
        read = unsent_before - self.transport.get_write_buffer_size()
        if read < UNREAD_S * READ_BYTES_PER_S:
            log.info("closed the connection of %s: it does not read the response", self.client)
            self.transport.abort()
        else:
            self._watch()

    def _stop_watching(self) -> None:
        if self._progress:
            self._progress.cancel()
            self._progress = None


class Connection(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, with shared compression and bounds.

    The bounds are on unsent data, on input and on closing time.
    """

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.conn.available_extensions = EXTENSIONS
        self._application, self.app = self.app, self._serve
        # A send waits for the previous one to be written, so that at most one is buffered.
        self.transport.set_write_buffer_limits(high=0)
        self._made_at = self.loop.time()
        self._received_bytes = 0
        self._deadline = self.loop.call_later(REQUEST_S, self._give_up_handshake)

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Handle a peer's data within its allowance; beyond it, close the connection."""
        if self.handshake_complete:
            self._received_bytes += len(data)
            age_s = self.loop.time() - self._made_at
            if self._received_bytes > MAX_RECEIVED_BYTES + RECEIVED_BYTES_PER_S * age_s:
                self.conn.fail(POLICY_VIOLATION, "too much data received")
                self.handle_parser_exception()
                return
        super().data_received(data)
        if self.conn.handshake_exc and not self.transport.is_closing():
            self._refuse_handshake()

    def _refuse_handshake(self) -> None:
        """Answer a handshake that `websockets` rejects without an event for uvicorn."""
        self.transport.write(b"".join(self.conn.data_to_send()) or BAD_HANDSHAKE)
        self.transport.close()

    def _give_up_handshake(self) -> None:
        if not self.handshake_complete:
            self.transport.abort()

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Run the application, then the continuation it left for the rest of the connection.

        By then its middleware has returned and the request is freed, which saves about 15 kB per
        viewer. A refusal also ends the handshake, which uvicorn does not record.
        """
        continuations: list[Any] = []
        scope["extensions"][CONTINUATION] = continuations
        await self._application(scope, receive, send)
        self.handshake_complete |= self.initial_response is not None
        if continuations and self.handshake_complete:  # otherwise the viewer has disconnected
            scope.clear()
            self.request.headers.clear()
            self.response.headers.clear()
            await continuations.pop()(receive, send, self.send_now)

    def send_now(self, text: str) -> bool:
        """Send a text if all before it is sent; return whether it was."""
        is_open = self.conn.state is State.OPEN and not self.transport.is_closing()
        if not is_open or not self.writable.is_set():
            return False
        is_compressed = bool(self.conn.extensions)
        self.transport.write(serialized(text.encode(), is_compressed=is_compressed))
        return True

    async def run_asgi(self) -> None:
        """Run the application, then close the connection within `CLOSE_S`."""
        await super().run_asgi()
        if not self.disconnected:
            self.loop.call_later(CLOSE_S, self.transport.abort)
