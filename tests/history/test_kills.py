"""The store's file after its writer was killed repeatedly with `kill -9`."""

import os
import random
import select
import signal
import sqlite3
import time
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import NoReturn

import pytest

from northstar.history.database import open_database, read_url
from northstar.history.store import Store
from support.states import CALENDAR, ZONE, opened
from support.storage import numbered

pytestmark = pytest.mark.long

KILLS = 200
LONGEST_LIFE_S = 0.02  # of a writer after its first report


class Writer:
    """A process that writes successive states from `first` on and reports each.

    It is a fork, because nothing else starts quickly enough to be killed this often.
    """

    def __init__(self, file: Path, first: int) -> None:
        self._said, saying = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._write_for_ever(file, first, saying)
        os.close(saying)

    def kill(self) -> int:
        """Kill the process; return the number of states it has reported as written."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        with os.fdopen(self._said, "rb") as said:
            return len(said.read())

    def wait(self, timeout_s: float) -> None:
        """Return after the first report or after the timeout."""
        select.select([self._said], [], [], timeout_s)

    def _write_for_ever(self, file: Path, first: int, saying: int) -> NoReturn:
        try:
            store = Store(open_database(read_url(str(file))), CALENDAR)
            for number in count(first):
                store.write([numbered(number)])
                os.write(saying, b".")
        finally:
            os._exit(1)
        raise AssertionError


def written(file: Path) -> int:
    """Return the number of states in a file; fail if it is damaged or has a partial one."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (seconds,) = connection.execute("SELECT count(*) FROM seconds").fetchone()
        for table in ("seconds", "minutes", "days", "latest"):
            query = f"SELECT max(CAST(revenue AS INTEGER)) FROM {table}"  # noqa: S608 (names above)
            (newest,) = connection.execute(query).fetchone()
            assert newest == (seconds - 1 if seconds else None), table
    return int(seconds)


def test_killed_while_writing(tmp_path: Path) -> None:
    """After each of 200 kills the file opens and has every reported state complete."""
    file = tmp_path / "history.db"
    chance = random.Random(1)  # noqa: S311 (nothing secret)
    with opened(str(file)):
        pass
    total = 0
    for _ in range(KILLS):
        writer = Writer(file, total)
        writer.wait(1)
        # Not a wait for a condition: the kill should hit any moment of the work.
        time.sleep(chance.uniform(0, LONGEST_LIFE_S))

        said = writer.kill()

        now = written(file)
        assert total + said <= now <= total + said + 1  # one may be written but not reported
        total = now
    assert total > KILLS  # most were killed while writing
    with opened(str(file)) as store:
        latest = store.latest(ZONE)
    assert latest is not None
    assert latest.snapshot.revenue == total - 1


def test_killed_while_creating(tmp_path: Path) -> None:
    """After a kill during the creation of tables, the next program finds or creates them all."""
    with opened(str(tmp_path / "first.db")):
        pass  # the imports for the creation are done
    chance = random.Random(2)  # noqa: S311 (nothing secret)
    for number in range(30):
        file = tmp_path / f"{number}.db"
        writer = Writer(file, 0)
        writer.wait(chance.uniform(0, LONGEST_LIFE_S))

        said = writer.kill()

        with opened(str(file)) as store:
            store.known()
        assert said <= written(file) <= said + 1
