"""The end of a Socket.IO connection: by the server, by us, and by a timeout."""

import asyncio
import json
from functools import partial

import pytest
from aiohttp import web

from northstar.domain.freshness import LinkState
from northstar.domain.messages import wrap
from support import guide
from support.upstreams import LIMIT, Reader, answering, reading, socketio_server
from support.waiting import eventually

pytestmark = pytest.mark.usefixtures("brief_wait")

BRIEF_S = 0.05

each_transport = pytest.mark.parametrize(
    "transports", [["polling"], ["polling", "websocket"]], ids=["polling", "upgraded"]
)


def has_accepted(reader: Reader, messages: int) -> bool:
    """Tell whether this many messages were accepted."""
    return reader.ledger.tally.accepted == messages


async def test_server_that_restarts(free_port: int) -> None:
    """The feed reconnects after the server's return, and counts the reconnect."""
    async with reading(f"ws://127.0.0.1:{free_port}") as reader:
        for revenue in (1, 2):
            async with socketio_server(port=free_port) as server:
                await eventually(lambda: reader.is_open)
                await server.send_event(guide.text(revenue=revenue))
                await eventually(partial(has_accepted, reader, revenue))
            await eventually(lambda: not reader.is_open)

        assert reader.link.reconnects == 1


@pytest.mark.usefixtures("long_wait")
@each_transport
async def test_goodbye(transports: list[str]) -> None:
    """A server that closes is reported as a closed connection."""
    async with socketio_server(transports=transports) as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.hang_up()
        await eventually(lambda: reader.problem)

        assert str(reader.problem).startswith("connection closed (")


@pytest.mark.usefixtures("long_wait")
async def test_disconnect_from_the_namespace() -> None:
    """A disconnect from the namespace is reported as a closed connection."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.send("1")
        await eventually(lambda: reader.problem)

        assert reader.problem == "connection closed (server disconnect)"


@pytest.mark.usefixtures("long_wait")
async def test_end_of_another_namespace() -> None:
    """The end or refusal of another namespace ends nothing; the end of ours does."""
    async with socketio_server() as server, reading(f"{server.url}/desk-a") as reader:
        await eventually(lambda: reader.is_open)
        for packet in ("1", '4{"message":"not for you"}', "1/desk-b,", '4/desk-b,"no"'):
            await server.send(packet)
        await server.send_event(guide.text(), namespace="/desk-a")
        await eventually(partial(has_accepted, reader, 1))
        assert reader.link.openings == 1

        await server.send("1/desk-a,")
        await eventually(lambda: reader.problem)

        assert reader.problem == "connection closed (server disconnect)"


@pytest.mark.usefixtures("long_wait")
async def test_late_refusal() -> None:
    """A refusal of the joined namespace ends it."""
    async with socketio_server() as server, reading(f"{server.url}/desk-a") as reader:
        await eventually(lambda: reader.is_open)
        await server.send('4/desk-a,{"message":"no more"}')
        await eventually(lambda: reader.problem)

        assert reader.problem == "connection closed (refused)"


async def test_end_of_another_namespace_before_ours() -> None:
    """A server may end the default namespace before it accepts ours."""

    async def show_out(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        if "Upgrade" not in request.headers:
            return web.Response(status=400, text='{"code":0,"message":"Transport unknown"}')
        await socket.prepare(request)
        await socket.send_str('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}')
        assert (await socket.receive()).data == "40/desk-a,{}"
        for packet in ("41", '40/desk-a,{"sid":"y"}', f'42/desk-a,["pnl-update",{guide.text()}]'):
            await socket.send_str(packet)
        async for _ in socket:
            pass
        return socket

    async with answering(show_out) as port, reading(f"ws://127.0.0.1:{port}/desk-a") as reader:
        await eventually(partial(has_accepted, reader, 1))

        assert reader.link.openings == 1


@pytest.mark.usefixtures("long_wait")
async def test_broken_connection() -> None:
    """A connection that breaks is reported as closed."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        server.break_off()
        await eventually(lambda: reader.problem)

        assert reader.problem == "connection closed (transport error)"


async def test_oversized_message() -> None:
    """A message over the limit is not delivered; the feed reconnects for later ones."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.send_event(f'"{"x" * LIMIT}"')
        await eventually(lambda: reader.link.reconnects == 1)
        await server.send_event(guide.text())
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        assert reader.received == [wrap("pnl-update", guide.text())]


@each_transport
async def test_cancelling_the_feed(transports: list[str]) -> None:
    """The connection is closed at the server, too, and no task remains."""
    async with socketio_server(transports=transports) as server:
        async with reading(server.url) as reader:
            await eventually(lambda: reader.is_open)
            assert len(server.members) == 1

        await eventually(lambda: not server.members)
        assert reader.link.state is LinkState.OPEN


async def test_probe() -> None:
    """Detecting the protocol leaves no unread session on the server."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        sessions = server.io.eio.sockets
        await eventually(
            lambda: {sid for sid, at in sessions.items() if not at.closed} == server.members, 3
        )


async def test_upgrade_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that never answers the upgrade to WebSocket is a lost connection."""
    monkeypatch.setattr("northstar.feeds.socketio.OPEN_TIMEOUT_S", BRIEF_S * 4)
    async with answering(never_upgrade) as port, reading(f"ws://127.0.0.1:{port}") as reader:
        await eventually(lambda: reader.link.problem == "timed out")


async def never_upgrade(request: web.Request) -> web.Response:
    """Open an Engine.IO session, and do not answer its upgrade to WebSocket."""
    if "Upgrade" in request.headers:
        await asyncio.Event().wait()
    opening = {"sid": "x", "upgrades": ["websocket"], "pingInterval": 25000, "pingTimeout": 20000}
    return web.Response(text=f"0{json.dumps(opening)}")


async def test_server_that_freezes() -> None:
    """Cancelling the feed of a frozen server leaves no task."""
    frozen = asyncio.Event()

    async def freeze(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoclose=False, autoping=False)
        if "Upgrade" not in request.headers:
            return web.Response(status=400, text='{"code":0,"message":"Transport unknown"}')
        await socket.prepare(request)
        await socket.send_str('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}')
        await socket.receive()
        await socket.send_str('40{"sid":"y"}')
        frozen.set()
        await asyncio.Event().wait()
        return socket

    async with answering(freeze) as port, reading(f"ws://127.0.0.1:{port}") as reader:
        await eventually(lambda: reader.is_open and frozen.is_set())
