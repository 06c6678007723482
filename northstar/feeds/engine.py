"""The Socket.IO library's client, within limits of size and rate.

Undocumented parts of engine.io and socket.io used here, and by no other module:

engine.io:
- `AsyncClient._send_request()`, `http` and `state`: store the reason why a request failed or we
  refuse its response, which the library would report as a lost connection or in the words of
  aiohttp, and pass on a polling response in parts of at most
  `Payload.max_decode_packets`. Without them, a burst of more than 16 messages would end a polling
  connection.
- `AsyncClient._receive_packet()` and `queue`: limit the rate and size of packets. Without them, a
  source could send any amount of data, and queued pongs would fill the memory.
- `AsyncClient.read_loop_task`, `write_loop_task` and `ws`: whether and why reading ended.
  Without them, we would wait for a source that closes before its first packet.
- `packet` and its types, `Packet.packet_type`, `data` and `binary`: what a packet is. Without
  them, neither its size nor unexpected packets would be known.

socket.io:
- `AsyncClient._engineio_client_class()` and `eio`: select our engine, and give access to it.
- `AsyncClient._handle_eio_message()` and `_binary_packet`: count a malformed packet. Without them,
  it would end the connection.
- `AsyncClient._handle_event()` and `reserved_events`: refuse events with the library's own names.
- `AsyncClient._handle_disconnect()`, `_handle_error()` and `connection_namespaces`: keep the
  connection when another namespace ends.
- `Packet.json`, `packet_type` and `reconstruct_binary()`: leave the body of an event as text.
  Without them, amounts would be parsed as binary floats.
"""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NamedTuple

import aiohttp
import engineio
import msgspec
import socketio
from aiohttp import WSCloseCode
from engineio.packet import CLOSE, MESSAGE, NOOP, PING
from engineio.packet import Packet as EnginePacket
from engineio.payload import Payload
from socketio.packet import BINARY_EVENT, EVENT, Packet

from northstar.errors import LinkError
from northstar.feeds.pace import Pace
from northstar.feeds.refusal import MAX_BODY
from northstar.feeds.upstream import CLOSE_TIMEOUT_S, Answer, Deliver, Upstream, reason, too_large

# Separates the packets in a polling response.
SEPARATOR = b"\x1e"
# A polling response may be this many times the size of a message.
MESSAGES_IN_ANSWER = 64
# Pings are not answered while this many packets wait to be sent.
MAX_UNSENT = 16
# The confirmation of version 2, which has no session in it; and our message about that version.
CONNECT_2 = "0"
SOCKETIO_2 = "this is a Socket.IO 2 server: version 3 or newer is required"
# Time limit for the body of a refusal.
REASON_TIMEOUT_S = 2
CLOSE_S = 1.0  # time for a server to answer a close
# What a server sends; the library logs any other packet as an error.
EXPECTED = {CLOSE, PING, MESSAGE, NOOP}
# Exceptions that decoding a malformed packet raises.
MALFORMED = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


class _Part(NamedTuple):
    """Some packets of a polling response, in the form of a response."""

    body: bytes
    status: HTTPStatus = HTTPStatus.OK

    async def read(self) -> bytes:
        return self.body


class Engine(engineio.AsyncClient):  # type: ignore[misc]  # comes without types
    """Limits the rate of packets, and the size of messages to `limit` bytes.

    Both transports wait for `_receive_packet`, so a source that is too fast blocks on its own side.
    `refusal` is set when a request fails or we refuse its response.
    """

    def __init__(self, *, limit: int, pace: Pace, **options: object) -> None:
        super().__init__(**options)
        self._limit = limit
        self._pace = pace
        self._size = 0
        self._unread: deque[bytes] = deque()  # packets of the last polling response
        self.refusal: asyncio.Future[LinkError] = asyncio.get_running_loop().create_future()

    async def _send_request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: str | bytes | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 (the library's name)
    ) -> object:
        if method == "GET" and self._unread:
            return self._next_part()
        limits = aiohttp.ClientTimeout(total=timeout)
        try:
            answer = await self.http.request(
                method, url, headers=headers, data=body, timeout=limits
            )
        except LinkError as error:
            raise self.refuse(error) from error.__cause__
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self.refuse(LinkError(reason(error))) from error
        if method == "GET" and self.state == "connected" and getattr(answer, "ok", False):
            self._unread.extend((await answer.read()).split(SEPARATOR))
            return self._next_part()
        return answer

    def refuse(self, error: LinkError) -> LinkError:
        """Store the reason why the connection ends, unless there is one; return `error`."""
        if not self.refusal.done():
            self.refusal.set_result(error)
        return error

    def _next_part(self) -> _Part:
        count = min(len(self._unread), Payload.max_decode_packets)
        return _Part(SEPARATOR.join([self._unread.popleft() for _ in range(count)]))

    async def _receive_packet(self, packet: EnginePacket) -> None:
        await self._pace.wait()
        if isinstance(packet.data, str | bytes):
            self._pace.charge(len(packet.data))
        if packet.packet_type == MESSAGE:
            # A message is a text packet and the binary packets after it.
            self._size = len(packet.data) + (self._size if packet.binary else 0)
            if self._size > self._limit:
                raise too_large(self._limit)
        if packet.packet_type not in EXPECTED:
            return
        if packet.packet_type == PING and self.queue.qsize() >= MAX_UNSENT:
            return
        await super()._receive_packet(packet)

    async def wait_for(self, event: asyncio.Future[Any]) -> None:
        """Wait until `event` is done, or the connection has ended or was refused.

        It has ended too if nothing can be sent: a poll may wait for a server that has refused what
        we sent.
        """
        either = [event, self.read_loop_task, self.refusal]
        writing = self.write_loop_task
        if writing:
            await asyncio.wait([*either, writing], return_when=asyncio.FIRST_COMPLETED)
        limit_s = None if writing and not writing.done() else CLOSE_TIMEOUT_S
        await asyncio.wait(either, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)

    @property
    def is_closed_for_size(self) -> bool:
        """Whether we closed the connection because of a message over the limit."""
        if self.ws and self.ws.close_code == WSCloseCode.MESSAGE_TOO_BIG:
            return True
        reading = self.read_loop_task
        return reading.done() and isinstance(reading.exception(), LinkError)

    async def stop(self) -> None:
        """Cancel the background tasks, wait for them, and close the socket.

        The library leaves it open after a packet that it cannot decode.
        """
        tasks = [task for task in (self.read_loop_task, self.write_loop_task) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self.ws:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_S):
                    await self.ws.close()


