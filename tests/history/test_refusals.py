"""Unusable databases: `python app.py` exits with one line that has the reason."""

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import text

from northstar.domain.messages import AgentMetrics
from northstar.domain.snapshot import Snapshot
from northstar.errors import StoreUnusable
from northstar.history.store import Accepted
from support.checkout import ROOT
from support.dashboard import WARNINGS
from support.databases import Postgres, empty_database
from support.programs import unused_port
from support.states import moment, opened, update
from support.storage import fill, filled, locked, small_disk
from support.waiting import SLOWNESS

pytestmark = pytest.mark.long

REFUSAL_TIMEOUT_S = 30 * SLOWNESS
PASSWORD = "open-sesame"  # noqa: S105 (it opens nothing)


def refusal(db: str, code: int = 1) -> str:
    """Return the line with which the program refuses to start on a database.

    The exit code is 1 for temporary reasons and 2 for others.
    """
    arguments = ("--port", "1", "--ws-url", "ws://127.0.0.1:9/", "--db", db)
    done = subprocess.run(
        [sys.executable, *WARNINGS, "app.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=REFUSAL_TIMEOUT_S,
        check=False,
    )
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    line, rest = done.stderr.split("\n", 1)
    assert rest == ""
    assert PASSWORD not in line
    return line


def change(db: str, statement: str) -> None:
    """Change a database from outside the program."""
    with opened(db) as store, store.engine.begin() as connection:
        connection.execute(text(statement))


def random_bytes(folder: Path) -> Path:
    """Return a file with random bytes."""
    file = folder / "history.db"
    file.write_bytes(random.Random(3).randbytes(20_000))  # noqa: S311 (nothing secret)
    return file


def broken_page(folder: Path) -> Path:
    """Return a file with a damaged page where the states of seconds begin."""
    file = filled(folder / "history.db")
    with closing(sqlite3.connect(file)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'seconds'"
        (page,) = connection.execute(query).fetchone()
    with file.open("r+b") as content:
        content.seek((page - 1) * size)
        content.write(random.Random(4).randbytes(size))  # noqa: S311 (nothing secret)
    return file


def cut_short(folder: Path) -> Path:
    """Return a file without its second half."""
    file = filled(folder / "history.db")
    os.truncate(file, file.stat().st_size // 2 // 4096 * 4096)
    return file


def newer(folder: Path) -> Path:
    """Return a file of a future version."""
    file = folder / "history.db"
    with opened(str(file)):
        pass
    change(str(file), "UPDATE alembic_version SET version_num = '9999'")
    change(str(file), "UPDATE compatibility SET oldest = '9999'")
    return file


def in_a_file(folder: Path) -> Path:
    """Return a path whose folder is a file."""
    (folder / "file").touch()
    return folder / "file" / "history.db"


def changed_by_hand(folder: Path) -> Path:
    """Return a file with an invalid last state."""
    file = filled(folder / "history.db")
    change(str(file), "UPDATE latest SET message = '{}', source = NULL")
    return file


def without_a_table(folder: Path) -> Path:
    """Return a file that lacks a table."""
    file = filled(folder / "history.db")
    change(str(file), "DROP TABLE latest")
    return file


class Unusable(NamedTuple):
    """How to make an unusable file, and the reason it is refused with."""

    make: Callable[[Path], Path]
    reason: str
    code: int = 2


UNUSABLE = {
    "random bytes": Unusable(random_bytes, "the file is damaged or not an SQLite database"),
    "a broken page": Unusable(broken_page, "the file is damaged"),
    "cut short": Unusable(cut_short, "the file is damaged"),
    "a newer schema": Unusable(
        newer,
        "its schema 9999 is newer than 0008, the newest that this version of NorthStar knows;"
        " upgrade NorthStar",
    ),
    "changed by hand": Unusable(
        changed_by_hand, "its last state cannot be read (revenue: missing)"
    ),
    "without a table": Unusable(without_a_table, "no such table: latest", 1),
    "a folder": Unusable(lambda folder: folder, "it is a folder; expected a file"),
    "in a file": Unusable(in_a_file, "there is a file in place of the folder "),
    "where nothing can be": Unusable(
        lambda _: Path("/proc/northstar/history.db"), "No such file or directory", 1
    ),
}


@pytest.mark.parametrize("unusable", UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_file(tmp_path: Path, unusable: Unusable) -> None:
    """An unusable file ends the start with the reason and is not changed."""
    file = unusable.make(tmp_path)
    before = file.read_bytes() if file.is_file() else None

    line = refusal(str(file), unusable.code)

    assert line.startswith(f"northstar: cannot store history in {file}: {unusable.reason}")
    assert before is None or file.read_bytes() == before


def test_locked_file(tmp_path: Path) -> None:
    """A file locked by another program ends the start after a while."""
    file = tmp_path / "history.db"  # new to us: our own could be read nevertheless
    with locked(file):
        line = refusal(str(file))

    assert line.endswith(f"in {file}: another program has locked the file")


def test_postgres_not_there() -> None:
    """Without the server the program does not start; the line has its address without password."""
    port = unused_port()

    line = refusal(f"postgresql://desk:{PASSWORD}@127.0.0.1:{port}/pnl")

    assert line.startswith("northstar: cannot store history in postgresql")
    assert f"desk:***@127.0.0.1:{port}/pnl: " in line
    assert "Connection refused" in line


def test_postgres_without_the_database(postgres: Postgres) -> None:
    """A database missing on the server is named."""
    url = postgres.url("nothing").replace("postgres@", f"postgres:{PASSWORD}@")

    assert 'database "nothing" does not exist' in refusal(url)


def test_postgres_with_a_newer_schema(postgres: Postgres) -> None:
    """A database of a newer version is refused and not changed."""
    with empty_database(postgres) as db:
        with opened(db):
            pass
        change(db, "UPDATE alembic_version SET version_num = '9999'")
        change(db, "UPDATE compatibility SET oldest = '9999'")

        assert "its schema 9999 is newer than 0008" in refusal(db, 2)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_postgres_in_another_encoding(postgres: Postgres, encoding: str) -> None:
    """A database created without LANG, as on Debian, is refused with the remedy."""
    with empty_database(postgres, f"ENCODING {encoding} TEMPLATE template0 LOCALE 'C'") as db:
        line = refusal(db, 2)

    assert line.endswith(
        f"its encoding is {encoding}; create it with --encoding UTF8 --template template0"
    )


def test_postgres_in_use_in_another_encoding(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An existing database in another encoding is used; names it cannot store are refused."""
    options = "ENCODING LATIN1 TEMPLATE template0 LOCALE 'C'"
    with empty_database(postgres, options) as db:
        with monkeypatch.context() as patch:
            patch.setattr("northstar.history.database._require_encoding", lambda *_: None)
            with opened(db):
                pass

        with opened(db) as store:
            store.write([earned_by("Müller", "25T10:00")])
            with pytest.raises(StoreUnusable, match="LATIN1"):
                store.write([earned_by("王芳", "25T11:00")])


def earned_by(agent: str, at: str) -> Accepted:
    """Return a state with one agent."""
    earned = AgentMetrics(agent=agent, revenue=Decimal(2), expenses=Decimal(1))
    state = update(at).model_copy(update={"agent_attribution": [earned]})
    return Accepted(Snapshot(state), moment(at))


def test_disk_full_from_the_start(tmp_path: Path) -> None:
    """On a full disk the program does not start and has the reason."""
    with small_disk(tmp_path / "disk") as disk:
        fill(disk / "filler")

        assert "the disk is full" in refusal(str(disk / "history.db"))
