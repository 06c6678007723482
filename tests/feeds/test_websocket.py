"""The WebSocket feed with real streams on this machine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from northstar.domain.freshness import LinkState
from northstar.feeds import Source
from northstar.feeds.live import LiveFeed
from northstar.feeds.upstream import Protocol
from support import guide
from support.sources import stream
from support.upstreams import LIMIT, upstream
from support.waiting import SLOWNESS, eventually

pytestmark = pytest.mark.usefixtures("brief_wait")


class Reader:
    """A running feed and its messages."""

    def __init__(self, url: str, **how: Any) -> None:
        self.feed = LiveFeed(upstream(url, protocol=Protocol.WEBSOCKET, **how))
        self.received: list[bytes | str] = []

    def accept(self, raw: bytes | str, *, fetched: bool = False) -> bool:
        assert not fetched
        self.received.append(raw)
        return True

    @property
    def problem(self) -> str | None:
        """The reason of a lost connection while waiting for the next attempt."""
        link = self.feed.link
        return link.problem if link.state is LinkState.WAITING else None


@asynccontextmanager
async def reading(url: str, **how: Any) -> AsyncIterator[Reader]:
    """Run a feed while the context is open."""
    reader = Reader(url, **how)
    running = asyncio.create_task(reader.feed.run(reader.accept))
    try:
        yield reader
    finally:
        running.cancel()
        await asyncio.wait([running], timeout=10 * SLOWNESS)
        assert running.cancelled()


@asynccontextmanager
async def serving(
    handler: Callable[[ServerConnection], Awaitable[None]],
    answer: Callable[[ServerConnection, Request], Response | None] | None = None,
    port: int = 0,
) -> AsyncIterator[str]:
    """Serve a stream with `handler`; return its URL."""
    async with serve(handler, "127.0.0.1", port, process_request=answer) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/pnl-stream"


def say(text: str) -> Callable[[ServerConnection], Awaitable[None]]:
    """Return a handler that sends one message and stays connected."""

    async def handler(connection: ServerConnection) -> None:
        await connection.send(text)
        await connection.wait_closed()

    return handler


async def hang(connection: ServerConnection) -> None:
    """Send nothing until the other side is gone."""
    await connection.wait_closed()


async def test_feed_on_a_stream() -> None:
    """Messages arrive unchanged and in order."""
    sent = [guide.text(revenue=revenue) for revenue in range(100)]
    with stream() as source:
        async with reading(source.url) as reader:
            await eventually(lambda: source.clients)
            for text in sent:
                source.send(text)
            await eventually(lambda: len(reader.received) == len(sent))

            assert reader.received == sent
            assert reader.feed.source is Source.LIVE
            assert reader.feed.link.state is LinkState.OPEN
            assert reader.feed.link.reconnects == 0


async def test_feed_on_text_and_binary_frames() -> None:
    """Text and binary frames are messages; binary ones stay bytes."""

    async def send(connection: ServerConnection) -> None:
        await connection.send("text – ok")
        await connection.send("binary – ok".encode())
        await connection.wait_closed()

    async with serving(send) as url, reading(url) as reader:
        await eventually(lambda: len(reader.received) == 2)

        assert reader.received == ["text – ok", "binary – ok".encode()]


async def test_feed_on_a_source_that_restarts(free_port: int) -> None:
    """The feed reconnects after the source's return, and counts the reconnect."""
    async with reading(f"ws://127.0.0.1:{free_port}/pnl-stream") as reader:
        async with serving(say("before"), port=free_port):
            await eventually(lambda: reader.received == ["before"])
        await eventually(lambda: reader.problem)
        assert reader.feed.link.reconnects == 0

        async with serving(say("after"), port=free_port):
            await eventually(lambda: reader.received == ["before", "after"])
            assert reader.feed.link.state is LinkState.OPEN
            assert reader.feed.link.problem is None
            assert reader.feed.link.reconnects == 1


async def test_feed_on_a_source_that_comes_late(free_port: int) -> None:
    """The feed retries until the source exists; that is no reconnect."""
    async with reading(f"ws://127.0.0.1:{free_port}/pnl-stream") as reader:
        await eventually(lambda: reader.problem)
        assert reader.received == []

        async with serving(say("hello"), port=free_port):
            await eventually(lambda: reader.received == ["hello"])
            assert reader.feed.link.reconnects == 0


