"""ASGI middleware that checks host, method, size, rate and credentials of every request.

`access` checks the credentials.
"""

import re
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from northstar.errors import Refused
from northstar.settings.table import Settings, variable
from northstar.view.sign_in.page import redirect_page
from northstar.web.auth.access import ANONYMOUS, SIGN_IN_AGAIN, Access, Viewer
from northstar.web.auth.reach import way_from_outside
from northstar.web.auth.request_info import request_info
from northstar.web.auth.security_headers import page_policy
from northstar.web.auth.throttle import Throttle
from northstar.web.files.dash_app import CALLBACKS, DASH_PATHS
from northstar.web.files.manifest import ADDRESSES

# Health probes: allowed under any host name, as they contain no financial data.
PROBES = {"/healthz", "/readyz"}
# Paths that need no authentication: for signing in and out, and for installing the dashboard.
OPEN = {"/sign-in", "/sign-out", "/screen", *ADDRESSES}
# Largest body of an unauthenticated request: twice the longest path after a sign-in.
MAX_OPEN_BYTES = 16_384
# The only paths that accept POST, besides `CHANGES`. Dash uses the last one for the layout of its
# page.
FORMS = {"/sign-in", "/sign-out", f"/history/{CALLBACKS}"}
# The paths of what viewers change, with POST or DELETE; `Changes` checks these requests.
CHANGES = re.compile(r"/api/(notes(/\d+)?|alerts/[0-9a-f]{1,32}/(acknowledge|silence))", re.ASCII)
MAX_CHANGE_BYTES = 16_384  # a note of characters that are all escaped has 12 kB
DEMO_FORMS = {"/demo"}  # and of a demo
# The only sockets served; Dash's own are unused.
STREAMS = {"/view-stream", "/pnl-stream"}
# Path prefixes of the live page.
LIVE = (
    "/view-stream",
    "/explain/",
    "/alerts/",
    "/demo",
    "/assets/",
    "/vendor/",
    *(f"/{path}" for path in DASH_PATHS),
)
LONGEST_HOST = 253  # characters: RFC 1035, 2.3.4
# Paths whose response is computed for each request.
COSTLY = ("/api/", "/chart/", "/history")
SIGN_IN_HELPS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class Guard:
    """ASGI middleware that admits or refuses each request."""

    def __init__(self, app: ASGIApp, settings: Settings, access: Access) -> None:
        self._app = app
        self._access = access
        self._insecure = settings.insecure
        self._hosts = set(settings.allowed_hosts)
        self._forms = FORMS | (DEMO_FORMS if settings.demo else set())
        self._max_body = settings.max_body_kb * 1024
        self._requests = Throttle(settings.api_rate)
        self._attempts = access.attempts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            self._admit(HTTPConnection(scope))
        except Refused as refused:
            await self._refuse(HTTPConnection(scope), refused, receive, send)
            return
        if scope["type"] == "http":
            receive = _limited(receive, self._limit(_path(scope)))
        await self._app(scope, receive, send)

    def _admit(self, request: HTTPConnection) -> None:
        """Admit a request, and record its viewer if the path needs one. Raises `Refused`."""
        path = _path(request.scope)
        if path in PROBES:
            return
        self._check_host(request)
        if not path.startswith("/"):  # `*` of OPTIONS
            raise Refused(HTTPStatus.BAD_REQUEST, "expected a path that begins with /")
        self._check_form(request, path)
        if request.scope["type"] == "websocket" and path not in STREAMS:
            raise Refused(HTTPStatus.NOT_FOUND, "no such stream")
        if path.startswith(COSTLY):
            self._requests.check(request)
            self._requests.count(request)
        if path in OPEN:
            return
        viewer = self._authenticate(request)
        request_info(request.scope).viewer = viewer
        # Nothing else needs cookies, and Dash would parse them in full; see `cookies_named`.
        headers = request.scope["headers"]
        request.scope["headers"] = [header for header in headers if header[0] != b"cookie"]
        if not (viewer.sees_all or path == "/" or path.startswith(LIVE)):
            raise Refused(HTTPStatus.FORBIDDEN, "this token grants access to the live page only")

    def _authenticate(self, request: HTTPConnection) -> Viewer:
        """Return the viewer of a request; raises `Refused` without a valid credential."""
        access = self._access
        if not access.guarded:
            self._check_reach(request)
            return ANONYMOUS
        proxied = access.header and request_info(request.scope).proxied
        names = request.headers.getlist(access.header) if proxied else []
        return (
            access.by_proxy(names)
            or self._session(request)
            or self._bearer(request)
            or _unauthenticated()
        )

    def _session(self, request: HTTPConnection) -> Viewer | None:
        """Return the viewer of a valid cookie, and record the cookie."""
        for _, cookie, viewer in self._access.valid_cookies(request.headers):
            request_info(request.scope).session = cookie
            return viewer
        return None

    def _bearer(self, request: HTTPConnection) -> Viewer | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        self._attempts.check(request)
        viewer = self._access.by_token(token.strip())
        if viewer is None:
            self._attempts.count(request)
        return viewer

    def _check_host(self, request: HTTPConnection) -> None:
        """Refuse foreign host names: DNS rebinding would let another page read ours."""
        host = _host_name(request.headers.get("host", ""))
        if not (host == "localhost" or _is_address(host) or {host, "*"} & self._hosts):
            raise Refused(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"host name {host!r} is not allowed: add it to {variable('allowed_hosts')}",
            )

    def _check_form(self, request: HTTPConnection, path: str) -> None:
        is_form = path in self._forms or CHANGES.fullmatch(path)
        if request.scope.get("method", "GET") not in {"GET", "HEAD"} and not is_form:
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method not allowed")
        size = request.headers.get("content-length", "")
        if size.isdecimal() and int(size) > (limit := self._limit(path)):
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(limit))

    def _limit(self, path: str) -> int:
        """Return the largest body of a path, in bytes."""
        if path in OPEN:
            return min(self._max_body, MAX_OPEN_BYTES)
        return min(self._max_body, MAX_CHANGE_BYTES) if CHANGES.fullmatch(path) else self._max_body

    def _check_reach(self, request: HTTPConnection) -> None:
        """Refuse requests from other machines if no authentication is configured.

        The settings refuse to start in that case.
        """
        if not self._insecure and (way := way_from_outside(request)):
            raise Refused(
                HTTPStatus.FORBIDDEN,
                f"no sign-in is configured, and this request came {way}: set"
                f" {variable('auth_token')} or {variable('auth_users')}, and"
                f" {variable('trusted_proxies')} for a proxy, or {variable('insecure')}=true to"
                " disable the requirement",
            )

    async def _refuse(
        self, request: HTTPConnection, refused: Refused, receive: Receive, send: Send
    ) -> None:
        """Answer with the reason, or redirect a browser to the sign-in page."""
        scope = request.scope
        request_info(scope).refused = str(refused)
        unknown = refused.status == HTTPStatus.UNAUTHORIZED
        if unknown and scope["type"] == "websocket" and "origin" in request.headers:
            # A browser reports only the close code and reason of a socket to the page.
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": SIGN_IN_AGAIN, "reason": str(refused)})
            return
        is_page = "text/html" in request.headers.get("accept", "")
        redirects = refused.status in SIGN_IN_HELPS and is_page and self._access.signs_in
        answer = _redirect_to_sign_in(request, refused) if redirects else to_response(refused)
        await answer(scope, receive, send)


