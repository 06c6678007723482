"""The Socket.IO feed with real servers on this machine."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientTimeout, web

from northstar.domain.messages import wrap
from northstar.feeds.upstream import Protocol
from support import guide
from support.upstreams import Reader, SocketServer, answering, reading, socketio_server
from support.waiting import SLOWNESS, eventually

pytestmark = pytest.mark.usefixtures("brief_wait")

BRIEF_S = 0.05
TOKEN = "tick"  # noqa: S105 (not ours)

each_transport = pytest.mark.parametrize(
    "transports", [["polling"], ["polling", "websocket"]], ids=["polling", "upgraded"]
)


@pytest.mark.parametrize("event", ["pnl-update", "pnl_update", "pnl:update"])
async def test_spelling_of_the_event(event: str) -> None:
    """The words of the event's name may be joined in any way."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.io.emit(event, guide.message())
        await eventually(lambda: reader.ledger.tally.accepted == 1)


async def test_other_events() -> None:
    """Other events are delivered in an envelope with their name and counted as ignored."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        await server.io.emit("response", {"data": "Connected to P&L stream"})
        await server.io.emit('a "quoted" name – ok', [1, 2])
        await eventually(lambda: len(reader.received) == 2)

        first, second = (json.loads(raw) for raw in reader.received)
        assert first == {"event": "response", "data": {"data": "Connected to P&L stream"}}
        assert second == {"event": 'a "quoted" name – ok', "data": [1, 2]}
        assert reader.ledger.tally.ignored == 2
        assert reader.ledger.tally.rejected == 0


async def test_acknowledgement() -> None:
    """An event that requests an acknowledgement gets one."""
    async with socketio_server() as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        (sid,) = [sid for sid, _ in server.io.manager.get_participants("/", None)]

        await server.io.call("pnl-update", guide.message(), to=sid, timeout=5 * SLOWNESS)

        assert reader.ledger.tally.accepted == 1


@each_transport
async def test_burst(transports: list[str]) -> None:
    """Five thousand events at once all arrive in order."""
    async with socketio_server(transports=transports) as server, reading(server.url) as reader:
        await eventually(lambda: reader.is_open)
        for number in range(5000):
            await server.send_event(str(number), "tick")
        await eventually(lambda: len(reader.received) == 5000, what=f"{len(reader.received)}")

        assert reader.received == [wrap("tick", str(number)) for number in range(5000)]
        assert reader.link.openings == 1


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
@pytest.mark.parametrize("protocol", [Protocol.AUTO, Protocol.SOCKETIO])
async def test_transports(transports: list[str], protocol: Protocol) -> None:
    """A server may offer either transport or both."""
    async with (
        socketio_server(transports=transports) as server,
        reading(server.url, protocol=protocol) as reader,
    ):
        await eventually(lambda: reader.is_open)
        await server.send_event(guide.text())
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        (member,) = server.members
        assert server.io.eio.transport(member) == transports[-1]


@pytest.mark.parametrize("path", ["api/socket.io", "socket.io.v4", "socket.io"])
async def test_path_of_the_server(path: str) -> None:
    """A path with `socket.io` is the server's path and not a namespace."""
    async with socketio_server(path) as server, reading(f"{server.url}/{path}/") as reader:
        await eventually(lambda: reader.is_open)
        await server.send_event(guide.text())
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        assert list(server.io.manager.get_namespaces()) == ["/"]


@pytest.mark.parametrize("address", ["/desk-a", "/desk-a/", "/desk-a?room=7"])
async def test_namespace(address: str) -> None:
    """A path in the URL is the namespace; events of others are skipped."""
    async with socketio_server() as server, reading(server.url + address) as reader:
        await eventually(lambda: reader.is_open)
        for number, namespace in enumerate(("", "/desk-b", "/desk-a", "/desk-a?room=8")):
            await server.send_event(guide.text(revenue=number), namespace=namespace)
        await eventually(lambda: len(reader.received) == 2)

        assert reader.received == [
            wrap("pnl-update", guide.text(revenue=2)),
            wrap("pnl-update", guide.text(revenue=3)),
        ]
        assert set(server.io.manager.get_namespaces()) == {"/desk-a"}
        assert reader.link.namespace == "/desk-a"


