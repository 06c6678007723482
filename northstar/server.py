"""The ASGI application: the page, its sockets and the HTTP interface, on one port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from dash import ClientsideFunction, Dash, Input
from fastapi import FastAPI, Response, WebSocket, status
from fastapi.responses import JSONResponse

from northstar import __version__
from northstar.feeds import Feed
from northstar.feeds.demo import DemoFeed
from northstar.feeds.websocket import WebSocketFeed
from northstar.hub import Slot
from northstar.pipeline import Pipeline
from northstar.settings import Settings
from northstar.view.ids import Id
from northstar.view.layout import page, title

PACKAGE = Path(__file__).parent
ASSETS = PACKAGE.parent / "assets"
INDEX = PACKAGE / "view" / "index.html"


def create_server(settings: Settings) -> FastAPI:
    """Return the application; its pipeline runs from the start to the end of its lifespan."""
    pipeline = Pipeline(create_feed(settings), settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running = asyncio.create_task(pipeline.run(), name="pipeline")
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    server = FastAPI(title="NorthStar", version=__version__, lifespan=lifespan, docs_url=None)
    _add_interface(server, pipeline)
    _add_sockets(server, pipeline, settings.allowed_origins)
    _add_page(server, pipeline)
    _add_not_found(server)
    return server


def create_feed(settings: Settings) -> Feed:
    """Return the source that the settings name."""
    if settings.demo:
        return DemoFeed(
            settings.demo_seed, settings.demo_rate, now=lambda: datetime.now(settings.timezone)
        )
    return WebSocketFeed(settings.stream_url, settings.stream_name)


def _add_interface(server: FastAPI, pipeline: Pipeline) -> None:
    @server.get("/healthz")
    async def health() -> dict[str, str]:
        """Tell that the process answers; says nothing about the data."""
        return {"status": "ok"}

    @server.get("/api/pnl")
    async def pnl() -> Response:
        """Return the current state in the guide's format; 503 before the first message."""
        message = pipeline.message()
        if message is None:
            problem = {"error": "no data yet", "feed": pipeline.feed_status().state}
            return JSONResponse(problem, status.HTTP_503_SERVICE_UNAVAILABLE)
        headers = {"Cache-Control": "no-store"}
        return Response(message, media_type="application/json", headers=headers)


def _add_sockets(server: FastAPI, pipeline: Pipeline, allowed_origins: tuple[str, ...]) -> None:
    @server.websocket("/view-stream")
    async def view_stream(socket: WebSocket) -> None:
        """Send frames to a page: the present one at once, then each as it is made."""
        if await _admit(socket, allowed_origins):
            with pipeline.viewers.join() as slot:
                await _serve(socket, pipeline.frame(), slot)

    @server.websocket("/pnl-stream")
    async def pnl_stream(socket: WebSocket) -> None:
        """Send the state in the guide's format: the present one at once, then every change."""
        if await _admit(socket, allowed_origins):
            with pipeline.subscribers.join() as slot:
                await _serve(socket, pipeline.message(), slot)


def _add_page(server: FastAPI, pipeline: Pipeline) -> None:
    app = Dash(
        "northstar",
        server=server,
        backend="fastapi",
        assets_folder=str(ASSETS),
        title=title(pipeline.feed.source),
        update_title=None,
        suppress_callback_exceptions=True,  # else the whole layout is in the page a second time
    )
    # No callback runs over Dash's own socket, so the page must not open one for each tab.
    app.backend.websocket_capability = False
    app.index_string = INDEX.read_text(encoding="utf-8")
    app.layout = lambda: page(pipeline.snapshot, pipeline.feed.source)
    app.clientside_callback(
        ClientsideFunction("northstar", "receive"),
        Input(Id.STREAM, "message"),
        prevent_initial_call=True,
    )
    app.clientside_callback(ClientsideFunction("northstar", "watch"), Input(Id.STREAM, "state"))


def _add_not_found(server: FastAPI) -> None:
    """Answer 404 where nothing is: Dash would serve the page under any address."""

    @server.get("/{path:path}", include_in_schema=False)
    async def not_found(path: str) -> Response:
        return JSONResponse({"error": f"nothing at /{path}"}, status.HTTP_404_NOT_FOUND)


async def _admit(socket: WebSocket, allowed_origins: tuple[str, ...]) -> bool:
    """Accept a program, our own page, or a page of an allowed origin.

    Browsers let any page open any socket, so a foreign one must be refused here.
    """
    origin = socket.headers.get("origin")
    host = socket.headers.get("host")
    own = {f"http://{host}", f"https://{host}"}
    if origin is None or origin in own or origin in allowed_origins:
        await socket.accept()
        return True
    await socket.close(status.WS_1008_POLICY_VIOLATION, "origin not allowed")
    return False


async def _serve(socket: WebSocket, first: str | None, slot: Slot) -> None:
    """Send `first`, then what comes into `slot`, until the other side is gone."""
    sending = asyncio.create_task(_send(socket, first, slot))
    try:
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(socket: WebSocket, first: str | None, slot: Slot) -> None:
    if first is not None:
        await socket.send_text(first)
    while True:
        text = await slot.take()
        if text != first:  # it came between joining and sending, and was sent already
            await socket.send_text(text)
