"""A database that is removed, replaced, emptied or restored while open."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from northstar.errors import StoreError, StoreReplaced, StoreUnusable
from northstar.history.database import open_temporary_database
from northstar.history.schema import metadata
from northstar.history.store import Store
from support.modes import mode, umask, unprivileged_folder
from support.states import CALENDAR, ZONE, opened, revenues, state, told_at
from support.storage import LOSSES, Loss, filled, numbered, rows_in

REPLACED = "the file was removed or replaced"
RESTORED = "the database was emptied, or restored from a backup"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a database in its own folder; neither exists yet."""
    return tmp_path / "data" / "history.db"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    """Open a store in that file."""
    with opened(str(file)) as store:
        yield store


# ---- SQLite's files ---------------------------------------------------------------------------


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_file_is_no_longer_there(store: Store, file: Path, lose: Loss) -> None:
    """A file that is no longer at its path is not written until it is opened again."""
    store.write([numbered(1)])
    lose(file)

    with pytest.raises(StoreReplaced, match=REPLACED):
        store.write([numbered(2)])
    with pytest.raises(StoreReplaced, match=REPLACED):
        store.check()
    store.reopen()
    store.write([numbered(1000)])

    assert rows_in(file)[-1] == 1000
    assert store.known()
    store.check()


def test_file_is_removed_while_a_batch_is_written(store: Store, file: Path) -> None:
    """A batch committed to a file removed meanwhile counts as not written."""
    writer = store.engine.get_execution_options()["writer"]
    event.listen(writer, "commit", lambda _: file.unlink(), once=True)

    with pytest.raises(StoreReplaced, match=REPLACED):
        store.write([numbered(1)])


def test_symbolic_link_leads_elsewhere(tmp_path: Path) -> None:
    """A link that leads to another file counts as a replaced file."""
    link = tmp_path / "link.db"
    link.symlink_to(filled(tmp_path / "one.db"))
    with opened(str(link)) as store:
        store.write([numbered(1000)])
        link.unlink()
        link.symlink_to(tmp_path / "new" / "other.db")
        (tmp_path / "new").mkdir()

        with pytest.raises(StoreReplaced, match=REPLACED):
            store.write([numbered(1001)])
        store.reopen()
        store.write([numbered(1001)])

    assert rows_in(tmp_path / "new" / "other.db") == [1001]
    assert mode(tmp_path / "new" / "other.db") == 0o600


def test_backup_is_not_mixed_with_what_it_replaces(store: Store, file: Path) -> None:
    """The old file's write-ahead log is not applied to its replacement."""
    backup = filled(file.with_name("backup.db"))
    store.write([numbered(number) for number in range(1000, 1500)])
    backup.replace(file)

    store.reopen()

    assert rows_in(file) == list(range(500))
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_backup_that_is_copied_into_the_file(store: Store, file: Path) -> None:
    """A backup copied into the open file is opened unchanged, even with another reader."""
    store.write([numbered(number) for number in range(1000, 1500)])
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM latest").fetchall()
        LOSSES["overwritten"](file)
        with pytest.raises(StoreReplaced, match=REPLACED):
            store.write([numbered(2000)])
        store.reopen()

        store.write([numbered(2000)])

    assert rows_in(file) == [*range(500), 2000]
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_two_programs_write_one_file(store: Store, file: Path) -> None:
    """Commits and checkpoints of another program do not count as a replaced file."""
    with opened(str(file)) as other, closing(sqlite3.connect(file, isolation_level=None)) as third:
        for number in range(0, 60, 3):
            if number % 2:
                third.execute("BEGIN")
                third.execute("SELECT * FROM latest").fetchall()
            store.write([numbered(number)])
            store.check()
            other.write([numbered(number + 1)])
            if number % 2:
                third.execute("COMMIT")
            third.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            store.write([numbered(number + 2)])
            other.check()

    assert rows_in(file) == list(range(60))


def test_moved_file_is_whole(store: Store, file: Path) -> None:
    """A file that was moved away has everything written until then."""
    store.write([numbered(1)])
    moved = file.rename(file.with_name("moved.db"))

    store.reopen()
    store.write([numbered(2)])

    assert (rows_in(moved), rows_in(file)) == ([1], [2])


def test_readers_do_not_open_what_is_in_its_place(store: Store, file: Path) -> None:
    """A reader opens neither a new file nor an old copy before the writer does."""
    file.unlink()
    with pytest.raises(StoreReplaced, match=REPLACED):
        store.known()

    assert not file.exists()
    store.reopen()
    assert store.known() is None


def test_file_that_could_only_be_read(tmp_path: Path) -> None:
    """A file that was read-only at the opening is written once it is writable."""
    filled(tmp_path / "first.db")  # imports what the creation needs, unreadable for the other user
    with unprivileged_folder() as folder:
        file = filled(folder / "history.db")
        file.chmod(0o400)
        with opened(str(file)) as store:
            with pytest.raises(StoreReplaced, match="the file cannot be written"):
                store.write([numbered(1000)])
            for path in folder.iterdir():  # its companions have its mode
                path.chmod(0o600)
            store.reopen()
            store.write([numbered(1000)])

        assert rows_in(file)[-1] == 1000


