"""Compression on the sockets, shared by all viewers."""

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import NegotiationError
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
)
from websockets.frames import Frame, Opcode

from northstar.web.sockets.deflate import SMALLEST, SharedDeflate, SharedDeflateFactory, deflated
from support.dashboard import Dashboard

TEXT = b'{"revenue": 125450, "expenses": 48320}' * 100


def agree(**asked: bool | int) -> tuple[SharedDeflate, PerMessageDeflate]:
    """Return both ends of a connection after their negotiation."""
    client = ClientPerMessageDeflateFactory(**asked)  # type: ignore[arg-type]
    told, server = SharedDeflateFactory().process_request_params(client.get_request_params(), [])
    assert isinstance(server, SharedDeflate)
    return server, client.process_response_params(told, [])


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"client_max_window_bits": True},  # as browsers ask
        {"server_max_window_bits": 12, "client_max_window_bits": 12},  # as `websockets` does
        {"server_no_context_takeover": True, "client_no_context_takeover": True},
    ],
)
def test_text(asked: dict[str, bool | int]) -> None:
    """Every client can read the shared compressed texts one after the other."""
    server, client = agree(**asked)

    for text in (TEXT, TEXT[::-1], TEXT):
        sent = server.encode(Frame(Opcode.TEXT, text))
        assert len(sent.data) < len(text) / 4
        assert client.decode(sent).data == text


def test_what_a_client_says() -> None:
    """Compressed messages of a client are read."""
    server, client = agree()

    for _ in range(2):
        assert server.decode(client.encode(Frame(Opcode.TEXT, TEXT))).data == TEXT


@pytest.mark.parametrize(
    "frame",
    [
        Frame(Opcode.TEXT, TEXT[: SMALLEST - 1]),
        Frame(Opcode.PING, b"1234"),
        Frame(Opcode.CLOSE, b"\x03\xe8"),
    ],
)
def test_what_is_sent_as_it_is(frame: Frame) -> None:
    """Small messages and those that are not text are sent uncompressed."""
    server, _ = agree()

    assert server.encode(frame) is frame


def test_client_with_a_smaller_window() -> None:
    """A client with a smaller window than the shared one gets no compression."""
    with pytest.raises(NegotiationError):
        agree(server_max_window_bits=9)


def test_once_for_all() -> None:
    """A text is compressed for the first viewer and reused for the others."""
    deflated.cache_clear()
    servers = [agree()[0] for _ in range(50)]
    for server in servers:
        server.encode(Frame(Opcode.TEXT, TEXT))

    assert deflated.cache_info().misses == 1


async def test_viewers(demo: Dashboard) -> None:
    """Viewers with and without compression get the same frames."""
    address = f"ws://127.0.0.1:{demo.port}/view-stream"
    async with connect(address) as takes, connect(address, compression=None) as takes_not:
        assert [type(extension).__name__ for extension in takes.protocol.extensions] == [
            "PerMessageDeflate"
        ]
        assert takes_not.protocol.extensions == []
        seen = [{await socket.recv() for _ in range(3)} for socket in (takes, takes_not)]

    assert seen[0] & seen[1]
