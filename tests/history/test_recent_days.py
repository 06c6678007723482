"""The days before the current one, as the writer has them for the live page."""

from datetime import timedelta
from decimal import Decimal

import pytest

from northstar.domain.messages import TrendDay
from northstar.domain.snapshot import Snapshot
from northstar.history.fence import unfenced
from northstar.history.writer import History
from support.histories import NOON, clock, file, history, keep, quick, running, state, store
from support.waiting import eventually

__all__ = ["clock", "file", "history", "quick", "store"]  # fixtures

DAY_S = 86_400


@pytest.mark.usefixtures("quick")
async def test_days_of_the_store(history: History) -> None:
    """The earlier days are updated after a batch, and so are their restatements."""
    told: list[int] = []
    history.changed.subscribe(lambda: told.append(len(history.days)))
    day = NOON.date()

    async with running(history):
        keep(history, 0)
        await eventually(lambda: history.waiting == 0)
        keep(history, DAY_S)
        await eventually(lambda: day in history.days)
        before = history.days
        keep(history, DAY_S + 1)
        await eventually(lambda: history.waiting == 0)
        assert history.days is before, "nothing has changed"
        now, at = state(DAY_S + 2), NOON + timedelta(seconds=DAY_S + 2)
        news = [TrendDay(date=day, revenue=Decimal(7), expenses=Decimal(2))]
        whole = Snapshot(now.state.model_copy(update={"trends_data": news}))
        history.store.note_connected(NOON, at)
        history.add(whole, at)
        await eventually(lambda: history.days[day].is_restated)

    assert history.days[day].net == 5
    assert told[-1] == 1


@pytest.mark.usefixtures("quick")
async def test_observers_of_an_earlier_term(history: History) -> None:
    """Observers of an earlier term are not notified in a new one; later ones are."""
    notified: list[str] = []
    history.changed.subscribe(lambda: notified.append("earlier"))
    history.begin(unfenced)
    history.changed.subscribe(lambda: notified.append("later"))

    async with running(history):
        keep(history, 0)
        keep(history, DAY_S)
        await eventually(lambda: notified != [])

    assert set(notified) == {"later"}
