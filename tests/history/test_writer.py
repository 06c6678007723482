"""The history's writer: it delays no update, and loses none that waits for the disk."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from northstar.domain.calendar import Calendar
from northstar.history.schema import MINUTES
from northstar.history.store import Store
from northstar.history.writer import History
from support.histories import (
    NOON,
    RETENTION,
    Breaking,
    Clock,
    Hanging,
    Noting,
    clock,
    file,
    history,
    keep,
    kept,
    quick,
    running,
    slow,
    state,
    store,
)
from support.storage import locked
from support.waiting import eventually

__all__ = ["clock", "file", "history", "quick", "slow", "store"]  # fixtures

LOCKED = "another program has locked the file"


NO_STORE = cast("Store", SimpleNamespace(calendar=Calendar(UTC), engine=None))


def test_keep_does_not_touch_the_store() -> None:
    """Adding a state does not access the store."""
    history = History(NO_STORE, RETENTION, Clock())

    keep(history, *range(100))

    assert history.waiting == 100
    assert history.status == "kept"


def test_keep_takes_the_last_of_each_second() -> None:
    """A state replaces the one of the same second."""
    history = History(NO_STORE, RETENTION, Clock())

    keep(history, 1, 1.25, 1.5, 2, 1.75)

    assert history.waiting == 2


@pytest.mark.usefixtures("quick")
async def test_loop_goes_on_while_the_store_waits(history: History, file: Path) -> None:
    """While a write waits for the disk, the event loop continues."""
    turns = 0

    def has_problem() -> bool:
        nonlocal turns
        turns += 1
        return history.problem is not None

    async with running(history):
        with locked(file):
            keep(history, 1)
            await eventually(has_problem)

    assert turns >= 5  # polls of 20 ms during the 200 that a write waits for the lock


async def test_one_batch_a_second(
    history: History, store: Noting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """States within a second of a batch are written together after it."""
    monkeypatch.setattr("northstar.history.writer.BATCH_S", 0.3)
    async with running(history):
        keep(history, 0)
        await eventually(lambda: store.batches and not history.waiting)
        keep(history, *range(1, 21))
        await eventually(lambda: not history.waiting)

    (first, one), (second, many) = store.batches
    assert (one, many) == (1, 20)
    assert second - first >= 0.3


@pytest.mark.usefixtures("slow")
async def test_rest_is_written_at_the_end(history: History, file: Path) -> None:
    """Waiting states are written before the program ends."""
    async with running(history):
        keep(history, 1)
        await eventually(lambda: not history.waiting)
        keep(history, 2, 3)
        assert kept(file) == [1]

    assert kept(file) == [1, 2, 3]


@pytest.mark.usefixtures("slow")
async def test_end_with_nothing_to_write(history: History, store: Noting) -> None:
    """Without a message the program ends without a write."""
    async with running(history):
        pass

    assert store.batches == []


@pytest.mark.usefixtures("quick")
async def test_end_while_the_store_cannot_be_written(
    history: History, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The program ends although its store cannot be written, and logs the number of lost states."""
    with locked(file):
        async with running(history) as task:
            keep(history, 1, 2)
            await eventually(lambda: history.problem)
        assert task.cancelled()

    assert kept(file) == []
    assert f"the last 2 s of history are lost: {LOCKED}" in caplog.messages
    assert history.lacks


@pytest.mark.parametrize("source", ["demo", "replay"])
async def test_unreal_numbers_are_refused(history: History, file: Path, source: str) -> None:
    """Data of another dashboard's demo or replay is never stored; later real data is."""
    async with running(history):
        history.add(state(1, source), NOON)
        assert history.waiting == 0
        assert history.status == f"not kept: {source} data"
        assert history.problem is None

        keep(history, 2)
        assert history.status == "kept"
        await eventually(lambda: not history.waiting)

    assert kept(file) == [2]


