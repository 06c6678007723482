"""Notes that people write about a day, or about a moment of it."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

LONGEST = 1000  # characters of a text
# Unicode's general categories of control characters, surrogates, and unassigned code points.
REFUSED = {"Cc", "Cs", "Cn"}


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a change: the name, and how it was authenticated (`AuthMethod`)."""

    name: str
    method: str


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a day; `at`, aware, is the moment that it is about, None for the whole day."""

    number: int
    day: date
    at: datetime | None
    author: Author
    written_at: datetime
    text: str


def read_text(text: str) -> str:
    """Return the text of a note; white space and line breaks become single spaces.

    Raises ValueError with what was expected.
    """
    words = " ".join(text.split())
    if not 1 <= len(words) <= LONGEST:
        raise ValueError(f"expected 1 to {LONGEST:,} characters, got {len(words):,}")
    kinds = set(map(unicodedata.category, words))
    if kinds & REFUSED:
        raise ValueError("expected text without control characters")
    if all(kind[0] in "ZC" for kind in kinds):
        raise ValueError("expected a visible character")
    return words


def by_day(notes: Iterable[Note]) -> Mapping[date, Sequence[Note]]:
    """Return notes by day, in their order."""
    found: dict[date, list[Note]] = {}
    for note in notes:
        found.setdefault(note.day, []).append(note)
    return found


def one_line(notes: Iterable[Note], zone: tzinfo) -> str:
    """Return the notes of a day as one line: time, text and author of each."""
    texts = (f"{time_of(note, zone)} {note.text} ({note.author.name})" for note in notes)
    return " · ".join(map(str.strip, texts))


def time_of(note: Note, zone: tzinfo) -> str:
    """Return the time of day of a note's moment; empty without a moment."""
    return f"{note.at.astimezone(zone):%H:%M}" if note.at else ""
