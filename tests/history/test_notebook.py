"""Notes in the database and the audit of changes, on SQLite and PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Lock

import pytest
from sqlalchemy import Engine, select

from northstar.domain.notes import Author
from northstar.errors import StoreError
from northstar.history.audit import Change
from northstar.history.database import open_database, read_url
from northstar.history.notebook import Notebook, read_notes
from northstar.history.retention import Retention
from northstar.history.schema import (
    AUDIT,
    NOTES,
)
from northstar.history.store import Store
from support.states import CALENDAR, newer_tables, opened, state

DAY = date(2026, 2, 25)
WRITTEN = datetime(2026, 2, 26, 9, 30, 0, 123456, tzinfo=UTC)
ALICE = Change(Author("alice", "user"), "203.0.113.9", WRITTEN)
BOB = Change(Author("bob", "proxy"), "203.0.113.10", WRITTEN + timedelta(minutes=1))


def moment(hour: int) -> datetime:
    """Return an hour of the 25th."""
    return datetime(2026, 2, 25, hour, tzinfo=UTC)


@pytest.fixture
def notebook(engine: Engine) -> Notebook:
    """Return a notebook in an empty database."""
    return Notebook(engine, Lock())


def audited(engine: Engine) -> list[tuple[object, ...]]:
    """Return the rows of the audit, oldest first, without numbers."""
    with engine.connect() as connection:
        rows = connection.execute(select(AUDIT).order_by(AUDIT.c.number))
        return [tuple(row)[1:] for row in rows]


def test_write(engine: Engine, notebook: Notebook) -> None:
    """A note is read unchanged, with author and time, and the change is audited."""
    note = notebook.write(DAY, moment(14), "Fees rose <b>", ALICE)

    written_at = WRITTEN.replace(microsecond=123000)
    assert (note.day, note.at, note.text) == (DAY, moment(14), "Fees rose <b>")
    assert (note.author, note.written_at) == (ALICE.author, written_at)
    assert read_notes(engine, DAY, DAY) == [note]
    assert notebook.find(note.number) == note
    assert audited(engine) == [
        (written_at, "alice", "user", "203.0.113.9", "note written", "note 1 of 2026-02-25")
    ]


def test_order(engine: Engine, notebook: Notebook) -> None:
    """Notes are sorted by day; notes of the whole day precede those with a time."""
    later = notebook.write(DAY, moment(15), "later", ALICE)
    earlier = notebook.write(DAY, moment(9), "earlier", ALICE)
    whole = notebook.write(DAY, None, "whole", BOB)
    before = notebook.write(date(2026, 2, 24), moment(23), "before", BOB)
    notebook.write(date(2026, 2, 27), None, "after", BOB)

    assert read_notes(engine, before.day, DAY) == [before, whole, earlier, later]
    assert read_notes(engine, date(2026, 3, 1), date(2026, 3, 2)) == []


def test_delete(engine: Engine, notebook: Notebook) -> None:
    """A deleted note is hidden; its row has who deleted it, and the audit both changes."""
    note = notebook.write(DAY, None, "wrong", ALICE)

    assert notebook.delete(note, BOB)
    assert not notebook.delete(note, BOB)

    assert notebook.find(note.number) is None
    assert read_notes(engine, DAY, DAY) == []
    with engine.connect() as connection:
        row = connection.execute(select(NOTES)).one()
    assert (row.text, row.deleted_by) == ("wrong", "bob")
    assert row.deleted_at == BOB.at.replace(microsecond=123000)
    assert [(who, what) for _, who, _, _, what, _ in audited(engine)] == [
        ("alice", "note written"),
        ("bob", "note deleted"),
    ]


def test_write_without_audit(engine: Engine, notebook: Notebook) -> None:
    """If the audit cannot be written, the note is not written."""
    with engine.begin() as connection:
        AUDIT.drop(connection)

    with pytest.raises(StoreError):
        notebook.write(DAY, None, "unaudited", ALICE)

    assert read_notes(engine, DAY, DAY) == []


def test_written_though_not_read(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing a note succeeds even if the newest notes cannot be read afterwards."""

    def fail(_: Notebook) -> None:
        raise StoreError("the database does not answer")

    monkeypatch.setattr(Notebook, "read_newest", fail)
    note = notebook.write(DAY, None, "written", ALICE)

    assert notebook.find(note.number) == note
    assert notebook.delete(note, BOB)


