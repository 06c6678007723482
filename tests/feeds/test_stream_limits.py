"""Limits on a stream: the size of its messages and their rate."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeAlias

import pytest
from aiohttp import web
from engineio.packet import PING, Packet
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection, serve
from websockets.sync.client import connect

from northstar.domain.freshness import LinkState
from northstar.feeds.engine import MAX_UNSENT, Client
from northstar.feeds.pace import BURST_S, UNIT_BYTES, Pace
from northstar.feeds.websocket import HEARTBEATS, READ_BYTES
from support import guide
from support.dashboard import dashboard
from support.frames import Reader as FrameReader
from support.frames import shown_revenue
from support.sources import Stream
from support.upstreams import Reader, SocketServer, answering, reading, socketio_server
from support.waiting import SLOWNESS, eventually, until

KB = 1024
LIMIT_KB = 8
LIMIT = LIMIT_KB * KB
TOO_LARGE = f"message larger than {LIMIT_KB} kB"
GB_FRAME = b"\x81\x7f" + (1 << 30).to_bytes(8)  # the head of a text message of a gigabyte
FLOOD = 600
RATE = 200

Send: TypeAlias = Callable[[str], Awaitable[None]]
Serve: TypeAlias = Callable[[], AbstractAsyncContextManager[tuple[str, Send]]]


@asynccontextmanager
async def plain() -> AsyncIterator[tuple[str, Send]]:
    """Serve a plain WebSocket stream; return its URL and a function that sends on it."""
    clients: set[ServerConnection] = set()

    async def welcome(client: ServerConnection) -> None:
        clients.add(client)
        await client.wait_closed()
        clients.discard(client)

    async def send(text: str) -> None:
        for client in list(clients):
            await client.send(text)

    async with serve(welcome, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", send


def socketio(*transports: str) -> Serve:
    """Return a context that serves a Socket.IO stream with these transports in the same way."""

    @asynccontextmanager
    async def serving() -> AsyncIterator[tuple[str, Send]]:
        async with socketio_server(transports=list(transports)) as server:
            yield server.url, server.send_event

    return serving


each_protocol = pytest.mark.parametrize(
    "protocol",
    [plain, socketio("websocket"), socketio("polling", "websocket"), socketio("polling")],
    ids=["plain", "websocket", "upgraded", "polling"],
)


@pytest.mark.usefixtures("brief_wait")
@each_protocol
async def test_message_over_the_size(protocol: Serve) -> None:
    """A message over the limit is refused and reported; later messages are shown."""
    problems = []
    async with protocol() as (url, send), reading(url, max_message_bytes=LIMIT) as reader:
        reader.link.changed.subscribe(lambda: problems.append(reader.link.problem))
        await eventually(lambda: reader.is_open)
        await send(guide.text(revenue=1))
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        await send(guide.text(revenue=2, note="x" * LIMIT))
        await eventually(lambda: reader.link.reconnects == 1 and reader.is_open)
        assert reader.ledger.snapshot is not None
        assert reader.ledger.snapshot.revenue == 1
        assert TOO_LARGE in problems

        await send(guide.text(revenue=3))
        await eventually(lambda: reader.ledger.tally.accepted == 2)
        assert reader.link.reconnects == 1


@each_protocol
async def test_message_of_the_size(protocol: Serve) -> None:
    """A message just below the limit is accepted."""
    large = guide.text(note="x" * (LIMIT - len(guide.text()) - 100))
    async with protocol() as (url, send), reading(url, max_message_bytes=LIMIT) as reader:
        await eventually(lambda: reader.is_open)
        for _ in range(20):
            await send(large)
        await eventually(lambda: reader.ledger.tally.accepted == 20)

        assert reader.link.reconnects == 0


async def never_end(request: web.Request) -> web.StreamResponse:
    """Serve Socket.IO with an endless answer to the second poll."""
    if "sid" not in request.query:
        opening = {"sid": "x", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000}
        return web.Response(text=f"0{json.dumps(opening)}")
    if request.method == "POST":
        return web.Response(text="ok")
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b'40{"sid":"y"}\x1e42["pnl-update","')
    while True:
        await answer.write(b"x" * KB)


async def announce(client: ServerConnection) -> None:
    """Send the start of a message of a gigabyte and nothing more."""
    client.transport.write(GB_FRAME)
    await client.wait_closed()


async def announce_in_socketio(request: web.Request) -> web.StreamResponse:
    """Serve Socket.IO with the start of such a message on a WebSocket."""
    if "Upgrade" not in request.headers:
        return web.Response(status=400, text='{"code":0,"message":"Transport unknown"}')
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}')
    await socket.send_str('40{"sid":"y"}')
    assert request.transport
    request.transport.write(GB_FRAME)
    await socket.receive()
    return socket


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("answer", [never_end, announce_in_socketio])
async def test_message_without_an_end(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> None:
    """A message is refused as soon as its size is known, before it has arrived."""
    async with (
        answering(answer) as port,
        reading(f"ws://127.0.0.1:{port}", max_message_bytes=LIMIT) as reader,
    ):
        await eventually(lambda: reader.problem == TOO_LARGE)


@pytest.mark.usefixtures("long_wait")
async def test_plain_message_without_an_end() -> None:
    """The same is true of a plain stream."""
    async with serve(announce, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with reading(f"ws://127.0.0.1:{port}", max_message_bytes=LIMIT) as reader:
            await eventually(lambda: reader.problem == TOO_LARGE)


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_message_in_parts(transport: str) -> None:
    """The parts of a binary event count together, because they are stored until the last one."""
    async with (
        socketio_server(transports=[transport]) as server,
        reading(server.url, max_message_bytes=LIMIT) as reader,
    ):
        await eventually(lambda: reader.is_open)
        await emit_parts(server, count=3, size=LIMIT // 4)
        await eventually(lambda: reader.received)
        await emit_parts(server, count=5, size=LIMIT // 4)
        await eventually(lambda: reader.problem == TOO_LARGE)


async def emit_parts(server: SocketServer, count: int, size: int) -> None:
    """Send an event with this many parts of this many bytes."""
    await server.io.emit("pnl-update", [b"x" * size] * count)


def taken(reader: Reader) -> list[int]:
    """Return the received revenues; each is the number of its message in the flood."""
    return [int(json.loads(text)["revenue"]) for text in map(unwrapped, reader.received)]


def unwrapped(raw: bytes | str) -> str:
    """Return the body of a message that may be in an envelope."""
    told = json.loads(raw)
    return json.dumps(told.get("data", told))


@each_protocol
async def test_flood(protocol: Serve) -> None:
    """A flood is taken no faster than the rate, and all of it arrives in order."""
    loop = asyncio.get_running_loop()
    async with protocol() as (url, send), reading(url, max_rate=RATE) as reader:
        await eventually(lambda: reader.is_open)
        started = loop.time()
        flood = asyncio.create_task(flooding(send))
        while len(reader.received) < FLOOD:
            assert len(reader.received) <= RATE * (loop.time() - started + 2 * BURST_S)
            assert loop.time() - started < 20, "it all arrives"
            await asyncio.sleep(BURST_S)
        await flood

        assert taken(reader) == list(range(FLOOD))
        assert reader.ledger.snapshot is not None
        assert reader.ledger.snapshot.revenue == FLOOD - 1
        assert reader.link.state is LinkState.OPEN
        assert reader.link.reconnects == 0


async def flooding(send: Send) -> None:
    """Send as fast as the other side reads, and slightly more."""
    for revenue in range(FLOOD):
        await send(guide.text(revenue=revenue))


@each_protocol
async def test_flood_of_large_messages(protocol: Serve) -> None:
    """A message of ten turns takes as long as ten small ones; all arrive in order."""
    count, large = FLOOD // 10, "x" * (9 * UNIT_BYTES)
    loop = asyncio.get_running_loop()
    async with protocol() as (url, send), reading(url, max_rate=RATE) as reader:
        await eventually(lambda: reader.is_open)
        started = loop.time()
        for revenue in range(count):
            await send(guide.text(revenue=revenue, note=large))
        await eventually(lambda: len(reader.received) == count)

        assert loop.time() - started >= (FLOOD - 10) / RATE - 2 * BURST_S
        assert taken(reader) == list(range(count))


async def test_ping_behind_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source whose pong waits behind its messages is not considered dead."""
    monkeypatch.setattr("northstar.feeds.websocket.PING_INTERVAL_S", 0.2)
    async with plain() as (url, send), reading(url, max_rate=RATE) as reader:
        await eventually(lambda: reader.is_open)
        await flooding(send)
        await eventually(lambda: len(reader.received) == FLOOD)

        assert reader.link.reconnects == 0