@pytest.mark.usefixtures("long_wait")
async def test_problem_of_a_refused_connection(free_port: int) -> None:
    """The problem is that it cannot connect, with the reason."""
    async with reading(f"ws://127.0.0.1:{free_port}") as reader:
        await eventually(lambda: reader.problem)

        assert reader.problem is not None
        assert reader.problem.startswith("cannot connect: ")
        assert "refused" in reader.problem.lower() or "Connect call failed" in reader.problem


@pytest.mark.usefixtures("long_wait")
async def test_problem_of_a_page_instead_of_a_stream() -> None:
    """For an address that answers with a page, the problem is that it is no stream."""

    def answer(connection: ServerConnection, _: Request) -> Response:
        return connection.respond(HTTPStatus.OK, "A page.")

    async with serving(hang, answer) as url, reading(url) as reader:
        await eventually(lambda: reader.problem)

        assert reader.problem == ("not a WebSocket stream: HTTP 200")


@pytest.mark.usefixtures("long_wait")
async def test_problem_of_something_that_is_not_http() -> None:
    """For an address with another protocol, the problem is that it is no stream."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with reading(f"ws://127.0.0.1:{port}") as reader:
            await eventually(lambda: reader.problem)

            assert reader.problem is not None
            assert reader.problem.startswith("not a WebSocket stream: ")


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize(
    ("code", "reason", "problem"),
    [
        (1000, "", "connection closed (1000)"),
        (1001, "going away", "connection closed (1001 going away)"),
        (4001, "tea break", "connection closed (4001 tea break)"),
    ],
)
async def test_problem_of_a_source_that_says_goodbye(code: int, reason: str, problem: str) -> None:
    """The source's code and reason are shown; earlier messages stay."""

    async def leave(connection: ServerConnection) -> None:
        await connection.send("last")
        await connection.close(code, reason)

    async with serving(leave) as url, reading(url) as reader:
        await eventually(lambda: reader.problem)

        assert reader.problem == problem
        assert reader.received == ["last"]


@pytest.mark.usefixtures("long_wait")
async def test_problem_of_a_source_that_breaks_off() -> None:
    """A connection that ends without a close frame is reported as such."""

    async def drop(connection: ServerConnection) -> None:
        connection.transport.abort()

    async with serving(drop) as url, reading(url) as reader:
        await eventually(lambda: reader.problem)

        assert reader.problem == "connection closed (no close frame)"


@pytest.mark.usefixtures("long_wait")
@pytest.mark.parametrize(
    "url",
    [
        "ws://me:secret@127.0.0.1:{port}/#part",
        "ws://secret@127.0.0.1:{port}/",
        "ws://me:secret@two..dots/",
        "ws://me:secret@127.0.0.1:{port}/?token=secret",
    ],
    ids=["fragment", "no password", "no host name", "refused"],
)
async def test_problem_of_a_url_with_a_secret(url: str, free_port: int) -> None:
    """The problem on the page and in the log does not contain the secret."""
    async with reading(url.format(port=free_port)) as reader:
        await eventually(lambda: reader.problem, timeout_s=5)

        assert reader.problem is not None
        assert "secret" not in reader.problem


@pytest.mark.usefixtures("long_wait")
async def test_oversized_message() -> None:
    """A message at the limit is delivered; a larger one is refused with the reason."""
    goodbyes: list[int | None] = []

    async def send(connection: ServerConnection) -> None:
        await connection.send("x" * LIMIT)
        await connection.send("x" * (LIMIT + 1))
        await connection.wait_closed()
        goodbyes.append(connection.close_code)

    async with serving(send) as url, reading(url) as reader:
        await eventually(lambda: reader.problem)
        await eventually(lambda: goodbyes)

        assert [len(raw) for raw in reader.received] == [LIMIT]
        assert reader.problem == "message larger than 1,024 kB"
        assert goodbyes == [1009]


async def test_subprotocol() -> None:
    """The configured subprotocols are offered, and the source's choice is used."""
    async with serve(say("hello"), "127.0.0.1", 0, subprotocols=[Subprotocol("v1.pnl")]) as server:
        url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        asked = [Subprotocol("v2.pnl"), Subprotocol("v1.pnl")]
        async with reading(url, subprotocols=asked) as reader:
            await eventually(lambda: reader.received == ["hello"])

            (connection,) = server.connections
            assert connection.subprotocol == "v1.pnl"


async def test_cancelling_the_feed() -> None:
    """The connection is closed at the source, too."""
    with stream() as source:
        async with reading(source.url):
            await eventually(lambda: source.clients == 1)

        await eventually(lambda: source.clients == 0)
