"""What the middleware finds out about a request, kept in its ASGI scope for the layers inside."""

from dataclasses import dataclass

from starlette.types import Scope

from northstar.web.auth.access import Viewer

KEY = "northstar.visit"


@dataclass(slots=True)
class Visit:
    """One request or socket.

    `proxied` tells whether it is a trusted proxy that has connected to us, `viewer` who is asking
    where that was looked at, `refused` why they were refused.
    """

    proxied: bool = False
    viewer: Viewer | None = None
    refused: str = ""


def visit(scope: Scope) -> Visit:
    """Return what is known of a request: one object for all layers, which they may change."""
    known: Visit = scope.setdefault(KEY, Visit())
    return known
