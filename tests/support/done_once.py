"""Work that is the same for every dashboard, done once in a test process."""

import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

import pytest
from dash._hooks import HooksManager
from sqlalchemy import Connection

from northstar.history import database
from northstar.settings import environment
from northstar.web.auth import access


@contextmanager
def done_once() -> Iterator[None]:
    """Derive each key, classify each name and create the tables of a new file only once.

    Dash searches for its plugins only once, too.
    """
    HooksManager.register_setuptools()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HooksManager, "_registered", True)
        patch.setattr(environment, "_is_ours", _judged_once(environment._is_ours))
        patch.setattr(access, "_derive_key", cache(access._derive_key))
        patch.setattr(database, "_migrate", _created_once(database._migrate))
        yield


def _judged_once(
    judge: Callable[[str, Collection[str]], bool],
) -> Callable[[str, Collection[str]], bool]:
    """Return a cached `judge` of the names in the environment."""
    judge_once = cache(judge)
    return lambda name, known: judge_once(name, frozenset(known))


def _created_once(migrate: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """Return a `migrate` that repeats the first new SQLite file's statements in later ones."""
    made: list[str] = []

    def migrate_once(connection: Connection) -> None:
        driver = cast("Any", connection.connection.driver_connection)
        is_new = isinstance(driver, sqlite3.Connection) and not _dump(driver)
        if not is_new:
            migrate(connection)
        elif made:
            for statement in made:
                driver.execute(statement)
        else:
            migrate(connection)
            made.extend(_dump(driver))

    return migrate_once


def _dump(file: sqlite3.Connection) -> list[str]:
    """Return the statements that create the tables of a file and their rows."""
    return [line for line in file.iterdump() if line not in {"BEGIN TRANSACTION;", "COMMIT;"}]
