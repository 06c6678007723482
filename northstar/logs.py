"""Logging: one handler, text or JSON, with secrets masked."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from pythonjsonlogger.json import JsonFormatter

from northstar.settings.table import Settings

MASK = "…"
# Masking shorter secrets would blank ordinary text, and they can be guessed anyway.
SHORTEST_SECRET = 4
# Control characters, line ends, direction marks and surrogates.
CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
UVICORN = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")

# Id of the request being served; every request has its own context.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

Masked: TypeAlias = Callable[[str], str]


def configure(settings: Settings, worker: str = "") -> None:
    """Log to standard error, for the program and its libraries, in the configured format.

    Each line has the number of the `worker`, if it is one of several.
    """
    formatter = _Json if settings.log_format == "json" else _Text
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(masking(secrets_in(settings)), worker))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("northstar").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    for name in UVICORN:  # the `uvicorn` command has already installed handlers
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def secrets_in(settings: Settings) -> set[str]:
    """Return the secrets to mask in logs: as set, percent-encoded and decoded."""
    urls = (settings.ws_url, settings.api_url, settings.db, settings.alive_url.get_secret_value())
    hidden = (
        settings.token,
        settings.auth_token,
        settings.screen_token,
        settings.alive_url,
        *settings.headers.values(),
        *(user.hash for user in settings.auth_users.values()),
    )
    found = {secret.get_secret_value() for secret in hidden}
    found.update(*map(_secrets_of, urls))
    encoded = {encode(secret) for secret in found for encode in (str, quote, unquote)}
    return {secret for secret in encoded if len(secret) >= SHORTEST_SECRET}


def masking(hidden: Iterable[str]) -> Masked:
    """Return a function that replaces each secret with “…”, longest match first."""
    longest_first = sorted(hidden, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
    return partial(pattern.sub, MASK)


def _secrets_of(url: str) -> Iterator[str]:
    """Yield login, password, query and its values; a user without a password is no secret."""
    parts = urlsplit(url)
    if parts.password:
        yield parts.netloc.rpartition("@")[0]
        yield parts.password
    yield parts.query
    yield from (value for _, value in parse_qsl(parts.query))


class _Text(logging.Formatter):
    """One line of text per record; tracebacks are indented, so that none looks like a record."""

    def __init__(self, masked: Masked, worker: str) -> None:
        super().__init__()
        self._masked = masked
        self._worker = f"worker {worker}: " if worker else ""

    def format(self, record: logging.LogRecord) -> str:
        request = f" [{name}]" if (name := request_id.get()) else ""
        text = f"{record.levelname} {self._worker}{record.getMessage()}{request}"
        lines = [f"{self.formatTime(record)} {_visible(self._masked(text))}"]
        if record.exc_info:
            traceback = self._masked(self.formatException(record.exc_info))
            lines += [f"    {_visible(line)}" for line in traceback.split("\n")]
        return "\n".join(lines)


class _Json(JsonFormatter):
    """One JSON object per line."""

    def __init__(self, masked: Masked, worker: str) -> None:
        super().__init__()
        self._masked = masked
        self._worker = worker or None

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "worker": self._worker,
            "message": record.getMessage(),
            "request_id": request_id.get(),
            "exception": message_dict.get("exc_info"),
        }
        log_data |= {name: self._masked(text) for name, text in fields.items() if text is not None}


def _visible(text: str) -> str:
    """Escape control characters, so that their sender cannot forge log lines."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