class Client(socketio.AsyncClient):  # type: ignore[misc]  # comes without types
    """A client with limits, which stays connected when another namespace ends.

    It decodes the name of an event and passes on its first argument verbatim. It calls `stray` with
    a malformed packet, as text that is never a valid update.
    """

    def __init__(self, *, stray: Deliver, **options: object) -> None:
        super().__init__(serializer=_EventPacket, **options)
        self._stray = stray

    def _engineio_client_class(self) -> type[Engine]:
        return Engine

    @property
    def engine(self) -> Engine:
        """The engine of the connection."""
        engine: Engine = self.eio
        return engine

    async def _handle_eio_message(self, packet: bytes | str) -> None:
        if packet == CONNECT_2:
            self.engine.refuse(LinkError(SOCKETIO_2))
            return
        try:
            await super()._handle_eio_message(packet)
        except MALFORMED:
            self._binary_packet = None  # its attachments may be malformed
            self._stray(repr(packet))  # quoted, and without an event name: not a valid update

    async def _handle_event(self, namespace: str | None, number: int | None, event: object) -> None:
        match event:
            case [name, *_] if name in self.reserved_events:
                raise ValueError("an event with a name reserved by the library")
        await super()._handle_event(namespace, number, event)

    async def _handle_disconnect(self, namespace: str | None) -> None:
        # The library would close the connection if no namespace has been joined yet.
        if self._joins(namespace):
            await super()._handle_disconnect(namespace)

    async def _handle_error(self, namespace: str | None, why: object) -> None:
        # The library treats a refusal of the default namespace as a refusal of all.
        if self._joins(namespace):
            await super()._handle_error(namespace, why)

    def _joins(self, namespace: str | None) -> bool:
        return (namespace or "/") in self.connection_namespaces


def poll_answer(upstream: Upstream) -> type[Answer]:
    """Return a response class that stops reading at a packet larger than a message.

    An HTTP error in response to the first request raises `LinkError`, as the library would hide
    its status and reason. An open session continues if an upgrade fails.
    """
    limit = upstream.max_message_bytes

    class PollAnswer(Answer):
        async def check(self) -> None:
            if self.status >= HTTPStatus.BAD_REQUEST and "sid" not in self.url.query:
                body = await _start_of(self)
                raise upstream.refusal(self.status, self.headers, body, "Socket.IO")

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
            return self.hold(bytes(body))

    return PollAnswer


async def _start_of(answer: Answer) -> bytes:
    """Return the first bytes of a refusal, as far as they come soon."""
    with suppress(aiohttp.ClientError, TimeoutError):
        async with asyncio.timeout(REASON_TIMEOUT_S):
            return await answer.content.read(MAX_BODY)
    return b""


class _Event(msgspec.Struct, array_like=True):
    """An event's name and the JSON text of its first argument; other arguments are skipped."""

    name: str
    body: msgspec.Raw = msgspec.Raw(b"null")


_EVENT = msgspec.json.Decoder(_Event)
# Finds the end of a value in JSON as Python writes it, which may contain NaN.
_LENIENT = json.JSONDecoder(parse_int=str, parse_float=str)


class _EventJson:
    """Decodes an event's name and leaves its body as text, which `messages.decode` parses."""

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
        """Return an event, with the attachment as its body if the body is binary.

        Bytes inside a JSON body stay placeholder objects; they are never amounts.
        """
        name, body = data
        match json.loads(body):
            case {"_placeholder": True, "num": int(number)}:
                return [name, attachments[number]]
        return [name, body]
