"""A state fetched from the API, and the correction of a source's clock."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.calendar import Calendar
from northstar.domain.clocks import nearer_to_our_clock
from northstar.domain.ledger import Ledger, backfill, merge
from northstar.domain.messages import PnLUpdate, decode
from northstar.domain.snapshot import Snapshot
from northstar.errors import OutOfOrder
from support import guide

NOON = datetime(2026, 2, 25, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PREVIOUS = ("previousRevenue", "previousExpenses", "previousNetPnL")
SECTIONS = (PREVIOUS, ("costBreakdown",), ("agentAttribution",))
TOTALS_ALONE: dict[str, Any] = dict.fromkeys(
    (*PREVIOUS, "netPnL", "trendsData", "costBreakdown", "agentAttribution"), ...
)


def update(second: float = 0, **changes: Any) -> PnLUpdate:
    """Return the decoded example at this many seconds after noon."""
    return decode(guide.text(timestamp=(NOON + second * SECOND).isoformat(), **changes), UTC)


def wire(update: PnLUpdate) -> dict[str, Any]:
    """Return a state as plain values with the names on the wire."""
    return update.model_dump(by_alias=True, exclude={"net_stated"})


def test_backfill_of_nothing() -> None:
    """Without a state, the fetched state becomes the state."""
    assert backfill(None, update()) == merge(None, update())


def test_backfill_of_what_is_missing() -> None:
    """An older state adds only the sections that no message has brought."""
    now = merge(None, update(9, revenue=1, expenses=2, **TOTALS_ALONE))

    filled = backfill(now, update(trendsData=guide.month()))

    assert [filled.revenue, filled.expenses] == [1, 2]
    assert filled.as_of == now.as_of
    assert len(filled.trend) == 30
    assert [cost.name for cost in filled.costs][:1] == ["Trading Fees"]
    assert len(filled.agents) == 3
    assert filled.state.previous_revenue == 125200


def test_backfill_of_what_is_known() -> None:
    """An older state does not change a section or day that a newer message has brought."""
    now = merge(None, update(9, trendsData=guide.month()[-1:]))
    other_month = [{**row, "revenue": 7} for row in guide.month()]
    older = update(
        previousRevenue=1,
        costBreakdown=[{"name": "Old", "value": 1}],
        agentAttribution=[],
        trendsData=other_month,
    )

    filled = backfill(now, older)

    assert wire(filled.state) | {"trendsData": 0} == wire(now.state) | {"trendsData": 0}
    assert filled.trend[-1] == now.trend[-1]
    assert {row.revenue for row in filled.trend[:-1]} == {7}


def test_backfill_with_a_newer_state() -> None:
    """A newer state is merged like a message."""
    now, newer = merge(None, update()), update(9, revenue=1, **TOTALS_ALONE)

    assert backfill(now, newer) == merge(now, newer)
    assert backfill(now, update(0, revenue=3)) == merge(now, update(0, revenue=3))


def test_backfill_when_an_hour_comes_twice() -> None:
    """In a repeated hour, states are ordered by instant and not by local time."""
    ledger = Ledger(Calendar(ZoneInfo("Europe/Berlin")))
    ledger.receive(guide.text(timestamp="2026-10-25T01:00:00Z", revenue=2))

    assert ledger.receive_state(guide.text(timestamp="2026-10-25T00:59:59Z", revenue=1)).accepted
    assert ledger.snapshot is not None
    assert ledger.snapshot.revenue == 2


def test_fetched_states_in_the_tally() -> None:
    """Fetched states are counted as messages are, and never as out of order."""
    ledger = Ledger(Calendar(UTC))

    assert ledger.receive_state(guide.text(timestamp="2026-02-25T22:24:09Z")).accepted
    assert ledger.receive_state(guide.text(revenue=1)).accepted
    assert not ledger.receive_state("<title>A page</title>", NOON).accepted
    assert not ledger.receive_state('{"event": "response"}', NOON).accepted

    tally = ledger.tally
    assert (tally.accepted, tally.rejected, tally.ignored, tally.out_of_order) == (2, 1, 1, 0)
    assert tally.last_rejected_at == NOON
    assert ledger.snapshot is not None
    assert ledger.snapshot.revenue == 125450


AMOUNT = st.integers(0, 99)
ROW = st.builds(
    lambda day, revenue: {
        "date": (date(2026, 1, 1) + timedelta(days=day)).isoformat(),
        "revenue": revenue,
        "expenses": 0,
    },
    st.integers(0, 40),
    AMOUNT,
)
MESSAGE = st.fixed_dictionaries(
    {"revenue": AMOUNT, "expenses": AMOUNT},
    optional={
        "trendsData": st.lists(ROW, max_size=35),
        "costBreakdown": st.lists(st.just({"name": "a", "value": 1}), max_size=2),
        "agentAttribution": st.just([]),
        "previousRevenue": AMOUNT,
        "previousNetPnL": AMOUNT,
    },
)


def rebuilt(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the state of messages in order of time, computed from the guide's rules alone."""
    state: dict[str, Any] = {}
    trend: dict[str, Any] = {}
    for message in messages:
        for section in SECTIONS:
            if any(name in message for name in section):
                state = {name: value for name, value in state.items() if name not in section}
        state |= message
        rows = {row["date"]: row for row in message.get("trendsData", [])}
        first, last = min(rows, default="z"), max(rows, default="")
        trend = {day: row for day, row in trend.items() if not first <= day <= last} | rows
        trend = {day: trend[day] for day in sorted(trend)[-30:]}
    return {**state, "trendsData": list(trend.values())}


