"""Internals of websockets that northstar/web/sockets and the feed use, hook by hook."""

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.extensions.base import Extension
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Close, Frame, Opcode
from websockets.server import ServerProtocol


@pytest.mark.parametrize("name", ["available_extensions", "extensions", "handshake_exc"])
def test_attribute_of_a_connection(name: str) -> None:
    """`ServerProtocol` has an attribute that we read or set."""
    assert hasattr(ServerProtocol(), name)


@pytest.mark.parametrize("name", ["fail", "data_to_send"])
def test_method_of_a_connection(name: str) -> None:
    """`ServerProtocol` has a method that we call."""
    assert callable(getattr(ServerProtocol, name, None))


def test_process_request_params() -> None:
    """`process_request_params` returns the agreed parameters and an extension with its windows."""
    factory = ServerPerMessageDeflateFactory(
        server_no_context_takeover=True, client_no_context_takeover=True
    )
    asked = [("server_max_window_bits", "12"), ("client_max_window_bits", None)]

    _, agreed = factory.process_request_params(asked, [])

    assert isinstance(agreed, PerMessageDeflate)
    assert agreed.local_max_window_bits == 12
    assert agreed.local_no_context_takeover
    assert agreed.remote_no_context_takeover
    assert agreed.remote_max_window_bits


def test_per_message_deflate() -> None:
    """`PerMessageDeflate` takes each of its parameters by the name of an attribute."""
    given = {
        "remote_no_context_takeover": True,
        "local_no_context_takeover": False,
        "remote_max_window_bits": 12,
        "local_max_window_bits": 13,
    }
    extension = PerMessageDeflate(**given)  # type: ignore[arg-type]

    assert {name: getattr(extension, name) for name in given} == given


def test_serialize() -> None:
    """`Frame.serialize` returns the bytes of what `Extension.encode` of each extension returns."""

    class Capitals(Extension):
        def encode(self, frame: Frame) -> Frame:
            return Frame(frame.opcode, bytes(frame.data).upper(), frame.fin, rsv1=True)

    frame = Frame(Opcode.TEXT, b"text")

    assert frame.serialize(mask=False, extensions=[]) == b"\x81\x04text"
    assert frame.serialize(mask=False, extensions=[Capitals()]) == b"\xc1\x04TEXT"


async def test_client_connection() -> None:
    """A `ClientConnection` accepts data in any pieces and passes each frame to `process_event`."""
    frames: list[object] = []
    read: list[int] = []

    class Own(ClientConnection, asyncio.BufferedProtocol):
        def get_buffer(self, _: int) -> bytearray:
            self.buffer = bytearray(8)
            return self.buffer

        def buffer_updated(self, count: int) -> None:
            read.append(count)
            self.data_received(bytes(self.buffer[:count]))

        def process_event(self, event: Any) -> None:
            super().process_event(event)
            frames.append(getattr(event, "opcode", None))
            if frames[-1] is Opcode.PING:
                self.protocol.fail(1008, "no pings")
                self.send_data()
                self.transport.abort()

    async def ping(client: ServerConnection) -> None:
        await client.send("a text of more than one piece")
        await client.ping()
        await client.wait_closed()

    async with serve(ping, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", create_connection=Own) as client:
            assert await client.recv() == "a text of more than one piece"
            with pytest.raises(ConnectionClosed) as closed:
                await client.recv()

    assert frames == [None, Opcode.TEXT, Opcode.PING]
    assert max(read) == 8
    assert closed.value.sent == Close(1008, "no pings")
