"""The Socket.IO library's client, within limits of size and rate.

What we use of engine.io and socket.io beyond their documentation; nothing else does.

engine.io:
- `AsyncClient._send_request()`: notes an answer that we refuse. Without it, the reason would be
  lost, as the library takes it for a lost connection.
- `AsyncClient._receive_packet()` and `queue`: a packet waits for its turn, and is refused where it
  is too large. Without it, a source could send any amount, and pings fill the memory.
- `AsyncClient.read_loop_task`, `write_loop_task` and `ws`: whether and why reading has ended.
  Without them, a source that hangs up before its first word would be waited for.
- `Payload.max_decode_packets`: of a class, there being none of a client. Without it, a burst of
  more than 16 messages would end a connection by polling.

socket.io:
- `AsyncClient._engineio_client_class()`: the engine is ours.
- `AsyncClient._handle_eio_message()` and `_binary_packet`: a packet that makes no sense is counted.
  Without it, it would end the connection.
- `AsyncClient._handle_event()` and `reserved_events`: an event cannot pass for one of the library.
- `AsyncClient._handle_disconnect()`, `_handle_error()` and `connection_namespaces`: the end of a
  namespace ends no other.
- `Packet.json` and `Packet.reconstruct_binary()`: an event's body stays the text that it was.
  Without them, amounts would be read as binary floats.
"""

import asyncio
import json
from http import HTTPStatus

import aiohttp
import engineio
import msgspec
import socketio
from aiohttp import WSCloseCode
from aiohttp.connector import Connection
from engineio.packet import MESSAGE, PING
from engineio.packet import Packet as EnginePacket
from engineio.payload import Payload
from socketio.packet import BINARY_EVENT, EVENT, Packet

from northstar.errors import LinkError
from northstar.feeds.pace import Pace
from northstar.feeds.upstream import Answer, Deliver, refusal, too_large