def of_a_newer_version(file: Path) -> None:
    """Make a file of a future version."""
    with opened(str(file)) as store, store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(text("UPDATE compatibility SET oldest = '9999'"))


@pytest.mark.parametrize(
    ("make", "error", "reason"),
    [
        (lambda file: file.write_bytes(bytes(range(256)) * 80), StoreUnusable, "damaged"),
        (of_a_newer_version, StoreUnusable, "9999 is newer"),
        (lambda file: file.mkdir(), StoreUnusable, "it is a folder"),
    ],
    ids=["damaged", "newer", "a folder"],
)
def test_replaced_by_what_cannot_be_used(
    store: Store, file: Path, make: Callable[[Path], object], error: type[StoreError], reason: str
) -> None:
    """An unusable replacement is refused while it is there, and not changed."""
    store.write([numbered(1)])
    new = file.with_name("new.db")
    make(new)
    file.unlink()
    new.rename(file)
    content = file.is_file() and file.read_bytes()

    for _ in range(2):
        with pytest.raises(error, match=reason):
            store.reopen()
    assert content == (file.is_file() and file.read_bytes())

    filled(file.with_name("good.db")).replace(_removed(file))
    store.reopen()
    store.write([numbered(1000)])
    assert rows_in(file) == [*range(500), 1000]


def _removed(path: Path) -> Path:
    with suppress(NotADirectoryError):
        path.rmdir()
    return path


# ---- The database's content, in SQLite and PostgreSQL -----------------------------------------


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (["DELETE FROM latest"], RESTORED),
        (["UPDATE latest SET at = at - 60000, accepted_at = accepted_at - 60000"], RESTORED),
        (
            [*metadata.tables, "alembic_version"],
            'no such table: latest|relation "latest" does not exist',
        ),
    ],
    ids=["emptied", "restored", "without tables"],
)
def test_content_is_no_longer_there(
    engine: Engine, database: str, statements: list[str], reason: str
) -> None:
    """A database that others have restored or recreated is opened again."""
    store = Store(engine, CALENDAR)
    store.write([told_at("25T10:00", d23="1", d24="2")])
    with opened(database) as other, other.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement if " " in statement else f"DROP TABLE {statement}"))

    with pytest.raises(StoreReplaced, match=reason):
        store.check()
    with pytest.raises(StoreReplaced, match=reason):
        store.write([told_at("25T10:01", d24="2")])
    store.reopen()
    store.write([told_at("25T10:01", d24="2")])

    assert revenues(store)["2026-02-24"] == 2
    store.check()


def test_newer_state_of_another_program(engine: Engine) -> None:
    """A later write of a program with another clock is not taken for a restored backup."""
    one, other = Store(engine, CALENDAR), Store(engine, CALENDAR)
    one.write([state("25T10:00", came="25T10:00:05")])
    other.write([state("25T10:00:01", came="25T09:59")])

    one.check()
    one.write([state("25T10:00:02", came="25T10:00:07")])

    other.check()


def test_days_are_filled_in(engine: Engine) -> None:
    """Unknown days of a state's trend are stored, and no other day is changed."""
    store = Store(engine, CALENDAR)
    store.write([state("24T12:00", "5")])

    store.fill_in(told_at("25T10:00", d22="1", d23="2", d24="3", d25="4"))

    assert revenues(store) == {"2026-02-22": 1, "2026-02-23": 2, "2026-02-24": 5}
    latest = store.latest(ZONE)
    assert latest is not None
    assert latest.snapshot.revenue == 5


# ---- File modes -------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [0, 0o022, 0o077], ids=oct)
def test_new_file_is_for_its_owner_alone(file: Path, mask: int) -> None:
    """A new file, its companions and its folder are readable by the owner only, with any umask."""
    with umask(mask), opened(str(file)) as store:
        store.write([numbered(1)])

        assert {path.name: mode(path) for path in file.parent.iterdir()} == {
            "history.db": 0o600,
            "history.db-wal": 0o600,
            "history.db-shm": 0o600,
        }
        assert mode(file.parent) == 0o700


def test_file_that_is_there_keeps_its_mode(file: Path) -> None:
    """An existing file keeps its mode."""
    file.parent.mkdir(mode=0o750)
    filled(file).chmod(0o640)

    with opened(str(file)) as store:
        store.write([numbered(1)])

        assert mode(file.with_name("history.db-wal")) == 0o640
    assert (mode(file), mode(file.parent)) == (0o640, 0o750)


def test_passing_file_is_for_its_owner_alone() -> None:
    """A file for data that is not real is private, too, and always created anew."""
    with umask(0):
        engine = open_temporary_database()
        file = Path(str(engine.url.database))
        shutil.rmtree(file.parent)
        store = Store(engine, CALENDAR)
        store.reopen()
        try:
            store.write([numbered(1)])
            assert (mode(file), mode(file.parent)) == (0o600, 0o700)
        finally:
            store.close()
    assert not file.parent.exists()
