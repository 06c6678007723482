"""Compress a WebSocket message once for all viewers (RFC 7692).

With context takeover, the default, each viewer's compressor keeps a history of 40 kB and compresses
every message again. Without it, the compressed bytes are the same for all viewers.

Undocumented parts of `websockets` used here: the parameters and window sizes of
`PerMessageDeflate`, `ServerPerMessageDeflateFactory.process_request_params()`, and
`Frame.serialize()`, which applies `Extension.encode()`. Without them, each frame is compressed and
serialized once per viewer.
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

WINDOW_BITS = 12  # every client allows it; the `websockets` client allows no more
MEMORY_LEVEL = 5  # 32 kB during compression instead of 150; a frame is 1 % larger
SMALLEST = 512  # bytes; a smaller text would hardly shrink
# The end of a sync flush, which RFC 7692 omits on the wire.
TAIL = b"\x00\x00\xff\xff"


class SharedDeflate(PerMessageDeflate):
    """Sends texts uncompressed, or compressed once for all viewers."""

    def encode(self, frame: Frame) -> Frame:
        if frame.opcode is not Opcode.TEXT or len(frame.data) < SMALLEST:
            return frame
        return Frame(frame.opcode, deflated(bytes(frame.data)), frame.fin, rsv1=True)


def _shared(remote_bits: int, local_bits: int) -> SharedDeflate:
    """Return the compression with windows of these sizes, without context takeover."""
    return SharedDeflate(
        remote_no_context_takeover=True,
        local_no_context_takeover=True,
        remote_max_window_bits=remote_bits,
        local_max_window_bits=local_bits,
    )


COMPRESSION = _shared(WINDOW_BITS, WINDOW_BITS)


class SharedDeflateFactory(ServerPerMessageDeflateFactory):
    """Negotiates compression without context takeover on either side."""

    def __init__(self) -> None:
        super().__init__(server_no_context_takeover=True, client_no_context_takeover=True)

    def process_request_params(
        self,
        params: Sequence[ExtensionParameter],
        accepted_extensions: Sequence[Extension],
    ) -> tuple[list[ExtensionParameter], PerMessageDeflate]:
        agreed, own = super().process_request_params(params, accepted_extensions)
        if own.local_max_window_bits < WINDOW_BITS:
            raise NegotiationError("the shared window is larger")
        return agreed, _shared(own.remote_max_window_bits, own.local_max_window_bits)


@lru_cache(maxsize=8)  # the last frames, in their forms, of each hub
def serialized(text: bytes, *, is_compressed: bool) -> bytes:
    """Return the bytes on the wire of a text, which are the same for all viewers."""
    extensions = [COMPRESSION] if is_compressed else []
    return Frame(Opcode.TEXT, text).serialize(mask=False, extensions=extensions)


@lru_cache(maxsize=4)  # the last frames, in both forms, and the snapshot in the guide's format
def deflated(text: bytes) -> bytes:
    """Return a text compressed; cached, which is fast for the same bytes object."""
    compressor = zlib.compressobj(wbits=-WINDOW_BITS, memLevel=MEMORY_LEVEL)
    data = compressor.compress(text) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return data.removesuffix(TAIL)
