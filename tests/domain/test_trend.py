"""The trend of the state, and the days of the history, have the same figures of a day."""

import json
from datetime import UTC, date, time
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from northstar.domain.calendar import Calendar
from northstar.domain.ledger import Ledger
from northstar.history.store import Accepted, Store
from support.states import moment

YESTERDAY = "2026-02-24"
WHOLE_DOLLARS = Decimal("0.5")


def message(at: str, revenue: str, **rows: str) -> dict[str, Any]:
    """Return a message of February; `d24="60"` is the trend's revenue of the 24th."""
    trend = [
        {"date": f"2026-02-{name[1:]}", "revenue": Decimal(amount), "expenses": 0}
        for name, amount in rows.items()
    ]
    body = {"timestamp": moment(at).isoformat(), "revenue": Decimal(revenue), "expenses": 0}
    return {**body, **({"trendsData": trend} if trend else {})}


CASES = {
    "totals-at-the-close": ([("24T09:00", "60", {"d24": "60"}), ("24T23:59", "600", {})], "600"),
    "confirmed": ([("24T23:59", "600", {}), ("25T00:10", "5", {"d24": "600", "d25": "5"})], "600"),
    "restated": ([("24T23:59", "600", {"d24": "600"}), ("25T00:10", "5", {"d24": "700"})], "700"),
    "rounded": (
        [("24T23:59", "600.40", {"d24": "600"}), ("25T00:10", "5", {"d24": "600"})],
        "600.40",
    ),
    "incomplete": ([("24T15:00", "300", {"d24": "300"}), ("25T00:10", "5", {"d24": "700"})], "700"),
    "stated-again": ([("25T00:10", "5", {"d24": "600"}), ("25T00:20", "6", {"d24": "610"})], "610"),
}


@pytest.mark.parametrize(("messages", "revenue"), CASES.values(), ids=CASES)
def test_day_that_has_ended(
    messages: list[tuple[str, str, dict[str, str]]], revenue: str, engine: Engine
) -> None:
    """The trend on the page and the history say the same of yesterday."""
    store = Store(engine, Calendar(UTC), tolerance=WHOLE_DOLLARS)
    ledger = Ledger(Calendar(UTC), tolerance=WHOLE_DOLLARS)
    for each in (*messages, ("25T01:00", "9", {})):
        receive(ledger, store, *each)

    assert ledger.snapshot
    live = {str(row.date): row.revenue for row in ledger.snapshot.trend}
    kept = {str(day.day): day.revenue for day in store.days(date.min, date.max)}
    assert (live[YESTERDAY], kept[YESTERDAY]) == (Decimal(revenue), Decimal(revenue))


def test_day_with_another_close(engine: Engine) -> None:
    """A day that closes at 17:00 keeps its totals: the source's rows are of calendar days."""
    calendar = Calendar(UTC, time(17))
    store, ledger = Store(engine, calendar), Ledger(calendar)
    receive(ledger, store, "24T10:00", "60", {"d24": "60"})
    receive(ledger, store, "24T16:59", "600", {})
    receive(ledger, store, "24T17:30", "5", {"d24": "640", "d25": "5"})

    assert ledger.snapshot
    assert [row.revenue for row in ledger.snapshot.trend] == [600, 5]
    assert [day.revenue for day in store.days(date.min, date.max)] == [600, 5]


def receive(ledger: Ledger, store: Store, at: str, revenue: str, rows: dict[str, str]) -> None:
    """Pass a message through the ledger into the store."""
    raw = encoded(message(at, revenue, **rows))
    received = ledger.receive(raw, moment(at))
    assert received.accepted
    assert ledger.snapshot
    store.write([Accepted(ledger.snapshot, moment(at), received.news)])


def encoded(body: dict[str, Any]) -> str:
    """Return a message as JSON, its amounts with their digits."""
    return json.dumps(body, default=float)
