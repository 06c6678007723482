"""What northstar/web/starlette_app.py and api/description.py rely on in Starlette and FastAPI."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from unittest.mock import AsyncMock

import httpx
from fastapi import Depends, FastAPI, Query
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from northstar.web.api.description import INLINE, inline_scripts
from northstar.web.starlette_app import (
    Lifespan,
    add_layers,
    add_socket,
    names_in_query,
    remove_route,
    route_of,
    wrap_lifespan,
)


class Layer:
    """A middleware that adds its name to the path of a request."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        self._app = app
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["path"] += self._name
        await self._app(scope, receive, send)


def application() -> FastAPI:
    """Return an application with a middleware that answers with the path of a request."""
    app = FastAPI()
    app.router.routes.append(Route("/{path:path}", tell))
    app.add_middleware(Layer, name="a")
    return app


async def tell(request: Request) -> Response:
    """Return the final path of a request."""
    return PlainTextResponse(request.url.path)


async def ask(app: ASGIApp) -> str:
    """Return the answer of an application."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return (await client.get("/")).text


async def test_user_middleware() -> None:
    """`app.user_middleware` has the middleware, outermost first, until the first request."""
    app = application()
    add_layers(app, [Middleware(Layer, name="1"), Middleware(Layer, name="2")])

    assert await ask(app) == "/12a"


async def test_lifespan_context() -> None:
    """`app.router.lifespan_context` runs around the time of serving."""
    happened: list[str] = []

    def wrap(inner: Lifespan) -> Lifespan:
        @asynccontextmanager
        async def lifespan(app: FastAPI) -> AsyncIterator[None]:
            async with inner(app):
                happened.append("started")
                yield
                happened.append("ended")

        return lifespan

    app = application()
    wrap_lifespan(app, wrap)
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, str]:
        return next(messages)

    async def send(message: object) -> None:
        happened.append(str(message))

    await app({"type": "lifespan"}, receive, send)

    assert happened == [
        "started",
        "{'type': 'lifespan.startup.complete'}",
        "ended",
        "{'type': 'lifespan.shutdown.complete'}",
    ]


async def test_routes() -> None:
    """`app.router.routes` are tried in order, also after additions and removals."""
    app = application()
    app.router.routes.insert(0, Route("/a", PlainTextResponse("removed")))
    assert await ask(app) == "removed"

    remove_route(app, "/a")
    assert await ask(app) == "/a"


async def test_routes_of_sockets() -> None:
    """`app.router.routes` accepts an ASGI application at the path of a socket."""
    app, socket = FastAPI(), AsyncMock()
    add_socket(app, "/stream", socket)
    await app({"type": "websocket", "path": "/stream", "headers": []}, AsyncMock(), AsyncMock())

    socket.assert_awaited_once()


async def test_route() -> None:
    """`request.scope["route"]` is the matched route, also in a dependency of all routes."""
    found: list[APIRoute] = []

    async def note(request: Request) -> None:
        found.append(route_of(request))

    app = FastAPI(dependencies=[Depends(note)])

    @app.get("/", response_class=PlainTextResponse)
    def answer() -> str:
        return "answered"

    assert await ask(app) == "answered"
    assert [route.endpoint for route in found] == [answer]


def test_names_in_query() -> None:
    """`APIRoute.dependant` has the names of query fields, including those of dependencies."""

    def inner(last: Annotated[str, Query(alias="to")]) -> str:
        return last

    app = FastAPI()

    @app.get("/{part}")
    def answer(part: str, days: int, inner: Annotated[str, Depends(inner)]) -> str:
        return f"{part} {days} {inner}"

    [route] = [route for route in app.routes if isinstance(route, APIRoute)]

    assert names_in_query(route) == {"days", "to"}


def test_swagger_ui_html() -> None:
    """The page of `get_swagger_ui_html` has one inline script, whose tag has no attributes."""
    page = get_swagger_ui_html(openapi_url="/openapi.json", title="API")
    [script] = inline_scripts(page)

    assert "SwaggerUIBundle({" in script
    assert "/openapi.json" in script
    assert INLINE.sub("", bytes(page.body).decode()).count("<script ") == 1  # from an address
    assert re.findall(r"\son\w+=", bytes(page.body).decode()) == []