def to_response(refused: Refused) -> Response:
    """Return the JSON response to a refused request."""
    return JSONResponse({"error": str(refused)}, refused.status, refused.headers)


def _redirect_to_sign_in(request: HTTPConnection, refused: Refused) -> Response:
    after = quote(f"{_path(request.scope)}?{request.url.query}".rstrip("?"), safe="")
    page = redirect_page(f"{request.scope.get('root_path', '')}/sign-in?next={after}")
    headers = {"Cache-Control": "no-store", **(refused.headers or {}), **page_policy(())}
    return HTMLResponse(page, refused.status, headers)


def _limited(receive: Receive, limit: int) -> Receive:
    """Accept at most `limit` bytes of a body, whatever its Content-Length."""
    left = limit

    async def limited() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _too_large(limit))
        return message

    return limited


def _too_large(limit: int) -> str:
    return f"larger than {limit // 1024} kB"


def _path(scope: Scope) -> str:
    """Return the path below the base path."""
    return str(scope["path"]).removeprefix(scope.get("root_path", "")) or "/"


def _unauthenticated() -> Viewer:
    raise Refused(HTTPStatus.UNAUTHORIZED, "sign-in required", {"WWW-Authenticate": "Bearer"})


def _host_name(host: str) -> str:
    """Return a host without its port, in lower case; empty if it is invalid."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:  # unmatched brackets
        return ""
    return name if len(name) <= LONGEST_HOST else ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
