"""A history whose database disappears: it is reported, and states in memory are written again."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text
from tenacity import wait_fixed

from northstar.domain.calendar import Calendar
from northstar.domain.outcomes import Received
from northstar.domain.snapshot import Snapshot
from northstar.history.schema import SECONDS, metadata
from northstar.history.store import Store
from northstar.history.writer import History
from support.histories import NOON, RETENTION, Clock, file, keep, quick, running
from support.states import moments, opened, revenues, told_at, update
from support.storage import LOSSES, Loss, filled, rows_in
from support.waiting import eventually

__all__ = ["file", "quick"]
REPLACED = "the file was removed or replaced"
CALENDAR = Calendar(UTC)


@pytest.fixture(autouse=True)
def brief_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry soon, but not before a test has seen the pause."""
    monkeypatch.setattr("northstar.history.writer.BACKOFF", wait_fixed(0.3))


@pytest.fixture
async def history(file: Path) -> AsyncIterator[History]:
    """Return a history in its own folder, which is not running yet."""
    with opened(str(file.parent / "data" / file.name)) as store:
        yield History(store, RETENTION, Clock())


@pytest.fixture
def db(history: History) -> Path:
    """Return the file of the history."""
    return Path(str(history.store.engine.url.database))


async def written(history: History) -> None:
    """Wait until no state waits and there is no problem."""
    await eventually(lambda: not history.waiting and history.status == "kept")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
async def test_file_goes_away(
    history: History, db: Path, lose: Loss, caplog: pytest.LogCaptureFixture
) -> None:
    """The missing file is reported; the new one has the last batch and all later states."""
    async with running(history):
        keep(history, 1000, 1001)
        await written(history)
        lose(db)
        keep(history, 1002)
        await eventually(lambda: history.problem)
        assert history.status == f"paused: {REPLACED}; states queued: 1"
        keep(history, 1003)
        await written(history)

    assert rows_in(db)[-4:] == [1000, 1001, 1002, 1003]
    assert f"history paused: {REPLACED}" in caplog.messages


@pytest.mark.usefixtures("quick")
async def test_file_goes_away_while_nothing_comes(
    history: History, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A missing file is noticed and written again even if the source is silent."""
    monkeypatch.setattr("northstar.history.writer.CHECK_S", 0.05)
    async with running(history):
        keep(history, 1000)
        await written(history)
        LOSSES["removed"](db)
        await eventually(lambda: history.problem)
        await written(history)

    assert rows_in(db) == [1000]


@pytest.mark.usefixtures("quick")
async def test_state_from_before_the_start(
    history: History, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The state read at the start is written again before any message arrives."""
    monkeypatch.setattr("northstar.history.writer.CHECK_S", 0.05)
    kept = told_at("25T10:00", d23="1", d24="2")
    history.restore(kept._replace(news=()))
    LOSSES["removed"](db)
    async with running(history):
        await eventually(lambda: history.problem)
        await written(history)

    with opened(str(db)) as store:
        assert list(revenues(store).values()) == [1, 2, 100]


@pytest.mark.usefixtures("quick")
async def test_whole_trend_is_written_again(history: History, db: Path) -> None:
    """A new file has every day of the trend, not only those of later messages."""
    whole = update("25T10:00", "3", [("23", "1", "40"), ("24", "2", "40"), ("25", "3", "40")])
    bare = update("25T10:01", "4")
    merged = Snapshot(bare.model_copy(update={"trends_data": whole.trends_data}))
    async with running(history):
        history.add(Snapshot(whole), NOON, Received(whole, news=whole.trends_data or ()))
        await written(history)
        LOSSES["removed"](db)
        history.add(merged, NOON + timedelta(minutes=1), Received(bare))
        await eventually(lambda: history.problem)
        await written(history)

    with opened(str(db)) as store:
        assert list(revenues(store).values()) == [1, 2, 4]
        assert all(day.restated_at is None for day in store.days(NOON.date(), NOON.date()))


@pytest.mark.usefixtures("quick")
async def test_replaced_by_a_damaged_file(history: History, db: Path) -> None:
    """A damaged replacement pauses the history until there is a valid file."""
    async with running(history):
        keep(history, 1000)
        await written(history)
        damaged = db.with_name("damaged.db")
        damaged.write_bytes(bytes(range(256)) * 80)
        damaged.replace(db)
        keep(history, 1001)
        await eventually(lambda: history.problem == "the file is damaged or not an SQLite database")
        keep(history, 1002)
        assert history.waiting == 2
        filled(db.with_name("good.db")).replace(db)
        await written(history)

    assert rows_in(db) == [*range(500), 1000, 1001, 1002]


async def test_file_goes_away_before_the_end(
    history: History, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waiting states are written into a new file at the end if the old one is gone."""
    monkeypatch.setattr("northstar.history.writer.BATCH_S", 1000)
    async with running(history):
        keep(history, 1000)
        await written(history)
        keep(history, 1001)
        shutil.rmtree(db.parent)

    assert rows_in(db) == [1000, 1001]


async def test_end_as_a_state_comes(history: History, db: Path) -> None:
    """A program that ends while a state arrives ends and writes it."""
    async with running(history) as task:
        for _ in range(3):  # until it waits for a state
            await asyncio.sleep(0)
        keep(history, 1000)
    assert task.cancelled()

    assert rows_in(db) == [1000]


@pytest.mark.usefixtures("quick")
async def test_tables_go_away(engine: Engine) -> None:
    """Dropped tables are created again and get the states in memory."""
    store = Store(engine, CALENDAR)
    history = History(store, RETENTION, Clock())
    async with running(history):
        keep(history, 1000)
        await written(history)
        with engine.begin() as connection:
            for table in (*metadata.tables, "alembic_version"):
                connection.execute(text(f"DROP TABLE {table}"))
        keep(history, 1001)
        await eventually(lambda: history.problem)
        assert "latest" in str(history.problem)
        await written(history)

    assert [one.amounts.revenue for one in moments(store, SECONDS)] == [1000, 1001]


@pytest.mark.usefixtures("quick")
async def test_file_goes_away_during_a_batch(history: History, db: Path) -> None:
    """A batch committed to a file removed meanwhile is written again."""
    writer = history.store.engine.get_execution_options()["writer"]
    event.listen(writer, "commit", lambda _: db.unlink(), once=True)
    async with running(history):
        keep(history, 1000)
        await eventually(lambda: history.problem == REPLACED)
        await written(history)

    assert rows_in(db) == [1000]
