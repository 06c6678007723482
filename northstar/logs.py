"""What the program says to those who run it: one handler, one format, and nothing secret in it."""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from pythonjsonlogger.json import JsonFormatter
from starlette import status
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from northstar.settings.table import Settings

log = logging.getLogger(__name__)

MASK = "…"
# A shorter one would blank ordinary text, and who has the log could guess it anyway.
SHORTEST_SECRET = 4
# What moves the cursor, ends the line or turns the direction of writing, and what is no character.
CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")

LONGEST_PATH = 200  # longer ones are nobody's, and fill the log

HUNG_UP = 499  # no status of HTTP: what nginx logs of a client that hung up

HEADER = "X-Request-ID"
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# What is asked for by machines, and the files and the inner workings of the page.
QUIET = re.compile(r"/(?:(?:healthz|readyz|metrics)$|(?:assets|vendor|api/docs/static)/|_)")

# Of the request that is being served: every request has a context of its own.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

Masked: TypeAlias = Callable[[str], str]


def configure(settings: Settings) -> None:
    """Send what the program and its libraries log to standard error, as the settings say."""
    formatter = _Json if settings.log_format == "json" else _Text
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(masking(secrets_in(settings))))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("northstar").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    for name in UVICORN:  # started by its own command, it has set up handlers already
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def secrets_in(settings: Settings) -> set[str]:
    """Return what must never be read in a log, in every spelling."""
    urls = (settings.ws_url, settings.api_url, settings.db, settings.alive_url.get_secret_value())
    hidden = (
        settings.token,
        settings.auth_token,
        settings.screen_token,
        settings.alive_url,
        *settings.headers.values(),
        *settings.auth_users.values(),
    )
    found = {secret.get_secret_value() for secret in hidden}
    found.update(*map(_secrets_of, urls))
    spelled = {spell(secret) for secret in found for spell in (str, quote, unquote)}
    return {secret for secret in spelled if len(secret) >= SHORTEST_SECRET}


def masking(hidden: Iterable[str]) -> Masked:
    """Return what puts “…” in the place of each secret, of the longest that is there."""
    longest_first = sorted(hidden, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
    return partial(pattern.sub, MASK)


def _secrets_of(url: str) -> Iterator[str]:
    """Yield user and password and the query, whole and in parts; a user alone is no secret."""
    parts = urlsplit(url)
    if parts.password:
        yield parts.netloc.rpartition("@")[0]
        yield parts.password
    yield parts.query
    yield from (value for _, value in parse_qsl(parts.query))


class _Text(logging.Formatter):
    """A line for people; a traceback stands below it, set in, so that it is no other line."""

    def __init__(self, masked: Masked) -> None:
        super().__init__()
        self._masked = masked

    def format(self, record: logging.LogRecord) -> str:
        asked_by = f" [{name}]" if (name := request_id.get()) else ""
        text = f"{record.levelname} {record.getMessage()}{asked_by}"
        lines = [f"{self.formatTime(record)} {_visible(self._masked(text))}"]
        if record.exc_info:
            told = self._masked(self.formatException(record.exc_info))
            lines += [f"    {_visible(line)}" for line in told.split("\n")]
        return "\n".join(lines)


class _Json(JsonFormatter):
    """One object a line."""

    def __init__(self, masked: Masked) -> None:
        super().__init__()
        self._masked = masked

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            "exception": message_dict.get("exc_info"),
        }
        log_data |= {name: self._masked(text) for name, text in fields.items() if text is not None}


def _visible(text: str) -> str:
    """Write control characters as escapes: whoever sent them cannot write a line of his own."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


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
        known = scope.get("northstar.viewer")
        viewer = known.name if known else "nobody known"
        client = scope["client"][0] if scope["client"] else "the program itself"
        told = scope["method"], path[:LONGEST_PATH], code, took_ms, viewer, client
        why = f": {reason}" if (reason := scope.get("northstar.refused")) else ""
        log.info("%s %s %d in %.0f ms for %s at %s%s", *told, why)
