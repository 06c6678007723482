"""uvicorn protocols that bound buffering, input size and closing time.

uvicorn takes such classes as its `http` and `ws`. With its own, as under a plain
`uvicorn app:server`, a request may begin and never end, and up to 64 kB more may wait for each
viewer; one that talks without end is heard out, and one that is cut and never reads again stays.

What we use of uvicorn beyond its documentation; only `uvicorn_server`, for `Server`, does else.

- `HttpToolsProtocol`, its `on_…` methods, `url`, `headers`, `parser`, `_should_upgrade()` and
  `handle_websocket_upgrade()`: bounds on the head of a request. Without them, it is read whole
  before anything refuses it.
- its `send_400_response()`, `pipeline`, `cycle`, `flow` and `_start_asgi_task()`: a refusal comes
  after the answers to earlier requests. Without them, these would be broken off.
- its `pause_writing()` and `resume_writing()`, `RequestResponseCycle.response_complete`,
  `more_body`, `keep_alive`, `disconnected` and `message_event`: a peer that does not read is cut,
  and whoever answers it learns so. Without them, the answer stays in memory.
- `WebSocketsSansIOProtocol`, its `conn` and `app`: compression done once for all, and a viewer that
  stays without the layers around it. Without them, a viewer takes more memory.
- its `handshake_complete`, `initial_response`, `request`, `response`, `disconnected`,
  `handle_parser_exception()` and `run_asgi()`: bounds on what is heard and on the end. Without
  them, a peer that never answers a handshake or a close stays connected.

Of `websockets`: `ServerProtocol.available_extensions`, `handshake_exc`, `fail()` and
`data_to_send()`, which uvicorn's `conn` has; `deflate` has the rest.
"""

import logging
from asyncio import BaseTransport, TimerHandle, Transport
from typing import Any, NoReturn, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from northstar.web.sockets.deflate import SharedDeflateFactory

# A viewer has nothing to say but its answers to pings, of 10 bytes each.
MAX_MESSAGE_BYTES = 16_384
HEARD_BYTES, HEARD_BYTES_PER_S = 2 * MAX_MESSAGE_BYTES, 1024
POLICY_VIOLATION = 1008
# As much as Node.js takes by default, and nginx of an address. A head is read several times before
# it is known who asks; at this size that takes up to 5 ms.
MAX_HEAD_BYTES = 16_384
MAX_ADDRESS_BYTES = 8192
# What `websockets` parses of a handshake, which is slower; a browser sends 100 bytes of it.
PARSED = {b"connection", b"upgrade", b"sec-websocket-extensions", b"sec-websocket-protocol"}
MAX_PARSED_BYTES = 1024
MAX_HEADERS = 128  # as many as `websockets` takes; each costs far more memory than bytes sent
# Requests that may wait while one is answered. Browsers send none ahead, and a client that does
# sends again, on another connection, what was not answered on a closed one (RFC 9112, 9.3.2).
MAX_PIPELINED = 8
REQUEST_S = 20.0  # for a request to come in whole, its body included; for a handshake's answer
# A peer that reads less of an answer than this in that time is cut. A phone at 20 kB/s that loads
# six files at once still reads three times as much of each. It is seen to read as the system holds
# little of an answer by itself, see `serving.listener`.
UNREAD_S, READ_BYTES_PER_S = 20.0, 1024
# For a peer to read what is left and answer the close, once the application has ended. Shorter
# than the time that a stopping server gives its connections.
GOODBYE_S = 2.0

BAD_HANDSHAKE = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
EXTENSIONS = [SharedDeflateFactory()]
# Ours, of ASGI: a list for a callable that is called with `receive` and `send` once a socket's
# application has returned.
STAY = "northstar.stay"

log = logging.getLogger(__name__)


