"""Many viewers in one process, which record when each frame arrives.

A minimal WebSocket client on raw protocols, so that the server is measured and not the client. It
offers compression as browsers do, and caches inflated frames. `run_viewers` is the main function of
the process; commands and results are sent over a pipe.
"""

import asyncio
import base64
import os
import struct
import time
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing.connection import Connection
from typing import NamedTuple, cast

import uvloop

SENT = b'"sent_ms":'
MAX_CONCURRENT = 50  # handshakes
OPEN_S = 60
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
OPCODE, COMPRESSED = 0x0F, 0x40  # in a frame's first byte
SHORT, LONG = 126, 127  # length codes: the length follows in two or in eight bytes


@dataclass
class Notes:
    """Arrival times in ms of each frame, by the text behind `mark` in it.

    The text of `sent_ms` is the same for all viewers of a server.
    """

    mark: bytes = SENT
    arrivals: dict[bytes, "array[float]"] = field(default_factory=lambda: defaultdict(_doubles))
    size: int = 0  # of the newest frame on the wire, in bytes
    lost: int = 0

    def note(self, frame: bytes, *, compressed: bool) -> None:
        now_ms = time.monotonic() * 1000
        self.size = len(frame)
        if compressed:
            frame = inflated(frame)
        begin = frame.find(self.mark) + len(self.mark)
        self.arrivals[frame[begin : frame.index(b",", begin)]].append(now_ms)


@lru_cache(maxsize=8)
def inflated(frame: bytes) -> bytes:
    """Inflate a frame compressed without context takeover."""
    return zlib.decompress(frame + b"\x00\x00\xff\xff\x03\x00", wbits=-15)


def _doubles() -> "array[float]":
    return array("d")


class Viewer(asyncio.Protocol):
    """One connection: a handshake, then frames until it closes."""

    def __init__(self, path: str, notes: Notes, opened: "asyncio.Future[None]") -> None:
        self._path = path
        self._notes = notes
        self._opened = opened
        self._unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        key = base64.b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n".encode()
        )

    def data_received(self, received: bytes) -> None:
        unread = self._unread + received if self._unread else received
        if not self._opened.done():
            response, end, unread = unread.partition(b"\r\n\r\n")
            if not end:
                self._unread = response
                return
            self._open(response)
        read = 0
        for head, begin, read in _frames(unread):
            if head & OPCODE == TEXT:
                self._notes.note(unread[begin:read], compressed=bool(head & COMPRESSED))
            elif head & OPCODE == PING:
                self._pong(unread[begin:read])
        self._unread = unread[read:]

    def connection_lost(self, reason: Exception | None) -> None:
        self._notes.lost += 1
        if not self._opened.done():
            self._opened.set_exception(reason or ConnectionResetError("closed while opening"))

    def _open(self, answer: bytes) -> None:
        if b" 101 " not in answer.partition(b"\r\n")[0]:
            raise ConnectionRefusedError(answer.decode(errors="replace"))
        self._opened.set_result(None)

    def _pong(self, payload: bytes) -> None:
        """Send a pong; a mask of zeros is valid."""
        self._transport.write(bytes((0x80 | PONG, 0x80 | len(payload), 0, 0, 0, 0)) + payload)


def _frames(unread: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield the first byte, and the start and end of the content, of each complete frame."""
    at = 0
    while len(unread) - at >= 2:  # noqa: PLR2004 (the shortest head)
        length, begin = unread[at + 1], at + 2
        if length >= SHORT:
            width, form = (2, "!H") if length == SHORT else (8, "!Q")
            if len(unread) < begin + width:
                return
            (length,) = struct.unpack_from(form, unread, begin)
            begin += width
        end = begin + length
        if len(unread) < end:
            return
        yield unread[at], begin, end
        at = end


class Stream(NamedTuple):
    """What viewers open, and what identifies its frames."""

    port: int
    path: str
    mark: bytes = SENT


def run_viewers(stream: Stream, viewers: int, cores: set[int], pipe: Connection) -> None:
    """Open the viewers, then answer each command with the notes since the last one.

    Sends the notes once when all viewers are open. The command "end" closes them.
    """
    os.sched_setaffinity(0, cores)
    uvloop.run(_run_viewers(stream, viewers, pipe))


async def _run_viewers(stream: Stream, viewers: int, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    notes = Notes(stream.mark)
    limiter = asyncio.Semaphore(MAX_CONCURRENT)

    async def open_one() -> asyncio.BaseTransport:
        async with limiter, asyncio.timeout(OPEN_S):
            opened: asyncio.Future[None] = loop.create_future()
            transport, _ = await loop.create_connection(
                lambda: Viewer(stream.path, notes, opened), "127.0.0.1", stream.port
            )
            await opened
            return transport

    transports = await asyncio.gather(*(open_one() for _ in range(viewers)))
    pipe.send(notes)
    while await asyncio.to_thread(pipe.recv) != "end":
        pipe.send(notes)
        notes.arrivals.clear()
    for transport in transports:
        transport.abort()  # type: ignore[attr-defined]