def shown(snapshot: Snapshot) -> dict[str, Any]:
    """Return a state in the same form."""
    told = json.loads(snapshot.state.model_dump_json(by_alias=True, exclude_none=True))
    rows = [
        {"date": row.date.isoformat(), "revenue": row.revenue, "expenses": row.expenses}
        for row in snapshot.trend
    ]
    amounts = {
        name: int(value) if isinstance(value, str) and value.isdigit() else value
        for name, value in told.items()
    }
    costs = [{"name": cost.name, "value": cost.value} for cost in snapshot.costs]
    breakdown = {"costBreakdown": costs} if "costBreakdown" in told else {}
    return {**amounts, **breakdown, "trendsData": rows}


@settings(max_examples=150, deadline=None, database=None)
@given(st.lists(MESSAGE, min_size=1, max_size=4), MESSAGE)
def test_backfill_as_if_in_time(messages: list[dict[str, Any]], past: dict[str, Any]) -> None:
    """A state older than the first message adds what no message has brought."""
    ledger = Ledger(Calendar(UTC))
    for second, message in enumerate(messages, start=1):
        ledger.receive(json.dumps({**message, "timestamp": (NOON + second * SECOND).isoformat()}))
    ledger.receive_state(json.dumps({**past, "timestamp": NOON.isoformat()}))

    assert ledger.snapshot is not None
    found = shown(ledger.snapshot)
    assert found.pop("timestamp").startswith("2026-02-25T12:00:0")
    trends = [rebuilt([past])["trendsData"], rebuilt(messages)["trendsData"]]
    rows = {row["date"]: row for row in chain(*trends)}
    trend = [rows[day] for day in sorted(rows)[-30:]]
    assert found == rebuilt([past, *messages]) | {"trendsData": trend}


@pytest.mark.parametrize(
    ("before_s", "after_s", "accepted"),
    [
        (3600, 0, True),
        (6, 0, True),
        (5, 0, False),
        (3600, 5, True),
        (3600, -5, True),
        (3600, 6, False),
        (3600, -6, True),
        (3600, -3600, False),
        (-1, -2, False),
    ],
    ids=[
        "an hour ahead, then right",
        "just too far ahead",
        "ahead within bounds",
        "then within bounds, ahead",
        "then within bounds, behind",
        "then still ahead",
        "then late",
        "then as far behind",
        "two in the wrong order",
    ],
)
def test_clock_put_right(before_s: int, after_s: int, accepted: bool) -> None:  # noqa: FBT001
    """An earlier time is accepted only if it is nearer to our clock, which rejects the old one."""
    before, after = (NOON + second * SECOND for second in (before_s, after_s))

    assert nearer_to_our_clock(before, after, NOON) is accepted


def test_one_old_message_puts_no_clock_right() -> None:
    """Several messages at real speed correct the clock; one with the old time starts over."""
    ledger = Ledger(Calendar(UTC))

    def take(arrived_s: float, ahead_s: float) -> bool:
        arrived = NOON + arrived_s * SECOND
        text = guide.text(timestamp=(arrived + ahead_s * SECOND).isoformat())
        return ledger.receive(text, arrived).accepted

    assert take(0, 9 * 3600)
    assert not take(1, -3 * 3600)  # an old one
    assert take(2, 9 * 3600)
    assert [take(second, 0.1) for second in (3, 4, 4.9, 5, 6)] == [False, False, False, True, True]
    assert ledger.tally.out_of_order == 4


def test_clock_put_right_without_a_clock() -> None:
    """Without a time of arrival, an earlier message is out of order."""
    with pytest.raises(OutOfOrder):
        merge(merge(None, update(3600)), update())


def test_sections_after_the_clock_is_put_right() -> None:
    """Sections of messages with the wrong time stay as usual after the correction."""
    current = merge(None, update(3600, trendsData=guide.month()))
    state = merge(current, update(0, **TOTALS_ALONE), clock_corrected=True)

    assert len(state.trend) == 30
    assert len(state.agents) == 3
