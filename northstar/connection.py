"""One socket's connection below ASGI: it holds little, listens to little, and ends.

uvicorn takes such a class as its `ws`. With its own, as under a plain `uvicorn app:server`, up to
64 kB more may wait for each viewer, one that talks without end is heard out, and one that is cut
and never reads again stays connected.
"""

from asyncio import BaseTransport

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from northstar.deflate import SharedDeflateFactory

# A viewer has nothing to say but its answers to pings, of 10 bytes each.
MAX_MESSAGE_BYTES = 16_384
HEARD_BYTES, HEARD_BYTES_PER_S = 2 * MAX_MESSAGE_BYTES, 1024
POLICY_VIOLATION = 1008
# For a peer to read what is left and answer the close, once the application has ended. Shorter
# than the time that a stopping server gives its connections.
GOODBYE_S = 2.0

EXTENSIONS = [SharedDeflateFactory()]


class Connection(WebSocketsSansIOProtocol):
    """uvicorn's own, but compressing once for all, and with bounds.

    They are on what waits to be sent, on what is heard, and on its end.
    """

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.conn.available_extensions = EXTENSIONS
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

    async def run_asgi(self) -> None:
        """Run the application; some time after it, the connection is gone, read or not."""
        await super().run_asgi()
        if not self.disconnected:
            self.loop.call_later(GOODBYE_S, self.transport.abort)
