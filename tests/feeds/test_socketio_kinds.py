"""Socket.IO servers with configurations that the usual client does not expect."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle

import msgspec
import pytest
import socketio
from aiohttp import web

from northstar.feeds.engine import SOCKETIO_2
from northstar.feeds.socketio import MSGPACK
from northstar.feeds.upstream import Protocol
from support import guide
from support.upstreams import Reader, answering, listening, reading, socketio_server
from support.waiting import eventually

SESSION = '0{"sid":"x","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000}'
NO_POLLING = {"code": 0, "message": "Transport unknown"}


@asynccontextmanager
async def workers(count: int) -> AsyncIterator[tuple[int, list[socketio.AsyncServer]]]:
    """Run servers without shared sessions behind one port, alternating by request."""
    servers = [
        socketio.AsyncServer(async_mode="aiohttp", monitor_clients=False, namespaces="*")
        for _ in range(count)
    ]
    turns = cycle(servers)

    async def answer(request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse = await next(turns).handle_request(request)
        return response

    app = web.Application()
    app.router.add_route("*", "/socket.io/", answer)
    async with listening(app) as port:
        yield port, servers


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize(
    "how", [{}, {"protocol": Protocol.SOCKETIO}, {"transports": ["websocket"]}]
)
async def test_workers_without_sticky_sessions(count: int, how: dict[str, object]) -> None:
    """If polling fails, WebSocket alone is tried and kept."""
    async with (
        workers(count) as (port, servers),
        reading(f"ws://127.0.0.1:{port}", **how) as reader,
    ):
        await eventually(lambda: reader.is_open, what=str(reader.problem))
        for number in range(3):
            for server in servers:
                await server.emit("pnl-update", guide.message(revenue=number))
        await eventually(lambda: reader.ledger.tally.accepted == 3)

        assert reader.problem is None


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_transport_that_is_set(transport: str) -> None:
    """With a configured transport no other one is used."""
    async with (
        socketio_server() as server,
        reading(server.url, transports=[transport]) as reader,
    ):
        await eventually(lambda: reader.is_open)

        (member,) = server.members
        assert server.io.eio.transport(member) == transport


@asynccontextmanager
async def saying(*packets: str, polls: bool) -> AsyncIterator[Reader]:
    """Read a server that sends these packets, whatever it receives."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if "Upgrade" in request.headers:
            stream = web.WebSocketResponse()
            await stream.prepare(request)
            for packet in packets:
                await stream.send_str(packet)
            async for _ in stream:
                pass
            return stream
        if not polls:
            return web.json_response(NO_POLLING, status=400)
        return web.Response(text="".join(f"{len(packet)}:{packet}" for packet in packets))

    async with answering(answer) as port, reading(f"ws://127.0.0.1:{port}") as reader:
        yield reader


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("polls", [True, False])
async def test_server_of_version_2(*, polls: bool) -> None:
    """A version 2 server is recognised by its first packets, with either transport."""
    async with saying(SESSION, "40", polls=polls) as reader:
        await eventually(lambda: reader.problem)

        assert reader.problem == SOCKETIO_2


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize("packs", [True, False])
async def test_server_that_hangs_up_on_the_first_packet(*, packs: bool) -> None:
    """A server with the msgpack parser is recognised by its answer to the first packet."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if "Upgrade" not in request.headers:
            return web.json_response(NO_POLLING, status=400)
        stream = web.WebSocketResponse()
        await stream.prepare(request)
        await stream.send_str(SESSION)
        packet = await stream.receive()
        if packs and packet.type == web.WSMsgType.BINARY:
            joined = {"type": 0, "nsp": "/", "data": {"sid": "y"}}
            assert msgspec.msgpack.decode(packet.data)["nsp"] == "/"
            await stream.send_bytes(msgspec.msgpack.encode(joined))
        return stream

    async with answering(answer) as port, reading(f"ws://127.0.0.1:{port}") as reader:
        await eventually(lambda: reader.problem)

        closed = "connection closed (no close packet)"
        assert reader.problem == (MSGPACK if packs else closed)


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        ("no such desk", "the Socket.IO server refused the connection: no such desk"),
        ("no desk for tick", "the Socket.IO server refused the connection: no desk for …"),
        ("", "the Socket.IO server refused the connection"),
    ],
)
async def test_reason_of_a_refusal(reason: str, problem: str) -> None:
    """The reason of a refusal is shown unchanged."""
    async with socketio_server() as server:

        async def refuse(*_: object) -> None:
            raise socketio.exceptions.ConnectionRefusedError(*filter(None, [reason]))

        server.io.on("connect", refuse, namespace="/")
        async with reading(server.url, token="tick") as reader:  # noqa: S106 (not ours)
            await eventually(lambda: reader.problem)

            assert reader.problem == problem


@pytest.mark.usefixtures("long_wait")
async def test_server_that_is_gone_after_the_handshake() -> None:
    """The problem is our own message, without the libraries' text."""

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.abort()
        return web.Response()

    async with (
        answering(answer) as port,
        reading(f"ws://127.0.0.1:{port}", protocol=Protocol.SOCKETIO) as reader,
    ):
        await eventually(lambda: reader.problem)

        assert reader.problem == "the source closed the connection without a response"
