"""The current state while the history does not answer."""

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from northstar.domain.day import DayRecord
from northstar.web.api.current import READ_S, RecentDays
from support.empty_history import history

TODAY = datetime(2026, 2, 25, 12, tzinfo=UTC)


class Hanging:
    """A store whose next read blocks until the end of the test."""

    def __init__(self, store: Any) -> None:
        self.calendar = store.calendar
        self.reads = 0
        self.answers = threading.Event()
        self.days_known: Sequence[DayRecord] = ()

    def days(self, *_: date, sums_only: bool) -> Sequence[DayRecord]:
        assert sums_only
        self.reads += 1
        self.answers.wait()
        return self.days_known


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    """Return a store that blocks until the end of the test."""
    past = history(lambda: TODAY)
    store = Hanging(past.store)
    yield store
    store.answers.set()
    past.store.close()


async def test_database_that_hangs(hanging: Hanging, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request waits for a limited time, and later ones start no second read."""
    monkeypatch.setattr("northstar.web.api.current.READ_S", READ_S / 50)
    past = history(lambda: TODAY)
    past.store.close()
    past.store = hanging  # type: ignore[assignment]
    days = RecentDays(past)

    assert await days.get([TODAY.date()]) == {}
    assert await days.get([TODAY.date()]) == {}
    assert hanging.reads == 1
