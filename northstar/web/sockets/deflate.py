"""Compress a WebSocket message once for all viewers (RFC 7692).

As it is usually done, each viewer's compressor remembers what that viewer was sent before: 40 kB
for each, and the whole work anew. Without that memory the bytes are the same for everybody.

What we use of `websockets` beyond its documentation: the parameters and window sizes of
`PerMessageDeflate`, and `ServerPerMessageDeflateFactory.process_request_params()`. Without them,
each viewer's frames are compressed for it alone.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache

from websockets.exceptions import NegotiationError
from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Frame, Opcode
from websockets.typing import ExtensionParameter

WINDOW_BITS = 12  # what every client allows, the one of `websockets` no more than that
MEMORY_LEVEL = 5  # 32 kB for as long as it takes, not 150; a frame gets a hundredth larger
SMALLEST = 1024  # bytes; a heartbeat has less, and fits into one packet as it is
# What ends a piece in deflate's own format, and is left out on the wire.
TAIL = b"\x00\x00\xff\xff"


class SharedDeflate(PerMessageDeflate):
    """Sends texts as they are, or compressed for everybody."""

    def encode(self, frame: Frame) -> Frame:
        if frame.opcode is not Opcode.TEXT or len(frame.data) < SMALLEST:
            return frame
        return Frame(frame.opcode, deflated(bytes(frame.data)), frame.fin, rsv1=True)


class SharedDeflateFactory(ServerPerMessageDeflateFactory):
    """Agrees with each client on compression in which neither side remembers anything."""

    def __init__(self) -> None:
        super().__init__(server_no_context_takeover=True, client_no_context_takeover=True)

    def process_request_params(
        self,
        params: Sequence[ExtensionParameter],
        accepted_extensions: Sequence[Extension],
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        agreed, own = super().process_request_params(params, accepted_extensions)
        if own.local_max_window_bits < WINDOW_BITS:
            raise NegotiationError("the window of all others is larger")
        shared = SharedDeflate(
            remote_no_context_takeover=True,
            local_no_context_takeover=True,
            remote_max_window_bits=own.remote_max_window_bits,
            local_max_window_bits=own.local_max_window_bits,
        )
        return agreed, shared


@lru_cache(maxsize=2)  # the present frame, and the state in the guide's format
def deflated(text: bytes) -> bytes:
    """Return a text compressed; the same bytes object is looked up in no time."""
    compressor = zlib.compressobj(wbits=-WINDOW_BITS, memLevel=MEMORY_LEVEL)
    data = compressor.compress(text) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return data.removesuffix(TAIL)
