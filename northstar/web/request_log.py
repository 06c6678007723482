"""Middleware that gives each request an id and logs its outcome."""

import asyncio
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
from northstar.web.auth.request_info import request_info

log = logging.getLogger(__name__)

LONGEST_PATH = 200  # characters logged; no page has a longer path

HUNG_UP = 499  # not an HTTP status; nginx logs it for a client that hung up

HEADER = "X-Request-ID"
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Probes, metrics, static files and Dash's internal paths.
QUIET = re.compile(r"/(?:(?:healthz|readyz|metrics)$|(?:assets|vendor|api/docs/static)/|_)")


class RequestLog:
    """Gives each request an id, and logs its outcome in one line.

    Unhandled exceptions are logged and answered with the id, by which the log entry is found.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; errors in sockets are logged by the server."""
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
        path = scope["path"].removeprefix(scope.get("root_path", ""))  # a mounted app changes both
        code = 0

        async def receive_and_note() -> Message:
            nonlocal code
            message = await receive()
            if message["type"] == "http.disconnect":
                code = code or HUNG_UP
            return message

        async def send_with_id(message: Message) -> None:
            nonlocal code
            if message["type"] == "http.response.start":
                code = code or message["status"]
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        try:
            await self._app(scope, receive_and_note, send_with_id)
        except ClientDisconnect:
            pass  # recorded above; the client is gone
        except asyncio.CancelledError:
            # The server ends, and has waited long enough. It would log a traceback for each request
            # that has not come in whole, such as those of a client that sends slowly on purpose.
            if not code:
                await _ending(scope, receive, send_with_id)
        except Exception:
            log.exception("fault in %s %s", scope["method"], scope["path"])
            if not code:  # otherwise the server aborts the started response
                problem = {"error": "internal server error", "request_id": name}
                fault = JSONResponse(problem, status.HTTP_500_INTERNAL_SERVER_ERROR)
                await fault(scope, receive, send_with_id)
        _log_outcome(scope, path, code, (time.perf_counter() - started) * 1000)


_ending = JSONResponse({"error": "the server is ending"}, status.HTTP_503_SERVICE_UNAVAILABLE)


def _log_outcome(scope: Scope, path: str, code: int, took_ms: float) -> None:
    """Log a fault, or an external request unless its path is quiet (503 there is normal)."""
    if code == status.HTTP_500_INTERNAL_SERVER_ERROR or (scope["client"] and not QUIET.match(path)):
        known = request_info(scope)
        viewer = known.viewer.name if known.viewer else "unknown"
        client = scope["client"][0] if scope["client"] else "internal"
        fields = scope["method"], path[:LONGEST_PATH], code, took_ms, viewer, client
        why = f": {known.refused}" if known.refused else ""
        log.info("%s %s %d in %.0f ms for %s at %s%s", *fields, why)
