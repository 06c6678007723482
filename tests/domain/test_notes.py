"""Notes: accepted texts, and the notes of a day as one line."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from northstar.domain.notes import Author, Note, by_day, one_line, read_text

DAY = date(2026, 2, 25)
AT = datetime(2026, 2, 25, 13, 5, tzinfo=UTC)


def note(number: int, day: date = DAY, at: datetime | None = None, text: str = "Fees rose") -> Note:
    """Return a note of Alice."""
    return Note(number, day, at, Author("alice", "user"), AT, text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("x", "x"),
        ("  Fees\n\trose \u2028 twice ", "Fees rose twice"),
        ("<b>=1+1</b>", "<b>=1+1</b>"),
        ("費用 👩‍🚀", "費用 👩‍🚀"),
        ("x" * 1000, "x" * 1000),
        (" " * 2000 + "x", "x"),
    ],
)
def test_read_text(text: str, read: str) -> None:
    """A text is unchanged, except that white space becomes single spaces."""
    assert read_text(text) == read


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "expected 1 to 1,000 characters, got 0"),
        (" \n ", "expected 1 to 1,000 characters, got 0"),
        ("x" * 1001, "expected 1 to 1,000 characters, got 1,001"),
        ("a\x00b", "expected text without control characters"),
        ("a\x1b[31mb", "expected text without control characters"),
        ("a\x7fb", "expected text without control characters"),
        ("a\ud800b", "expected text without control characters"),
        ("a\ufffeb", "expected text without control characters"),
        ("\u200b\u2060", "expected a visible character"),
    ],
)
def test_read_text_refuses(text: str, reason: str) -> None:
    """An empty, long, unprintable or invisible text is refused with what was expected."""
    with pytest.raises(ValueError, match=reason):
        read_text(text)


def test_one_line() -> None:
    """The notes of a day are one line with the local times and authors."""
    notes = [note(1), note(2, at=AT, text="Outage")]

    assert one_line(notes, ZoneInfo("Europe/Berlin")) == "Fees rose (alice) · 14:05 Outage (alice)"
    assert one_line([], UTC) == ""


def test_by_day() -> None:
    """Notes are grouped by day in their order."""
    first, second, other = note(1), note(2), note(3, date(2026, 2, 26))

    assert by_day([first, other, second]) == {DAY: [first, second], other.day: [other]}
