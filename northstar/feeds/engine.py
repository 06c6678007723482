"""The Socket.IO library's client, made to keep to the limits of size and rate."""

import json

import aiohttp
import engineio
import socketio
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from engineio.payload import Payload
from socketio.packet import EVENT, Packet

from northstar.feeds.pace import Pace
from northstar.feeds.upstream import Deliver, too_large

# Between the packets in one answer to a poll. The library's own limit of 16 would end it after a
# burst; instead the whole may be so many times as large as a message.
SEPARATOR = b"\x1e"
Payload.max_decode_packets = 100_000
MESSAGES_IN_ANSWER = 64
# What reading a packet raises that makes no sense.
MALFORMED = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


class _Engine(engineio.AsyncClient):  # type: ignore[misc]  # comes without types
    """Takes a message in its turn, and none of more than `limit` bytes.

    Both ways of reading wait for what is done here, so that the rest waits at the server.
    """

    def __init__(self, *, limit: int, pace: Pace, **options: object) -> None:
        super().__init__(**options)
        self._limit = limit
        self._pace = pace
        self._size = 0

    async def _receive_packet(self, packet: EnginePacket) -> None:
        if packet.packet_type == MESSAGE:
            await self._pace.turn()
            # A message is a packet of text and the binary ones that follow it.
            self._size = len(packet.data) + (self._size if packet.binary else 0)
            if self._size > self._limit:
                raise too_large(self._limit)
        await super()._receive_packet(packet)


class Client(socketio.AsyncClient):  # type: ignore[misc]  # comes without types
    """The library's client within limits; it calls `stray` with a packet that makes no sense.

    Of an event it reads the name alone: a body is handed over letter for letter.
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
            self._stray(packet)

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


def poll_answer(limit: int) -> type[aiohttp.ClientResponse]:
    """Return the kind of answer that is not read on where a packet in it goes over the limit."""

    class Answer(aiohttp.ClientResponse):
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
            return bytes(body)

    return Answer


class _EventJson:
    """Reads an event's name and leaves its body as it is, for one reader to judge it."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> list[str]:
        try:
            event, end = json.JSONDecoder().raw_decode(text, len("["))
        except (ValueError, RecursionError):
            return ["", text]
        body = text[end:].lstrip(" ,").rstrip()[:-1]
        return [str(event), body or "null"]


class _EventPacket(Packet):  # type: ignore[misc]  # comes without types
    @property
    def json(self) -> object:
        return _EventJson if self.packet_type == EVENT else json
