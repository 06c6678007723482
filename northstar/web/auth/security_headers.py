"""Security headers: Content-Security-Policy and framing."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = "Content-Security-Policy"
# Policy of responses that are not pages, such as JSON or images.
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'"
# Scripts are listed one by one. Styles are not, because charts and layout set inline styles.
PAGE = (
    "default-src 'none'; script-src {}; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self';"
    " base-uri 'none'; form-action 'self'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# The address of a wall screen has its token, which a Referer would write into the log of a proxy.
SCREEN_PATH = "/screen"
BEHIND_TLS = {"Strict-Transport-Security": "max-age=31536000"}  # a year


def page_policy(hashes: Iterable[str]) -> dict[str, str]:
    """Return the header of a page; `hashes` are those of its inline scripts."""
    return {CSP: PAGE.format(" ".join(["'self'", *hashes]))}


def hash_of(script: str) -> str:
    """Return the hash source of an inline script."""
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


class SafeHeaders:
    """ASGI middleware that adds security headers to each response.

    `frame_ancestors` are the origins that may show our pages in a frame.
    """

    def __init__(self, app: ASGIApp, frame_ancestors: tuple[str, ...]) -> None:
        self._app = app
        self._frames = " ".join(["frame-ancestors", *(frame_ancestors or ["'none'"])])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(ALWAYS)
                if scope["path"].removeprefix(scope.get("root_path", "")) == SCREEN_PATH:
                    headers["Referrer-Policy"] = "no-referrer"
                if scope["scheme"] in {"https", "wss"}:
                    headers.update(BEHIND_TLS)
                headers[CSP] = f"{headers.get(CSP, NOTHING)}; {self._frames}"
            await send(message)

        await self._app(scope, receive, send_with_headers)