class Request(HttpToolsProtocol):
    """uvicorn's HTTP protocol, with bounds on what a peer sends and on what it leaves unread."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast("Transport", transport))
        # `pause_writing` is called as soon as anything is left unsent, `resume_writing` once
        # nothing is: no answer is written while there is something left of the one before.
        self.transport.set_write_buffer_limits(high=0)
        self._head_bytes = 0  # of the request that is coming in: all but its body
        self._refusal = ""
        self._answered: RequestResponseCycle | None = None
        self._patience: TimerHandle | None = None
        self._progress: TimerHandle | None = None
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._stop_watching()
        # uvicorn knows the newest request only, which may still wait behind the one being answered.
        if self._answered and not self._answered.response_complete:
            self._answered.disconnected = True
            self._answered.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._wait()
        self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MAX_PIPELINED:
            self._refuse("Too many requests at once.")
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or a trailer, which comes after the body."""
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
        """Refuse what was sent and close; first, the requests before it are answered."""
        if self._is_answering and not self.cycle.more_body:
            self.cycle.keep_alive = False
            self._stop_waiting()
            self.flow.resume_reading()  # else it would be resumed after the next answer
            self.transport.pause_reading()
        else:
            super().send_400_response(self._refusal or msg)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        self._stop_watching()
        super().resume_writing()

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def _check_head(self) -> None:
        """Refuse a head that is too large, also where it came in at once with what follows it."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        parsed = sum(len(value) for name, value in self.headers if name in PARSED)
        if size > MAX_HEAD_BYTES or len(self.url) > MAX_ADDRESS_BYTES or parsed > MAX_PARSED_BYTES:
            self._refuse("The head of the request is too large.")

    def _check_handshake(self) -> None:
        headers = dict(self.headers)
        if b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0":
            self._refuse("A WebSocket handshake has no body.")
        # The socket would not be told that writing is paused, and all its frames would be buffered.
        if self._is_answering or self.transport.get_write_buffer_size():
            self._refuse("A WebSocket handshake comes after the answers to earlier requests.")

    def _refuse(self, reason: str) -> NoReturn:
        """Stop the parser, upon which uvicorn calls `send_400_response`."""
        self._refusal = reason
        raise ValueError(reason)

    def _wait(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(REQUEST_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience:
            self._patience.cancel()
            self._patience = None

    def _watch(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        self._progress = self.loop.call_later(UNREAD_S, self._check_progress, unsent)

    def _check_progress(self, unsent_before: int) -> None:
        """Cut a peer that has read too little; nothing is added while something is unsent."""
        read = unsent_before - self.transport.get_write_buffer_size()
        if read < UNREAD_S * READ_BYTES_PER_S:
            log.info("closed the connection of %s: it does not read its answer", self.client)
            self.transport.abort()
        else:
            self._watch()

    def _stop_watching(self) -> None:
        if self._progress:
            self._progress.cancel()
            self._progress = None


class Connection(WebSocketsSansIOProtocol):
    """uvicorn's own, but compressing once for all, and with bounds.

    They are on what waits to be sent, on what is heard, and on its end.
    """

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.conn.available_extensions = EXTENSIONS
        self._application, self.app = self.app, self._serve
        # A send waits while anything is left of the one before, so that no more than one waits.
        self.transport.set_write_buffer_limits(high=0)
        self._made_at = self.loop.time()
        self._heard_bytes = 0
        self._patience = self.loop.call_later(REQUEST_S, self._give_up_handshake)

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Hear a peer out within its allowance; then close, whatever it was that it sent."""
        if self.handshake_complete:
            self._heard_bytes += len(data)
            age_s = self.loop.time() - self._made_at
            if self._heard_bytes > HEARD_BYTES + HEARD_BYTES_PER_S * age_s:
                self.conn.fail(POLICY_VIOLATION, "too much said: viewers only listen")
                self.handle_parser_exception()
                return
        super().data_received(data)
        if self.conn.handshake_exc and not self.transport.is_closing():
            self._refuse_handshake()

    def _refuse_handshake(self) -> None:
        """Answer a handshake that `websockets` does not take, and of which uvicorn is not told."""
        self.transport.write(b"".join(self.conn.data_to_send()) or BAD_HANDSHAKE)
        self.transport.close()

    def _give_up_handshake(self) -> None:
        if not self.handshake_complete:
            self.transport.abort()

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Run the application, and then what it wants to have run for as long as the viewer stays.

        By then its layers have returned, and the request is forgotten: a viewer takes some 15 kB
        less. A refusal ends the handshake, too, which uvicorn does not note.
        """
        staying: list[Any] = []
        scope["extensions"][STAY] = staying
        await self._application(scope, receive, send)
        self.handshake_complete |= self.initial_response is not None
        if staying and self.handshake_complete:  # else it has left meanwhile
            scope.clear()
            self.request.headers.clear()
            self.response.headers.clear()
            await staying.pop()(receive, send)

    async def run_asgi(self) -> None:
        """Run the application; some time after it, the connection is gone, read or not."""
        await super().run_asgi()
        if not self.disconnected:
            self.loop.call_later(GOODBYE_S, self.transport.abort)