@asynccontextmanager
async def at_namespaces(
    names: str | list[str], asked: str = "/pnl-stream", *, refuses: bool = False
) -> AsyncIterator[tuple[SocketServer, Reader]]:
    """Run a server with these namespaces and a feed for one of them."""
    async with (
        socketio_server(namespaces=names, refuses=refuses) as server,
        reading(f"{server.url}{asked}") as reader,
    ):
        yield server, reader


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize(
    ("names", "joined"),
    [(["/"], "/"), (["/pnl-stream"], "/pnl-stream"), (["/", "/pnl-stream"], "/pnl-stream")],
)
async def test_path_of_the_guide(names: list[str], joined: str) -> None:
    """The guide's path means the default namespace unless a namespace has its name."""
    async with at_namespaces(names) as (server, reader):
        await eventually(lambda: reader.is_open)
        assert set(server.io.manager.get_namespaces()) == {joined}
        assert reader.link.namespace == joined
        await server.send_event(guide.text(), namespace="" if joined == "/" else joined)
        await eventually(lambda: reader.ledger.tally.accepted == 1)

        await server.hang_up()
        await eventually(lambda: reader.problem, 3)

        assert str(reader.problem).startswith("connection closed (")


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize(
    ("names", "asked", "missing"),
    [
        (["/"], "/desk-b", "/desk-b: remove the path from the address for the default namespace"),
        (["/desk-a"], "/pnl-stream", "/"),
        (["/desk-a"], "", "/"),
    ],
)
async def test_namespace_that_is_missing(names: list[str], asked: str, missing: str) -> None:
    """A missing namespace is reported, and no other one is joined."""
    async with at_namespaces(names, asked) as (server, reader):
        await eventually(lambda: reader.problem)

        assert reader.problem == f"the Socket.IO server has no namespace {missing}"
        assert server.auth == []


@pytest.mark.usefixtures("long_wait")
async def test_refusal() -> None:
    """A server that refuses the connection is reported as such."""
    async with at_namespaces("*", refuses=True) as (_, reader):
        await eventually(lambda: reader.problem)

        assert reader.problem == "the Socket.IO server refused the connection"


async def test_token_and_headers() -> None:
    """A token is sent as Socket.IO's login and as a bearer token; other headers are unchanged."""
    async with (
        socketio_server() as server,
        reading(server.url, token=TOKEN, headers={"X-Desk": "7"}) as reader,
    ):
        await eventually(lambda: reader.is_open)

        assert server.auth == [{"token": TOKEN}]
        assert server.requests[-1].headers["Authorization"] == f"Bearer {TOKEN}"
        assert server.requests[-1].headers["X-Desk"] == "7"


@each_transport
async def test_user_in_the_url(transports: list[str]) -> None:
    """User and password are sent as HTTP login, and the query unchanged."""
    async with socketio_server(transports=transports) as server:
        url = server.url.replace("ws://", "ws://me:secret@")
        async with reading(f"{url}?room=7") as reader:
            await eventually(lambda: reader.is_open)

            assert server.requests[-1].headers["Authorization"] == "Basic bWU6c2VjcmV0"
            assert server.requests[-1].query["room"] == "7"


@pytest.mark.usefixtures("long_wait")
async def test_probe_whose_goodbye_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The detected protocol stays valid if closing the probe's session fails."""
    limit_s = BRIEF_S * 4 * SLOWNESS
    monkeypatch.setattr("northstar.feeds.socketio.PROBE_TIMEOUT", ClientTimeout(total=limit_s))
    monkeypatch.setattr("northstar.feeds.socketio.OPEN_TIMEOUT_S", limit_s)
    opening = {"sid": "x", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000}

    async def answer(request: web.Request) -> web.Response:
        if request.method == "POST":
            await asyncio.Event().wait()
        return web.Response(text=f"0{json.dumps(opening)}")

    async with answering(answer) as port, reading(f"ws://127.0.0.1:{port}") as reader:
        await eventually(lambda: reader.problem, 5)

        assert reader.problem == "timed out"
