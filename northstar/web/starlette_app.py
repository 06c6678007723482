"""Adapter for the undocumented parts of Starlette and FastAPI.

No other module uses them, except `api/description.py`, which lists its own.

- `app.user_middleware`, outermost first: our middleware goes outside Dash's. Without it, Dash's
  middleware would be outside the guard.
- `APIRoute.dependant`, its `query_params` and `dependencies`: the names that a route reads from a
  query. Without them, misspelt names would be ignored.
- `app.router.lifespan_context`: wraps the lifespan that the application was made with. Without it,
  files could not be compressed in the background while the server runs.
- `app.router.routes`: a list that can be changed. Without it, FastAPI's own route of the OpenAPI
  document would ignore misspelt names, and the streams could not be served by ASGI alone.
- `request.scope["route"]`: the route that answers. Without it, misspelt names would be ignored.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

from fastapi import FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp

Lifespan: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


def add_layers(app: FastAPI, layers: Sequence[Middleware]) -> None:
    """Add middleware outside all existing middleware, outermost first."""
    app.user_middleware[:0] = layers


def wrap_lifespan(app: FastAPI, wrap: Callable[[Lifespan], Lifespan]) -> None:
    """Replace the application's lifespan by the result of `wrap`."""
    app.router.lifespan_context = wrap(app.router.lifespan_context)


def add_socket(app: FastAPI, path: str, socket: ASGIApp) -> None:
    """Serve the WebSockets at a path by an ASGI application that is not a function."""
    app.router.routes.append(WebSocketRoute(path, socket))


def remove_route(app: FastAPI, path: str) -> None:
    """Remove what answers at a path."""
    routes = app.router.routes
    routes[:] = [route for route in routes if getattr(route, "path", None) != path]


def route_of(request: Request) -> APIRoute:
    """Return the route that answers a request."""
    route: APIRoute = request.scope["route"]
    return route


def names_in_query(route: APIRoute) -> frozenset[str]:
    """Return the names that a route and its dependencies read from a query."""
    return frozenset(_names(route.dependant))


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for each in dependant.dependencies:
        yield from _names(each)
