"""What the middleware finds out about a request, kept in its ASGI scope for the layers inside."""

from dataclasses import dataclass

from starlette.types import Scope

from northstar.web.auth.access import Viewer

KEY = "northstar.visit"


@dataclass(slots=True)
class Visit:
    """One request or socket.

    `proxied` is whether the peer is a trusted proxy, `viewer` the authenticated viewer if it was
    checked, `refused` the reason of a refusal.
    """

    proxied: bool = False
    viewer: Viewer | None = None
    refused: str = ""


def visit(scope: Scope) -> Visit:
    """Return the `Visit` of a request: one object, which all middleware may change."""
    known: Visit = scope.setdefault(KEY, Visit())
    return known
