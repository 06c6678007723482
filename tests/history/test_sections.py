"""Sections in the history: those that were sent on the state's day."""

from datetime import UTC, datetime, timedelta
from typing import Any

from northstar.domain.calendar import Calendar
from northstar.domain.ledger import Ledger
from northstar.history.writer import MOST_WAITING
from support import guide
from support.empty_history import history

NOON = datetime(2026, 2, 24, 12, tzinfo=UTC)
BARE: dict[str, Any] = {"costBreakdown": ..., "agentAttribution": ..., "trendsData": ...}


class LedgerWithHistory:
    """A ledger whose states go to a history, as in the pipeline."""

    def __init__(self) -> None:
        self.ledger = Ledger(Calendar(UTC))
        self.history = history(lambda: NOON)

    def take(self, at: datetime, **changes: Any) -> None:
        """Take the guide's example at that time, with some fields changed."""
        received = self.ledger.receive(guide.text(timestamp=at.isoformat(), **changes), at)
        assert received.accepted
        assert self.ledger.snapshot
        self.history.add(self.ledger.snapshot, at, received)

    def fetch(self, at: datetime, **changes: Any) -> None:
        """Take the guide's example as a state fetched from the API."""
        text = guide.text(timestamp=at.isoformat(), **changes)
        received = self.ledger.receive_state(text, NOON + timedelta(days=1))
        assert received.accepted
        assert self.ledger.snapshot
        self.history.add(self.ledger.snapshot, NOON + timedelta(days=1), received)

    def days(self) -> list[Any]:
        """Write the waiting states, and return the days."""
        store = self.history.store
        store.write(tuple(self.history._waiting.values()))
        return store.days(NOON.date(), NOON.date() + timedelta(days=9))


def test_sections_of_the_day() -> None:
    """A section stays the day's if later messages do not have it."""
    books = LedgerWithHistory()
    books.take(NOON)
    books.take(NOON + timedelta(hours=1), **BARE)

    [day] = books.days()
    assert list(day.costs) == ["Trading Fees", "Infrastructure", "Personnel", "Other"]
    assert list(day.agents) == ["Scalper", "John", "Cliff"]


def test_sections_of_the_day_before() -> None:
    """The next day has no sections until they are sent, in the history as on the page."""
    books = LedgerWithHistory()
    books.take(NOON)
    books.take(NOON + timedelta(days=1), **BARE)

    _, day = books.days()
    assert (day.costs, day.agents) == (None, None)
    assert books.ledger.snapshot
    assert books.ledger.snapshot.state.agent_attribution is None

    sent = {**BARE, "agentAttribution": []}
    books.take(NOON + timedelta(days=1, hours=1), **sent)
    assert (books.days()[1].costs, books.days()[1].agents) == (None, {})


def test_word_of_a_state_that_was_given_up() -> None:
    """The trend of a message is stored although its state was dropped in a long outage."""
    books = LedgerWithHistory()
    rows = [{"date": "2026-02-23", "revenue": 7, "expenses": 3, "net": 4}]
    books.take(NOON, trendsData=rows)
    for second in range(1, MOST_WAITING + 70):
        books.take(NOON + timedelta(seconds=second), **BARE)

    assert books.history.lost == 70
    store = books.history.store
    store.write(tuple(books.history._waiting.values()))
    [before, _] = store.days(NOON.date() - timedelta(days=1), NOON.date())
    assert before.revenue == 7


def test_state_fetched_from_the_day_before() -> None:
    """An older fetched state neither restates a day nor removes sections of the current one."""
    books = LedgerWithHistory()
    today, yesterday = NOON + timedelta(days=1), NOON
    closed = [{"date": NOON.date().isoformat(), "revenue": 700, "expenses": 100}]
    running = [{"date": NOON.date().isoformat(), "revenue": 1, "expenses": 1}]
    books.take(NOON.replace(hour=23), revenue=500, expenses=100)
    books.take(today, trendsData=closed)
    before = books.days()

    books.fetch(yesterday, revenue=1, expenses=1, trendsData=running)

    assert books.days() == before
    assert before[0].net == 600
    assert before[1].agents


def test_sections_after_a_restart() -> None:
    """After a restart, stored costs and agents stay the day's if the first message has none."""
    before, after = LedgerWithHistory(), LedgerWithHistory()
    before.take(NOON)
    before.days()
    kept = before.history.store.latest(UTC)
    assert kept is not None
    after.ledger.restore(kept.snapshot)
    after.history.restore(kept)

    after.take(NOON + timedelta(seconds=1), **BARE)

    assert after.days()[0].agents == before.days()[0].agents