# Between the packets in one answer to a poll. The library's own limit of 16 would end it after a
# burst; instead the whole may be so many times as large as a message.
SEPARATOR = b"\x1e"
Payload.max_decode_packets = 100_000
MESSAGES_IN_ANSWER = 64
# Packets that wait for the server to take them, above which a ping is not answered.
MAX_UNSENT = 16
# What reading a packet raises that makes no sense.
MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class _Engine(engineio.AsyncClient):  # type: ignore[misc]  # comes without types
    """Takes a packet in its turn, and no message of more than `limit` bytes.

    Both ways of reading wait for what is done here, so that the rest waits at the server. `refusal`
    is set where we refuse an answer of the server.
    """

    def __init__(self, *, limit: int, pace: Pace, **options: object) -> None:
        super().__init__(**options)
        self._limit = limit
        self._pace = pace
        self._size = 0
        self.refusal: asyncio.Future[LinkError] = asyncio.get_running_loop().create_future()

    async def _send_request(self, *request: object, **how: object) -> object:
        try:
            return await super()._send_request(*request, **how)
        except LinkError as error:
            if not self.refusal.done():
                self.refusal.set_result(error)
            raise

    async def _receive_packet(self, packet: EnginePacket) -> None:
        await self._pace.turn()
        if isinstance(packet.data, str | bytes):
            self._pace.charge(len(packet.data))
        if packet.packet_type == MESSAGE:
            # A message is a packet of text and the binary ones that follow it.
            self._size = len(packet.data) + (self._size if packet.binary else 0)
            if self._size > self._limit:
                raise too_large(self._limit)
        if packet.packet_type == PING and self.queue.qsize() >= MAX_UNSENT:
            return
        await super()._receive_packet(packet)

    @property
    def is_closed_for_size(self) -> bool:
        """Whether it was us who ended it, because of a message over the limit."""
        if self.ws and self.ws.close_code == WSCloseCode.MESSAGE_TOO_BIG:
            return True
        reading = self.read_loop_task
        return reading.done() and isinstance(reading.exception(), LinkError)

    async def stop(self) -> None:
        """End what it does in the background."""
        tasks = [task for task in (self.read_loop_task, self.write_loop_task) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Client(socketio.AsyncClient):  # type: ignore[misc]  # comes without types
    """The library's client within limits; the end of a namespace ends no other.

    It reads an event's name and passes on its first argument letter for letter. It calls `stray`
    with a packet that makes no sense, as text that is never an update.
    """

    def __init__(self, *, stray: Deliver, **options: object) -> None:
        super().__init__(serializer=_EventPacket, **options)
        self._stray = stray

    def _engineio_client_class(self) -> type[_Engine]:
        return _Engine

    async def _handle_eio_message(self, packet: bytes | str) -> None:
        try:
            await super()._handle_eio_message(packet)
        except MALFORMED:
            self._binary_packet = None  # its attachments may be what makes no sense
            self._stray(repr(packet))  # quoted: without an event's name it is no update

    async def _handle_event(self, namespace: str | None, number: int | None, event: object) -> None:
        match event:
            case [name, *_] if name in self.reserved_events:
                raise ValueError("an event with a name that the library keeps for its own")
        await super()._handle_event(namespace, number, event)

    async def _handle_disconnect(self, namespace: str | None) -> None:
        # The library would end the connection if no namespace has been joined yet.
        if self._joins(namespace):
            await super()._handle_disconnect(namespace)

    async def _handle_error(self, namespace: str | None, why: object) -> None:
        # The library takes a refusal of the default namespace for one of all.
        if self._joins(namespace):
            await super()._handle_error(namespace, why)

    def _joins(self, namespace: str | None) -> bool:
        return (namespace or "/") in self.connection_namespaces


def poll_answer(limit: int) -> type[Answer]:
    """Return the kind of answer that is not read on where a packet in it goes over the limit.

    An HTTP error that answers the first request raises `LinkError`: the library would keep back its
    status. A session that is open goes on without an upgrade that fails.
    """

    class PollAnswer(Answer):
        async def start(self, connection: Connection) -> aiohttp.ClientResponse:
            await super().start(connection)
            if self.status >= HTTPStatus.BAD_REQUEST and "sid" not in self.url.query:
                raise refusal(self.status, "Socket.IO")
            return self

        async def read(self) -> bytes:
            body = bytearray()
            packet_bytes = 0
            async for piece in self.content.iter_any():
                body += piece
                _, ended, begun = piece.rpartition(SEPARATOR)
                packet_bytes = len(begun) if ended else packet_bytes + len(piece)
                if packet_bytes > limit or len(body) > limit * MESSAGES_IN_ANSWER:
                    self.close()
                    raise too_large(limit)
            self._body = bytes(body)  # where `json` and `text` look for it
            return self._body

    return PollAnswer


class _Event(msgspec.Struct, array_like=True):
    """An event's name and the JSON text of its first argument; further arguments are skipped."""

    name: str
    body: msgspec.Raw = msgspec.Raw(b"null")


_EVENT = msgspec.json.Decoder(_Event)
# Reads what Python writes as JSON, such as NaN, to find where a value ends.
_LENIENT = json.JSONDecoder(parse_int=str, parse_float=str)


class _EventJson:
    """Reads an event's name and leaves its body as it is, for one reader to judge it."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> list[str]:
        try:
            event = _EVENT.decode(text)
        except msgspec.DecodeError:
            return _read_leniently(text)
        return [event.name, str(event.body, "utf-8")]


def _read_leniently(text: str) -> list[str]:
    name, end = _LENIENT.raw_decode(text, len("["))
    rest = text[end:].lstrip(" ,")
    _, end = _LENIENT.raw_decode(rest)
    return [name, rest[:end]]


class _EventPacket(Packet):  # type: ignore[misc]  # comes without types
    @property
    def json(self) -> object:
        return _EventJson if self.packet_type in {EVENT, BINARY_EVENT} else json

    @classmethod
    def reconstruct_binary(cls, data: list[str], attachments: list[bytes]) -> list[str | bytes]:
        """Return an event with its body if that is binary.

        Bytes inside a body stay the placeholder object that stands for them: they are no amount.
        """
        name, body = data
        match json.loads(body):
            case {"_placeholder": True, "num": int(number)}:
                return [name, attachments[number]]
        return [name, body]
