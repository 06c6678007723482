"""Sources for the live feed in the test's event loop, and a feed that reads them."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from http import HTTPStatus
from typing import Any, TypeAlias

import socketio
from aiohttp import web

from northstar.domain.calendar import Calendar
from northstar.domain.freshness import LinkState
from northstar.domain.ledger import Ledger
from northstar.feeds.link import Link
from northstar.feeds.live import LiveFeed
from northstar.feeds.upstream import Upstream
from support.waiting import SLOWNESS, eventually

# The defaults of the settings.
LIMIT = 1 << 20
RATE = 5000

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Reader:
    """A running feed, its ledger, and its unchanged messages."""

    def __init__(self, upstream: Upstream) -> None:
        self.feed = LiveFeed(upstream)
        self.ledger = Ledger(Calendar(UTC))
        self.received: list[bytes | str] = []
        self.fetched: list[bytes | str] = []

    def accept(self, raw: bytes | str, *, fetched: bool = False) -> bool:
        """Take a message as the pipeline does."""
        (self.fetched if fetched else self.received).append(raw)
        receive = self.ledger.receive_state if fetched else self.ledger.receive
        return receive(raw).accepted

    @property
    def link(self) -> Link:
        return self.feed.link

    @property
    def is_open(self) -> bool:
        return self.link.state is LinkState.OPEN

    @property
    def problem(self) -> str | None:
        """The reason of a lost connection while waiting for the next attempt."""
        return self.link.problem if self.link.state is LinkState.WAITING else None


def upstream(url: str, **how: Any) -> Upstream:
    """Return the description of a stream, with limits that ordinary tests do not reach."""
    return Upstream(url, "the stream", **{"max_message_bytes": LIMIT, "max_rate": RATE, **how})


@asynccontextmanager
async def reading(url: str, **how: Any) -> AsyncIterator[Reader]:
    """Run a feed while the context is open; it must leave no task behind."""
    reader = Reader(upstream(url, **how))
    running = asyncio.create_task(reader.feed.run(reader.accept))
    try:
        yield reader
        assert not running.done(), "the feed has ended by itself"
    finally:
        running.cancel()
        await asyncio.wait([running], timeout=10 * SLOWNESS)
        assert running.cancelled()
        await eventually(lambda: not tasks_of_clients(), 2, "the client's tasks have ended")


def tasks_of_clients() -> list[str]:
    """Return the names of the tasks of Socket.IO clients."""
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith("AsyncClient.")]


@asynccontextmanager
async def listening(
    app: web.Application, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Serve `app` on a port of 127.0.0.1; yield the port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def answering(
    answer: Answer, port: int = 0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Run a web server that answers every request in the same way; yield its port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with listening(app, port, tls) as taken:
        yield taken


def answer_with(text: str, status: int = HTTPStatus.OK) -> Answer:
    """Return what answers with this text."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, status=status)

    return answer


async def silence(_: web.Request) -> web.Response:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


async def circle(request: web.Request) -> web.Response:
    """Redirect every request to its own address."""
    raise web.HTTPFound(request.rel_url)


class SocketServer:
    """A Socket.IO server that records what clients send, and sends a test's messages."""

    def __init__(self, *, refuses: bool = False, **options: Any) -> None:
        self.port = 0
        self.auth: list[object] = []
        self.requests: list[web.Request] = []
        self.io = socketio.AsyncServer(async_mode="aiohttp", monitor_clients=False, **options)
        self.io.on("connect", self._connect, namespace="*")
        self.app = web.Application(middlewares=[self._note])
        self._refuses = refuses

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    @property
    def sockets(self) -> list[web.Request]:
        """The requests that became WebSockets."""
        return [request for request in self.requests if "Upgrade" in request.headers]

    @property
    def members(self) -> set[str]:
        """The members of a namespace by connection name."""
        manager = self.io.manager
        return {
            connection
            for namespace in manager.get_namespaces()
            for _, connection in manager.get_participants(namespace, None)
        }

    async def send(self, packet: str | bytes) -> None:
        """Send one raw packet to everyone."""
        for connection in self.members:
            await self.io.eio.send(connection, packet)

    async def hang_up(self) -> None:
        """Close every connection in order.

        The library would wait for the client's close, possibly for ever.
        """
        for connection in self.members:
            await self.io.eio.sockets[connection].close(wait=False)

    def break_off(self) -> None:
        """Drop every WebSocket without a close frame."""
        for request in self.sockets:
            if request.transport:
                request.transport.abort()

    async def send_event(self, body: str, event: str = "pnl-update", namespace: str = "") -> None:
        """Send an event whose body is JSON text."""
        where = f"{namespace}," if namespace else ""
        await self.send(f'2{where}["{event}",{body}]')

    def _connect(self, _namespace: str, _sid: str, _environ: Any, auth: object = None) -> bool:
        self.auth.append(auth)
        return not self._refuses

    @web.middleware
    async def _note(self, request: web.Request, handler: Answer) -> web.StreamResponse:
        self.requests.append(request)
        return await handler(request)


@asynccontextmanager
async def socketio_server(
    path: str = "socket.io",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    **options: Any,
) -> AsyncIterator[SocketServer]:
    """Run a Socket.IO server while the context is open."""
    server = SocketServer(**{"namespaces": "*", **options})
    server.io.attach(server.app, socketio_path=path)
    async with listening(server.app, port, tls) as server.port:
        yield server
