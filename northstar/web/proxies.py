"""Restore client, host, scheme and path of requests that come through a proxy.

A proxy may pass a path on whole, or without the base: here it is made whole. Where the base begins
as an address of our own does, such as `/api`, there is no telling, and it must be passed on whole.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from northstar.settings.table import Settings
from northstar.web.visit import KEY, Visit

Headers: TypeAlias = list[tuple[bytes, bytes]]

HOST = b"host"
FORWARDED_HOST = b"x-forwarded-host"


class Proxies:
    """Passes on each request as its visitor made it; the outermost layer of the server.

    `client`, `scheme` and the Host header are what trusted proxies say; `path` has the base in it,
    and `root_path` is the base. Where no trusted proxy has connected to us, the header that names
    who has signed in there is gone.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        trusted = [str(network) for network in settings.trusted_proxies]
        self._app: Any = ProxyHeadersMiddleware(app, trusted)  # type: ignore[arg-type] # ASGI twice
        self._base = settings.base_path
        self._sign_in = settings.auth_header.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Undo what is to be undone before anything else looks at the request."""
        if scope["type"] != "lifespan":
            scope.update({**self._path(scope), **self._sender(scope)})
        await self._app(scope, receive, send)

    def _path(self, scope: Scope) -> Scope:
        base, path = self._base, scope["path"]
        if path == base or path.startswith(f"{base}/"):
            return {"root_path": base or scope["root_path"]}
        whole = {"path": base + path, "raw_path": base.encode() + scope["raw_path"]}
        return {**whole, "root_path": base}

    def _sender(self, scope: Scope) -> Scope:
        client, headers = scope["client"], scope["headers"]
        proxied = client is not None and client[0] in self._app.trusted_hosts
        believed = _forwarded(headers) if proxied else _without(headers, self._sign_in)
        return {"headers": [*believed], KEY: Visit(proxied=proxied)}


def _forwarded(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers, the host being the one that the proxy was asked for, if it says so."""
    said = b",".join(value for name, value in headers if name == FORWARDED_HOST)
    host = said.rpartition(b",")[2].strip()  # the nearest proxy adds its own at the end
    if host:
        yield HOST, host
    yield from _without(headers, HOST) if host else headers


def _without(headers: Headers, dropped: bytes) -> Iterator[tuple[bytes, bytes]]:
    return ((name, value) for name, value in headers if name != dropped)
