"""Middleware that gives each request an id and logs what became of it."""

import logging
import re
import secrets
import time

from starlette import status
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from northstar.logs import request_id
from northstar.web.visit import visit

log = logging.getLogger(__name__)

LONGEST_PATH = 200  # longer ones are nobody's, and fill the log

HUNG_UP = 499  # no status of HTTP: what nginx logs of a client that hung up

HEADER = "X-Request-ID"
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What is asked for by machines, and the files and the inner workings of the page.
QUIET = re.compile(r"/(?:(?:healthz|readyz|metrics)$|(?:assets|vendor|api/docs/static)/|_)")


class RequestLog:
    """Gives every request an id, and says in a line what became of it.

    It catches what the application did not, and answers with the id, under which the log has more.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; an error in a socket is the server's to log."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        name = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        request_id.set(name)
        if scope["type"] == "http":
            await self._answer(scope, receive, send, name)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, name: str) -> None:
        started = time.perf_counter()
        code = 0

        async def receive_noted() -> Message:
            nonlocal code
            message = await receive()
            if message["type"] == "http.disconnect":
                code = code or HUNG_UP
            return message

        async def send_named(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = code or message["status"]
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        try:
            await self._app(scope, receive_noted, send_named)
        except ClientDisconnect:
            pass  # noted above; there is nobody to answer
        except Exception:
            log.exception("fault in %s %s", scope["method"], scope["path"])
            if not code:  # else the server breaks off what was begun
                told = {"error": "this went wrong on our side", "request_id": name}
                fault = JSONResponse(told, status.HTTP_500_INTERNAL_SERVER_ERROR)
                await fault(scope, receive, send_named)
        _note(scope, code, (time.perf_counter() - started) * 1000)


def _note(scope: Scope, code: int, took_ms: float) -> None:
    """Log a request of somebody else's, and a fault; what is quiet may well be unavailable."""
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    if code == status.HTTP_500_INTERNAL_SERVER_ERROR or (scope["client"] and not QUIET.match(path)):
        known = visit(scope)
        viewer = known.viewer.name if known.viewer else "nobody known"
        client = scope["client"][0] if scope["client"] else "the program itself"
        told = scope["method"], path[:LONGEST_PATH], code, took_ms, viewer, client
        why = f": {known.refused}" if known.refused else ""
        log.info("%s %s %d in %.0f ms for %s at %s%s", *told, why)
