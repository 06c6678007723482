"""Histories on their own files, with clocks and faults that a test controls."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from tenacity import wait_fixed

from northstar.domain.calendar import Calendar
from northstar.domain.messages import PnLUpdate
from northstar.domain.snapshot import Snapshot
from northstar.history.database import open_database, read_url
from northstar.history.retention import Deleted, Retention
from northstar.history.store import Accepted, Store
from northstar.history.writer import History

RETENTION = Retention(timedelta(days=1), timedelta(days=30), None)


NOON = datetime(2026, 2, 25, 12, tzinfo=UTC)


SOON = wait_fixed(0.02)


NEVER_S = 1000


class Noting(Store):
    """A store that records the size of its writes, and its deletions."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine, Calendar(ZoneInfo("UTC")))
        self.batches: list[tuple[float, int]] = []  # when by the event loop's clock, and how many
        self.pruned: list[datetime] = []
        self.clock = asyncio.get_running_loop().time

    def write(self, batch: Sequence[Accepted]) -> date | None:
        self.batches.append((self.clock(), len(batch)))
        return super().write(batch)

    def prune(self, retention: Retention, now: datetime) -> Deleted:
        self.pruned.append(now)
        return super().prune(retention, now)


class Breaking(Noting):
    """A store with a bug that shows once."""

    def write(self, batch: Sequence[Accepted]) -> date | None:
        late = super().write(batch)
        if len(self.batches) == 1:
            raise RuntimeError("the store breaks")
        return late


class Hanging(Noting):
    """A store behind a network that blocks everything until `answers` is set."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.answers = threading.Event()

    def write(self, batch: Sequence[Accepted]) -> date | None:
        self.answers.wait(NEVER_S)
        return super().write(batch)


class Clock:
    """A wall clock that a test sets, and a steady clock."""

    def __init__(self) -> None:
        self.at = NOON
        self.steady_s = 0.0

    def go(self, age: timedelta, jump: timedelta = timedelta()) -> None:
        """Advance both clocks by `age`, and set the wall clock by `jump` in addition."""
        self.at += age + jump
        self.steady_s += age.total_seconds()

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the path of a database that does not exist yet."""
    return tmp_path / "history.db"


@pytest.fixture
async def store(file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Noting]:
    """Open a store with a short wait for another writer."""
    monkeypatch.setattr("northstar.history.database.BUSY_TIMEOUT_S", 0.2)
    monkeypatch.setattr("northstar.history.writer.BACKOFF", SOON)
    noting = Noting(open_database(read_url(str(file))))
    yield noting
    noting.close()


@pytest.fixture
def clock() -> Clock:
    """Return a clock that shows noon."""
    return Clock()


@pytest.fixture
def history(store: Noting, clock: Clock) -> History:
    """Return a history that is not running yet."""
    return History(store, RETENTION, clock, lambda: clock.steady_s)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write batches without a pause."""
    monkeypatch.setattr("northstar.history.writer.BATCH_S", 0.01)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write no second batch within a test."""
    monkeypatch.setattr("northstar.history.writer.BATCH_S", NEVER_S)


def state(second: float, source: str | None = None) -> Snapshot:
    """Return the state this many seconds after noon; the seconds are its revenue, too."""
    update = PnLUpdate(
        timestamp=NOON + timedelta(seconds=second),
        revenue=Decimal(str(second)),
        expenses=Decimal(1),
    )
    return Snapshot(update.model_copy(update={"source": source}))


def keep(history: History, *seconds: float) -> None:
    """Accept a state for each of these seconds."""
    for second in seconds:
        history.add(state(second), NOON + timedelta(seconds=second))


def kept(file: Path) -> list[float]:
    """Return the seconds in the file, as read by another program."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT revenue FROM seconds ORDER BY start").fetchall()
    return [float(revenue) for (revenue,) in rows]


@asynccontextmanager
async def running(history: History) -> AsyncIterator[asyncio.Task[None]]:
    """Run the history, which must not end by itself."""
    task = asyncio.create_task(history.run())
    try:
        yield task
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
