"""What we use of Starlette and FastAPI beyond their documentation; nothing else does.

- `app.user_middleware`, outermost first: layers go in front of those that Dash has added by
  itself. Without it, Dash's own layers would be outside of the guard.
- `app.build_middleware_stack()`: the application without the layers that are added later. Without
  it, the server could not visit its own page past the guard, and would be slow at the first one.
- `app.router.routes`, searched in order: routes go in front of Dash's. Without it, Dash would
  answer itself, and compress each file for each request.
- `app.router.lifespan_context`: a lifespan around the one that the application was made with.
  Without it, files could not be compressed at leisure while the server runs.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

Lifespan: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[Any]]


def add_layers(app: FastAPI, layers: Sequence[Middleware]) -> None:
    """Put layers around the application and all layers that it has, the outermost first."""
    app.user_middleware[:0] = layers


def with_present_layers(app: FastAPI) -> ASGIApp:
    """Return the application without the layers that are put around it from now on."""
    return app.build_middleware_stack()


def put_in_front(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Add routes that answer before all that there are."""
    app.router.routes[:0] = routes


def wrap_lifespan(app: FastAPI, wrap: Callable[[Lifespan], Lifespan]) -> None:
    """Put what `wrap` returns in the place of the application's lifespan."""
    app.router.lifespan_context = wrap(app.router.lifespan_context)
