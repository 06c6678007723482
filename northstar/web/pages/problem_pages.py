"""Middleware that answers a refused request of a browser with a page instead of JSON."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from starlette import status
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from northstar.view.shared.assets import ASSETS
from northstar.view.shared.card import ProblemPage
from northstar.web.auth.security_headers import hash_of, page_policy

JSON = "application/json"
HTML = "text/html; charset=utf-8"


class ProblemPages:
    """ASGI middleware that shows the reason in our JSON errors to those who ask for HTML.

    Every error of ours passes it, whatever refuses the request. Compressed bodies are left as they
    are: those of our errors are too short for it.
    """

    def __init__(self, app: ASGIApp, desk: str) -> None:
        self._app = app
        self._page = ProblemPage(ASSETS, desk)
        self._policy = page_policy([hash_of(self._page.script)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        base = scope.get("root_path", "")  # a mounted app changes it
        start: Message | None = None
        body = b""

        async def send_page(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_error(message):
                start = message
                return
            if start is None:
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                await self._answer(start, body, base, send)

        await self._app(scope, receive, send_page)

    async def _answer(self, start: Message, body: bytes, base: str, send: Send) -> None:
        """Send the page with the reasons in a body; the body itself if it has none."""
        if reasons := list(_reasons(body)):
            body = self._page.render(reasons, base).encode()
            headers = MutableHeaders(scope=start)
            headers["Content-Type"], headers["Content-Length"] = HTML, str(len(body))
            headers["Cache-Control"] = "no-store"
            headers.update(self._policy)
        await send(start)
        await send({"type": "http.response.body", "body": body})


def _is_error(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    is_json = headers.get("content-type") == JSON and "content-encoding" not in headers
    return bool(start["status"] >= status.HTTP_400_BAD_REQUEST and is_json)


def _reasons(body: bytes) -> Iterator[str]:
    """Yield the reasons in the JSON of an error."""
    answer: Any = None
    with suppress(ValueError):  # nothing, in response to HEAD
        answer = json.loads(body)
    match answer:
        case {"error": str(reason), "request_id": str(name)}:
            yield f"{reason}, request {name}"
        case {"error": str(reason)} | {"detail": str(reason)}:
            yield reason
        case {"detail": [*details]}:
            for detail in details:
                yield f"the address has {detail['loc'][-1]}: {detail['msg']}"
