"""Facts about a request that middleware stores in its ASGI scope."""

from dataclasses import dataclass

from starlette.types import Scope

from northstar.web.auth.access import Viewer

KEY = "northstar.request_info"


@dataclass(slots=True)
class RequestInfo:
    """Facts about one request or socket.

    `proxied` is whether the peer is a trusted proxy, `viewer` the authenticated viewer, None if not
    checked, `session` their valid cookie, "" without one, and `refused` the reason for a refusal.
    """

    proxied: bool = False
    viewer: Viewer | None = None
    session: str = ""
    refused: str = ""


def request_info(scope: Scope) -> RequestInfo:
    """Return the facts about a request: one object, which any middleware may change."""
    info: RequestInfo = scope.setdefault(KEY, RequestInfo())
    return info
