"""Check the requests of Dash's callbacks.

Dash answers a request that its page does not send with 500 and a traceback in the log.
"""

from collections.abc import Sequence

import msgspec
from fastapi import Request, status
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from northstar.web.files.dash_app import ROUTED, ROUTED_BY


class _Property(msgspec.Struct):
    id: str
    property: str


class _Value(_Property):
    value: str | None = None


class _Call(msgspec.Struct):
    """The body of a request; all values that our callbacks take are parts of an address."""

    output: str
    outputs: Sequence[_Property]
    inputs: Sequence[_Value]
    changedPropIds: Sequence[str]  # noqa: N815 (Dash's name)
    state: Sequence[_Value] = ()


class CheckedCallbacks:
    """ASGI middleware that answers 400 to a request at `path` other than that of Dash Pages.

    All our own callbacks run in the browser.
    """

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != self._path or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            body = await request.body()
        except HTTPException as error:  # it is too large
            await _refuse(error.status_code, error.detail)(scope, receive, send)
            return
        kind = request.headers.get("content-type", "")
        if not (kind.startswith("application/json") and _is_ours(body)):
            answer = _refuse(status.HTTP_400_BAD_REQUEST, "not a callback of this page")
            await answer(scope, receive, send)
            return

        async def receive_again() -> Message:
            nonlocal body
            message, body = {"type": "http.request", "body": body}, b""
            return message if message["body"] else await receive()

        await self._app(scope, receive_again, send)


def _is_ours(body: bytes) -> bool:
    """Return whether a body is one that our page sends."""
    try:
        call = msgspec.json.decode(body, type=_Call)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    outputs = [f"{each.id}.{each.property}" for each in call.outputs]
    inputs = [f"{each.id}.{each.property}" for each in (*call.inputs, *call.state)]
    return (call.output, outputs, inputs) == (f"..{'...'.join(ROUTED)}..", ROUTED, ROUTED_BY)


def _refuse(code: int, reason: str) -> JSONResponse:
    return JSONResponse({"error": reason}, code)
