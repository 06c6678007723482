"""The store's file after its writer was killed, time and again, with `kill -9`."""

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
LONGEST_LIFE_S = 0.02  # of a writer, after its first word


class Writer:
    """A process that writes one state after the other, from `first` on, and says so after each.

    A fork of this one, as nothing else starts quickly enough to be killed so often.
    """

    def __init__(self, file: Path, first: int) -> None:
        self._said, saying = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._write_for_ever(file, first, saying)
        os.close(saying)

    def kill(self) -> int:
        """End it on the spot; return how many states it had said were written."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        with os.fdopen(self._said, "rb") as said:
            return len(said.read())

    def wait(self, timeout_s: float) -> None:
        """Return once it has written, or after that time."""
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
    """Return how many states a file has; fail where it is damaged, or has a half of one."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (seconds,) = connection.execute("SELECT count(*) FROM seconds").fetchone()
        for table in ("seconds", "minutes", "days", "latest"):
            query = f"SELECT max(CAST(revenue AS INTEGER)) FROM {table}"  # noqa: S608 (names above)
            (newest,) = connection.execute(query).fetchone()
            assert newest == (seconds - 1 if seconds else None), table
    return int(seconds)


def test_killed_while_writing(tmp_path: Path) -> None:
    """Killed 200 times, the file opens each time, and has whole what was said to be in it."""
    file = tmp_path / "history.db"
    chance = random.Random(1)  # noqa: S311 (nothing secret)
    with opened(str(file)):
        pass
    total = 0
    for _ in range(KILLS):
        writer = Writer(file, total)
        writer.wait(1)
        # Not a wait for something: the kill is to come at any moment of its work.
        time.sleep(chance.uniform(0, LONGEST_LIFE_S))

        said = writer.kill()

        now = written(file)
        assert total + said <= now <= total + said + 1  # one may be written and not yet said
        total = now
    assert total > KILLS  # most of them were killed at work
    with opened(str(file)) as store:
        latest = store.latest(ZONE)
    assert latest is not None
    assert latest.snapshot.revenue == total - 1


def test_killed_while_creating(tmp_path: Path) -> None:
    """Killed while it creates its tables, the next one finds all of them or creates them."""
    with opened(str(tmp_path / "first.db")):
        pass  # what creating needs is imported
    chance = random.Random(2)  # noqa: S311 (nothing secret)
    for number in range(30):
        file = tmp_path / f"{number}.db"
        writer = Writer(file, 0)
        writer.wait(chance.uniform(0, LONGEST_LIFE_S))

        said = writer.kill()

        with opened(str(file)) as store:
            store.known()
        assert said <= written(file) <= said + 1
