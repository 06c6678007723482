"""Internals of engine.io and socket.io that northstar/feeds/engine.py uses, hook by hook."""

import asyncio
import inspect
from collections.abc import Callable
from typing import NamedTuple

import engineio
import pytest
import socketio
from engineio.packet import CLOSE, MESSAGE, NOOP, PING
from engineio.packet import Packet as EnginePacket
from engineio.payload import Payload
from socketio.packet import EVENT, Packet

ENGINE, CLIENT = engineio.AsyncClient, socketio.AsyncClient


@pytest.mark.parametrize(
    ("hook", "parameters"),
    [
        (ENGINE._send_request, ["method", "url"]),
        (ENGINE._receive_packet, ["pkt"]),
        (CLIENT._engineio_client_class, []),
        (CLIENT._handle_eio_message, ["data"]),
        (CLIENT._handle_event, ["namespace", "id", "data"]),
        (CLIENT._handle_disconnect, ["namespace"]),
        (CLIENT._handle_error, ["namespace", "data"]),
        (Packet.reconstruct_binary, ["data", "attachments"]),
    ],
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_method(hook: Callable[..., object], parameters: list[str]) -> None:
    """A method that we replace has the same parameters."""
    found = [name for name in inspect.signature(hook).parameters if name not in {"self", "cls"}]

    assert found[: len(parameters)] == parameters


@pytest.mark.parametrize(
    "name", ["http", "queue", "read_loop_task", "state", "write_loop_task", "ws"]
)
async def test_attribute_of_the_engine(name: str) -> None:
    """`engineio.AsyncClient` has an attribute that we read."""
    assert hasattr(ENGINE(), name)


@pytest.mark.parametrize(
    "name", ["_binary_packet", "connection_namespaces", "eio", "reserved_events"]
)
async def test_attribute_of_the_client(name: str) -> None:
    """`socketio.AsyncClient` has an attribute that we read."""
    client = CLIENT()

    assert hasattr(client, name)
    if name == "reserved_events":
        assert "disconnect" in client.reserved_events


@pytest.mark.parametrize(
    ("encoded", "kind", "binary", "data"),
    [
        ("1", CLOSE, False, ""),
        ("2", PING, False, ""),
        ("4text", MESSAGE, False, "text"),
        (b"bytes", MESSAGE, True, b"bytes"),
        ("6", NOOP, False, ""),
    ],
)
def test_packet(encoded: str | bytes, kind: int, *, binary: bool, data: str | bytes) -> None:
    """An `engineio.packet.Packet` has `packet_type`, `binary` and `data`."""
    packet = EnginePacket(encoded_packet=encoded)

    assert (packet.packet_type, packet.binary, packet.data or "") == (kind, binary, data)


async def test_method_that_is_called() -> None:
    """The library makes its `eio` by `_engineio_client_class` and calls `_handle_eio_message`."""

    class Engine(engineio.AsyncClient):  # type: ignore[misc]  # comes without types
        pass

    class Client(socketio.AsyncClient):  # type: ignore[misc]  # comes without types
        def _engineio_client_class(self) -> type[Engine]:
            return Engine

    client = Client()

    assert isinstance(client.eio, Engine)
    assert client.eio.handlers["message"] == client._handle_eio_message


def test_max_decode_packets() -> None:
    """An answer holds `Payload.max_decode_packets` packets, also for clients other than ours."""
    limit = Payload.max_decode_packets

    assert limit == 16, "the library's own: other clients of the process have it too"
    assert len(Payload(encoded_payload="\x1e".join(["4a"] * limit)).packets) == limit
    with pytest.raises(ValueError, match="Too many"):
        Payload(encoded_payload="\x1e".join(["4a"] * (limit + 1)))


async def test_send_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """`AsyncClient._send_request` fetches each answer, whose status and body are read."""
    bodies = [
        b'0{"sid":"x","upgrades":[],"pingInterval":9000,"pingTimeout":9000}',
        b"4a\x1e4b\x1e1",
    ]
    states: list[str] = []

    class Answer(NamedTuple):
        body: bytes
        status: int = 200

        async def read(self) -> bytes:
            return self.body

    async def send(client: engineio.AsyncClient, method: str, url: str, **_: object) -> Answer:
        assert url.startswith("http://test/")
        states.append(client.state)
        return Answer(bodies.pop(0)) if method == "GET" else Answer(b"ok")

    monkeypatch.setattr(ENGINE, "_send_request", send)
    heard: list[str] = []
    client = ENGINE(handle_sigint=False)
    client.on("message", heard.append)
    await client.connect("http://test", transports=["polling"])
    reading, writing = client.read_loop_task, client.write_loop_task
    await client.wait()

    assert heard == ["a", "b"]
    assert states[:2] == ["disconnected", "connected"]
    assert isinstance(reading, asyncio.Task)
    assert isinstance(writing, asyncio.Task)


def test_packet_json() -> None:
    """`Packet.json` decodes the content of a packet once its type is known."""
    read = []

    class Json:
        @staticmethod
        def loads(text: str) -> list[str]:
            read.append(text)
            return ["event"]

    class Own(Packet):  # type: ignore[misc]  # comes without types
        @property
        def json(self) -> type[Json]:
            assert self.packet_type == EVENT
            return Json

    assert Own(encoded_packet='2["a",1]').data == ["event"]
    assert read == ['["a",1]']