def test_numbers_are_not_used_again(engine: Engine, notebook: Notebook) -> None:
    """A note's number in the audit is never reused, even after retention."""
    notebook.write(DAY, None, "old", ALICE)
    with engine.begin() as connection:
        connection.execute(NOTES.delete())

    assert notebook.write(DAY, None, "new", ALICE).number == 2


def test_newest(notebook: Notebook, engine: Engine) -> None:
    """The notes of the newest days are published when they change, whoever wrote them."""
    published: list[int] = []
    notebook.changed.subscribe(lambda: published.append(len(notebook.newest)))
    note = Notebook(engine, Lock()).write(DAY, None, "by another process", BOB)

    notebook.publish()
    assert published == []
    notebook.read_newest()
    notebook.publish()
    notebook.publish()

    assert published == [1]
    assert notebook.newest == (note,)


def test_turns(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note waits for the other writer, and is refused if that takes too long."""
    monkeypatch.setattr("northstar.history.turns.TURN_S", 0.05)
    turn = Lock()
    notebook = Notebook(engine, turn)
    with turn, pytest.raises(StoreError, match="the database does not answer"):
        notebook.write(DAY, None, "too early", ALICE)

    assert notebook.write(DAY, None, "in turn", ALICE).number == 1


def test_many_writers(engine: Engine) -> None:
    """Notes written during states are all stored, each with its own number."""
    turn = Lock()
    notebook, store = Notebook(engine, turn), Store(engine, CALENDAR)

    def write_states(second: int) -> None:
        with turn:
            store.write([state(f"25T10:00:{second:02}", str(second))])

    def write_note(number: int) -> int:
        return notebook.write(DAY, None, f"note {number}", ALICE).number

    with ThreadPoolExecutor(4) as pool:
        states = pool.map(write_states, range(20))
        numbers = list(pool.map(write_note, range(20)))
        list(states)

    assert sorted(numbers) == list(range(1, 21))
    assert len(read_notes(engine, DAY, DAY)) == len(audited(engine)) == 20


@pytest.mark.parametrize(("days", "kept"), [(10, ["new"]), (None, ["old", "new"])])
def test_retention(engine: Engine, days: int | None, kept: list[str]) -> None:
    """Notes and audit are stored as long as their days."""
    store, notebook = Store(engine, CALENDAR), Notebook(engine, Lock())
    then = Change(ALICE.author, ALICE.address, WRITTEN - timedelta(days=20))
    notebook.write(date(2026, 2, 5), None, "old", then)
    notebook.write(DAY, None, "new", ALICE)
    store.write([state("26T09:00", "1")])

    hour = timedelta(hours=1)
    store.prune(Retention(hour, hour, timedelta(days=days) if days else None), WRITTEN)

    notes = read_notes(engine, date(2026, 1, 1), DAY)
    assert [note.text for note in notes] == kept
    assert len(audited(engine)) == len(kept)


def test_migration(database: str) -> None:
    """A database of the previous version gets the tables and keeps its states."""
    with opened(database) as store:
        store.write([state("25T10:00", "7")])
    engine = open_database(read_url(database))
    with engine.begin() as connection:
        for added in newer_tables():
            added.drop(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
    engine.dispose()

    with opened(database) as migrated:
        notebook = Notebook(migrated.engine, Lock())
        notebook.write(DAY, None, "first", ALICE)
        assert [note.text for note in read_notes(migrated.engine, DAY, DAY)] == ["first"]
        assert [day.revenue for day in migrated.days(DAY, DAY)] == [7]
