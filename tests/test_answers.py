"""Answers of other servers: their Retry-After, and texts that are safe to print."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from northstar.answers import MAX_TEXT, MAX_WAIT_S, one_line, retry_after_s


@pytest.mark.parametrize(
    ("status", "value", "wait_s"),
    [
        (429, "30", 30),
        (503, " 30 ", 30),
        (503, "0", None),
        (503, "-1", None),
        (503, "soon", None),
        (503, "9" * 400, MAX_WAIT_S),
        (403, "30", None),
        (200, "30", None),
    ],
)
def test_retry_after(status: int, value: str, wait_s: float | None) -> None:
    """Retry-After counts for a busy source, up to an hour."""
    assert retry_after_s(status, {"Retry-After": value}) == wait_s


def test_retry_after_a_date() -> None:
    """Retry-After may be a date; one in the past has no effect."""
    soon = datetime.now(UTC) + timedelta(seconds=90)

    assert retry_after_s(429, {"Retry-After": format_datetime(soon, usegmt=True)}) == pytest.approx(
        90, abs=5
    )
    assert retry_after_s(429, {"Retry-After": "Wed, 25 Feb 2026 22:24:00 GMT"}) is None
    assert retry_after_s(429, {}) is None


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("connection closed (1001 going away)", "connection closed (1001 going away)"),
        ("größer – ok", "größer – ok"),
        ("a\r\n2026 ERROR b\u2028c\x85d", "a 2026 ERROR b c d"),
        ("\x1b[31mred\x1b[0m \x9b1m \x07", "[31mred [0m 1m"),
        ("\u202eback\u202c \u2066and forth\u2069", "back and forth"),
        ("nul\0 \ud800", "nul"),
        ("x" * MAX_TEXT, "x" * MAX_TEXT),
        ("x" * 10_000_000, "x" * MAX_TEXT + "…"),
    ],
    ids=["plain", "letters", "lines", "terminal", "directions", "nothing", "full", "long"],
)
def test_text_of_a_stranger(told: str, line: str) -> None:
    """The text is one short line without control characters."""
    assert one_line(told) == line