BOUND = 5
TOLD = (0, 1, 59, 60, 90, 119, 120, 180, 240)
# The seconds of added states, and those that wait with a limit of five.
BOUNDED = {
    "the last of each minute stays": (TOLD, [59, 119, 120, 180, 240]),
    "the oldest of last ones goes": ((*TOLD, 300), [119, 120, 180, 240, 300]),
}


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("told", "waiting"), BOUNDED.values(), ids=BOUNDED)
async def test_bound_of_what_waits(
    history: History,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    told: Sequence[int],
    waiting: Sequence[int],
) -> None:
    """Above the limit, seconds are dropped before the last state of any minute."""
    monkeypatch.setattr("northstar.history.writer.MOST_WAITING", BOUND)
    keep(history, *told)
    assert (history.waiting, history.lost) == (BOUND, len(told) - BOUND)

    async with running(history):
        await eventually(lambda: not history.waiting)

    assert kept(file) == waiting
    minutes = history.store.moments(MINUTES, NOON, NOON + timedelta(hours=1), 100)
    assert [moment.amounts.revenue for moment in minutes] == waiting


@pytest.mark.usefixtures("quick")
async def test_problem_and_recovery(
    history: History, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that cannot be written is reported, and nothing is lost afterwards."""
    monkeypatch.setattr("northstar.history.writer.MOST_WAITING", BOUND)
    async with running(history):
        with locked(file):
            keep(history, 1)
            await eventually(lambda: history.problem)
            assert history.problem == LOCKED
            assert history.status == f"paused: {LOCKED}; states queued: 1"
            keep(history, *range(2, 8))
            assert history.status == f"paused: {LOCKED}; states queued: 5, dropped: 2"
        await eventually(lambda: history.problem is None and not history.waiting)
        assert history.status == "kept"

    assert kept(file) == [3, 4, 5, 6, 7]


@pytest.mark.usefixtures("quick")
async def test_runs_on_after_a_recovery(history: History, store: Noting, file: Path) -> None:
    """After a recovery, states that are already written cause no further write."""
    async with running(history) as task:
        with locked(file):
            keep(history, 1)
            await eventually(lambda: history.problem)
            keep(history, 2)
        await eventually(lambda: not history.waiting)
        done = len(store.batches)
        await eventually(lambda: task.done() or not history._due.is_set())
        assert not task.done()

        keep(history, 3)
        await eventually(lambda: not history.waiting)

    assert [size for _, size in store.batches[done:]] == [1]
    assert kept(file) == [1, 2, 3]


@pytest.mark.usefixtures("quick")
async def test_store_that_hangs(store: Noting, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that does not answer is reported until it answers."""
    monkeypatch.setattr("northstar.history.writer.ANSWER_S", 0.05)
    hanging = Hanging(store.engine)
    history = History(hanging, RETENTION, Clock())
    async with running(history):
        keep(history, 1)
        await eventually(lambda: history.problem)
        assert history.status == "paused: the database does not answer; states queued: 1"
        keep(history, 2)
        hanging.answers.set()
        await eventually(lambda: not history.waiting)
        assert history.status == "kept"

    assert kept(file) == [1, 2]


@pytest.mark.usefixtures("quick")
async def test_fault_of_our_own_loses_nothing(file: Path, store: Noting) -> None:
    """A bug in a write ends the run without losing states; it can be started again."""
    breaking = Breaking(store.engine)
    history = History(breaking, RETENTION, Clock())
    keep(history, 1)

    with pytest.raises(RuntimeError, match="the store breaks"):
        await history.run()
    async with running(history):
        keep(history, 2)
        await eventually(lambda: not history.waiting)

    assert kept(file) == [1, 2]


MINUTE = timedelta(minutes=1)
HUNDRED_DAYS = timedelta(days=100)


async def pass_time(history: History, clock: Clock, *steps: tuple[timedelta, timedelta]) -> None:
    """Advance the clocks in steps, each with a jump of the wall clock, and add a state each."""
    for age, jump in steps:
        clock.go(age, jump)
        second = (clock.at - NOON).total_seconds()
        history.add(state(second), clock.at)
        await eventually(lambda: not history.waiting)


@pytest.mark.usefixtures("quick")
async def test_deletes_every_hour(history: History, store: Noting, clock: Clock) -> None:
    """Old rows are deleted once an hour, and an hour after a jump of the clock."""
    even = timedelta()
    steps = [
        (even, even),
        (59 * MINUTE, even),
        (MINUTE, even),  # an hour
        (59 * MINUTE, even),
        (MINUTE, timedelta(seconds=1)),  # another one and a correction
        (59 * MINUTE, even),
        (MINUTE, -90 * MINUTE),
        (59 * MINUTE, even),
        (MINUTE, even),  # an hour since the jump
    ]
    async with running(history):
        await pass_time(history, clock, *steps)

    hours = [timedelta(hours=1), timedelta(hours=2, seconds=1), timedelta(hours=2.5, seconds=1)]
    assert store.pruned == [NOON + hour for hour in hours]


@pytest.mark.usefixtures("quick")
async def test_clock_ahead_for_a_moment(
    history: History, file: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A clock 100 days ahead for 4 s deletes nothing, and its days are deleted later."""
    caplog.set_level("INFO", "northstar")
    second, even = timedelta(seconds=1), timedelta()
    async with running(history):
        await pass_time(history, clock, (even, even), (30 * MINUTE, even))
        await pass_time(history, clock, (second, HUNDRED_DAYS), *[(second, even)] * 3)
        ahead = HUNDRED_DAYS.total_seconds() + 1800
        assert kept(file) == [0, 1800, *(ahead + number for number in (1, 2, 3, 4))]

        await pass_time(history, clock, (second, -HUNDRED_DAYS), (59 * MINUTE, even))
        assert history.store.known() == (NOON.date(), (NOON + HUNDRED_DAYS).date())
        await pass_time(history, clock, (MINUTE, even))
        await pass_time(history, clock, (second, even))

    assert kept(file) == [0, 1800, 1805, 5345, 5405, 5406]
    assert history.store.known() == (NOON.date(), NOON.date())
    stored = history.store.latest(UTC)
    assert stored
    assert stored.snapshot.state.revenue == 5406
    assert caplog.messages == [
        "deleted from history, more than a day in the future: 4 seconds, 1 minutes, 1 days"
    ]


@pytest.mark.usefixtures("quick")
async def test_clock_ahead_for_long(
    history: History, file: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """A clock that stays ahead for an hour counts; rows too old by it are deleted and logged."""
    caplog.set_level("INFO", "northstar")
    even = timedelta()
    async with running(history):
        await pass_time(history, clock, (even, even), (MINUTE, HUNDRED_DAYS), (60 * MINUTE, even))

    assert kept(file) == [HUNDRED_DAYS.total_seconds() + number for number in (60, 3660)]
    assert caplog.messages == [
        "deleted from history, older than configured: 1 seconds, 1 minutes, 0 days"
    ]


@pytest.mark.usefixtures("quick")
async def test_source_ahead_for_long(history: History, file: Path, clock: Clock) -> None:
    """The states of a source whose clock stays a month ahead are not deleted."""
    month_s = timedelta(days=30).total_seconds()
    async with running(history):
        for hours in range(3):
            history.add(state(month_s + hours), clock.at)
            await eventually(lambda: not history.waiting)
            clock.go(timedelta(hours=1))

    assert kept(file) == [month_s, month_s + 1, month_s + 2]


@pytest.mark.usefixtures("quick")
async def test_connected_across_a_jump(
    history: History, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A close that only a clock jump passed was not observed; the next one is."""
    noted: list[tuple[datetime, datetime]] = []
    monkeypatch.setattr(
        Store, "note_connected", lambda _, since, until: noted.append((since, until))
    )
    history.connected_since = NOON
    even = timedelta()
    async with running(history):
        await pass_time(history, clock, (even, even), (MINUTE, HUNDRED_DAYS), (MINUTE, even))
        await pass_time(history, clock, (MINUTE, -HUNDRED_DAYS))
        assert noted == []
        await pass_time(history, clock, (timedelta(hours=12), even))

    assert noted == [(NOON + 3 * MINUTE, NOON + timedelta(hours=12, minutes=3))]


@pytest.mark.usefixtures("quick")
async def test_states_of_a_closed_day(history: History, file: Path) -> None:
    """A late state's problem is reported until a state is stored again."""
    day_s = timedelta(days=1).total_seconds()
    late = "not kept: 2026-02-25 has closed, and newer states exist"
    tomorrow = NOON + timedelta(days=1)
    async with running(history):
        keep(history, day_s)
        await eventually(lambda: history.waiting == 0)
        history.add(state(0), tomorrow)
        await eventually(lambda: history.status == late)

        keep(history, day_s + 1)
        await eventually(lambda: history.status == "kept")

    assert kept(file) == [day_s, day_s + 1]


@pytest.mark.usefixtures("quick")
async def test_rewritten_second(history: History, file: Path) -> None:
    """A state of a second that was already written replaces the stored one."""
    async with running(history):
        keep(history, 1)
        await eventually(lambda: not history.waiting)
        keep(history, 1.5)
        await eventually(lambda: not history.waiting)

    assert kept(file) == [1.5]
