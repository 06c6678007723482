"""Notes of days in the database of the history.

Methods that read or write the database block, and raise `StoreError`: do not call them on the event
loop.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, delete, insert, select, update

from northstar.domain.notes import Author, Note
from northstar.errors import StoreError
from northstar.history.audit import Change, record
from northstar.history.database import translated_errors
from northstar.history.schema import NOTES
from northstar.history.turns import writing_in_turn
from northstar.observers import Observers

MOST_NEWEST = 200  # notes that the live page may show

VISIBLE = select(NOTES).where(NOTES.c.deleted_at.is_(None))


class Notebook:
    """Writes notes in turn with the other writer of the process, which holds `turn` meanwhile.

    `newest` are the notes of the newest days, oldest first, as of the last `read_newest`;
    `changed` notifies observers of another one, on the event loop.
    """

    def __init__(self, engine: Engine, turn: Lock) -> None:
        self.newest: Sequence[Note] = ()
        self.changed: Observers[()] = Observers()
        self._engine = engine
        self._turn = turn
        self._read: Sequence[Note] = ()

    def find(self, number: int) -> Note | None:
        """Return a note by its number; None for one that is deleted or never existed."""
        return next(iter(self._select(VISIBLE.where(NOTES.c.number == number))), None)

    def write(self, day: date, at: datetime | None, text: str, change: Change) -> Note:
        """Write a note of a day, and its row of the audit, in one transaction."""
        author = change.author
        row = {"day": day, "at": at, "author": author.name, "method": author.method}
        statement = insert(NOTES).values(**row, written_at=change.at, text=text).returning(NOTES)
        with writing_in_turn(self._engine, self._turn) as connection:
            note = _note(connection.execute(statement).one())
            record(connection, change, "note written", _subject(note))
        self._follow()
        return note

    def delete(self, note: Note, change: Change) -> bool:
        """Delete a note, which stays in the database; return whether it was not deleted yet."""
        of_note = NOTES.c.number == note.number, NOTES.c.deleted_at.is_(None)
        deleted = {"deleted_at": change.at, "deleted_by": change.author.name}
        with writing_in_turn(self._engine, self._turn) as connection:
            found = connection.execute(update(NOTES).where(*of_note).values(**deleted)).rowcount
            if found:
                record(connection, change, "note deleted", _subject(note))
        self._follow()
        return bool(found)

    def read_newest(self) -> None:
        """Read the notes of the newest days, which others may have written, for `publish`."""
        newest = VISIBLE.order_by(NOTES.c.day.desc(), NOTES.c.number.desc()).limit(MOST_NEWEST)
        self._read = tuple(sorted(self._select(newest), key=_order))

    def _follow(self) -> None:
        """Read the newest notes after a change, which has been made whether or not they can be."""
        with suppress(StoreError):
            self.read_newest()

    def publish(self) -> None:
        """Set `newest` to the notes that were read last."""
        if self._read != self.newest:
            self.newest = self._read
            self.changed.notify()

    def _select(self, query: Select[Any]) -> Sequence[Note]:
        with translated_errors(), self._engine.connect() as connection:
            return [*map(_note, connection.execute(query))]


def read_notes(engine: Engine, first: date, last: date) -> Sequence[Note]:
    """Return the notes of the days from `first` to `last`, by day, moment and number."""
    with translated_errors(), engine.connect() as connection:
        rows = connection.execute(VISIBLE.where(NOTES.c.day.between(first, last)))
        return sorted(map(_note, rows), key=_order)


def delete_notes(connection: Connection, first: date) -> None:
    """Delete the notes of the days before `first` from the database."""
    connection.execute(delete(NOTES).where(NOTES.c.day < first))


def _note(row: Row[Any]) -> Note:
    author = Author(row.author, row.method)
    return Note(row.number, row.day, row.at, author, row.written_at, row.text)


def _order(note: Note) -> tuple[date, bool, datetime, int]:
    """Return a key to sort by: notes of a whole day before those of its moments."""
    return note.day, note.at is not None, note.at or note.written_at, note.number


def _subject(note: Note) -> str:
    return f"note {note.number} of {note.day}"
