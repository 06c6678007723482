"""Connections below ASGI, of requests and of sockets: they hold little, hear little, and end.

uvicorn takes such classes as its `http` and `ws`. With its own, as under a plain
`uvicorn app:server`, a request may begin and never end, and up to 64 kB more may wait for each
viewer; one that talks without end is heard out, and one that is cut and never reads again stays.
"""

from asyncio import BaseTransport, TimerHandle, Transport
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from northstar.deflate import SharedDeflateFactory

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
REQUEST_S = 20.0  # for a request to come in whole, its body included
# For a peer to read what is left and answer the close, once the application has ended. Shorter
# than the time that a stopping server gives its connections.
GOODBYE_S = 2.0

EXTENSIONS = [SharedDeflateFactory()]
# Ours, of ASGI: a list for a callable that is called with `receive` and `send` once a socket's
# application has returned.
STAY = "northstar.stay"


class Request(HttpToolsProtocol):
    """uvicorn's own, with bounds on a request's head and on how long it may take to come in."""

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(cast("Transport", transport))
        self._in_head, self._head_bytes = True, 0
        self._patience: TimerHandle | None = None
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._wait()
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self.send_400_response("The head of the request is too large.")

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._check_head()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head, self._head_bytes = True, 0
        self._stop_waiting()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def _check_head(self) -> None:
        """Refuse a head that is too large, also where it came in at once with what follows it.

        The parser stops at what is raised here, and uvicorn answers 400.
        """
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        parsed = sum(len(value) for name, value in self.headers if name in PARSED)
        if size > MAX_HEAD_BYTES or len(self.url) > MAX_ADDRESS_BYTES or parsed > MAX_PARSED_BYTES:
            raise ValueError("the head of the request is too large")

    def _wait(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(REQUEST_S, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience:
            self._patience.cancel()
            self._patience = None


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
