"""Restore client, host, scheme and path of requests that come through a proxy.

A proxy may pass a path with or without the base path; this adds a missing base. If the base begins
like one of our own paths, such as `/api`, the two are ambiguous, and the proxy must pass it.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from northstar.settings.table import Settings
from northstar.web.auth.request_info import KEY, RequestInfo

Headers: TypeAlias = list[tuple[bytes, bytes]]

HOST = b"host"
FORWARDED_HOST = b"x-forwarded-host"


class Proxies:
    """Restores each request as its client made it; the outermost middleware.

    `client`, `scheme` and the Host header come from trusted proxies; `path` includes the base, and
    `root_path` is the base. If the peer is not a trusted proxy, the header that names the proxy's
    authenticated user is removed.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._trusted = settings.trusted_proxies
        names = [str(network) for network in self._trusted]
        self._app: Any = ProxyHeadersMiddleware(app, names)  # type: ignore[arg-type] # other ASGI types
        self._base = settings.base_path
        self._user_header = settings.auth_header.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Restore the request, then pass it on."""
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
        proxied = client is not None and self._trusts(client[0])
        restored = _forwarded(headers) if proxied else _without(headers, self._user_header)
        return {"headers": [*restored], KEY: RequestInfo(proxied=proxied)}

    def _trusts(self, host: str) -> bool:
        """Return whether a peer is a trusted proxy, as `ProxyHeadersMiddleware` decides."""
        try:
            address = ip_address(host)
        except ValueError:  # a Unix socket
            return False
        return any(address in network for network in self._trusted)


def _forwarded(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers, with the Host that the proxy received, if it forwards it."""
    forwarded = b",".join(value for name, value in headers if name == FORWARDED_HOST)
    host = forwarded.rpartition(b",")[2].strip()  # the nearest proxy appends its own
    if host:
        yield HOST, host
    yield from _without(headers, HOST) if host else headers


def _without(headers: Headers, dropped: bytes) -> Iterator[tuple[bytes, bytes]]:
    return ((name, value) for name, value in headers if name != dropped)