async def test_pings_without_an_end() -> None:
    """Only a few pongs wait for a server that does not read them."""
    client = Client(stray=lambda _: None, limit=1 << 20, pace=Pace(1e6), handle_sigint=False)
    engine = client.engine
    engine.state = "connected"  # and nothing is sent
    for _ in range(10 * MAX_UNSENT):
        await engine._receive_packet(Packet(PING))

    assert engine.queue.qsize() == MAX_UNSENT


RECEIVE = ClientConnection.data_received
PINGS = b"\x89\x00" * 128 * KB  # as much as is read at once by default
PONGS = b"\x8a\x00" * 128 * KB


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("pings", [PINGS, PONGS], ids=["pings", "pongs"])
async def test_pings_without_an_end_on_a_plain_stream(
    pings: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many pings do not block the event loop, and a source that continues is disconnected."""
    turn = 0
    read: Counter[int] = Counter()

    def note(connection: ClientConnection, data: bytes) -> None:
        read[turn] += len(data)
        RECEIVE(connection, data)

    async def flood(client: ServerConnection) -> None:
        await client.send(guide.text())
        while not client.transport.is_closing():
            client.transport.write(pings)
            await asyncio.sleep(0.01)

    monkeypatch.setattr(ClientConnection, "data_received", note)
    async with (
        serve(flood, "127.0.0.1", 0) as server,
        reading(f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}") as reader,
    ):
        deadline = asyncio.get_running_loop().time() + 10 * SLOWNESS
        while not reader.problem:
            assert asyncio.get_running_loop().time() < deadline
            turn += 1
            await asyncio.sleep(0)

        assert reader.problem == "connection closed (1008 too many pings)"
        assert len(reader.received) == 1
        assert max(read.values()) <= READ_BYTES


async def test_pings_of_an_ordinary_stream() -> None:
    """A source with occasional pings is answered and stays connected."""
    async with serve(ping_often, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        async with reading(f"ws://127.0.0.1:{port}") as reader:
            await eventually(lambda: len(reader.received) == HEARTBEATS)

            assert reader.link.state is LinkState.OPEN


async def ping_often(client: ServerConnection) -> None:
    """Send a message after each answered ping."""
    for _ in range(HEARTBEATS):
        await (await client.ping())
        await client.send(guide.text())
    await client.wait_closed()


def test_viewers_during_a_flood(source: Stream, free_port: int) -> None:
    """Frames continue and the server answers; messages that waited have their real age."""
    frames: list[dict[str, Any]] = []
    arguments = ("--ws-url", source.url, "--max-rate", str(RATE), "--max-fps", "10")
    with dashboard(free_port, *arguments) as server:
        until(lambda: source.clients, what="the dashboard reads")
        with connect(server.url.replace("http", "ws") + "/view-stream") as viewer:
            for revenue in range(FLOOD):
                moment = datetime.now(UTC).isoformat()
                source.send(guide.text(revenue=revenue, timestamp=moment))
            reader = FrameReader()
            while not (frames and shown_revenue(frames[-1]) == f"${FLOOD - 1}.00"):
                frames.append(reader.read(viewer.recv(timeout=5 * SLOWNESS)))
                assert server.get("/healthz")

    assert len(frames) > FLOOD / RATE * 10 / 3
    ages = [frame["feed"]["age_s"] or 0 for frame in frames]
    assert ages[-1] > FLOOD / RATE / 2
    assert ages[-1] > max(ages) / 2  # a busy machine may have been further behind before
