"""Parse responses of other servers: `Retry-After`, and texts that are safe to print."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
# A server that asks for a longer wait is tried after an hour nevertheless.
MAX_WAIT_S = 3600.0
# Characters of a text; the reason in a WebSocket close frame has at most 123 bytes.
MAX_TEXT = 200


def retry_after_s(status: int, headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a busy server requests before the next attempt; None if none."""
    value = headers.get("Retry-After", "").strip() if status in BUSY else ""
    if value.isdecimal():
        return min(float(value), MAX_WAIT_S) or None
    with suppress(ValueError, OverflowError):
        due = parsedate_to_datetime(value)
        wait_s = (due.replace(tzinfo=due.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
        return min(wait_s, MAX_WAIT_S) if wait_s > 0 else None
    return None


def one_line(text: str) -> str:
    """Return untrusted text as one short line that is safe to print on a terminal.

    Line ends, control characters and direction marks become spaces.
    """
    printable = "".join(letter if letter.isprintable() else " " for letter in text[:MAX_TEXT])
    return " ".join(printable.split()) + ("…" if len(text) > MAX_TEXT else "")
