"""The current state: what an update keeps and what it replaces."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.calendar import Calendar
from northstar.domain.ledger import Ledger, merge
from northstar.domain.messages import PnLUpdate, decode
from northstar.domain.outcomes import Tally
from northstar.domain.snapshot import Snapshot
from northstar.errors import OutOfOrder
from support import guide

ZONE = ZoneInfo("UTC")
SECTIONS = ("trendsData", "costBreakdown", "agentAttribution")
TOTALS_ALONE = dict.fromkeys(
    (*SECTIONS, "netPnL", "previousRevenue", "previousExpenses", "previousNetPnL"), ...
)


def update(**changes: Any) -> PnLUpdate:
    """Return the decoded example with some fields changed."""
    return decode(guide.text(**changes), ZONE)


def snapshot(*messages: dict[str, Any]) -> Snapshot:
    """Return the state after merging these variations of the example in turn."""
    state = None
    for changes in messages:
        state = merge(state, update(**changes))
    assert state is not None
    return state


def days(state: Snapshot) -> list[str]:
    """Return the dates of the trend in order."""
    return [row.date.isoformat() for row in state.trend]


def test_merge_without_sections() -> None:
    """A missing section keeps its value; totals are always the newest."""
    state = snapshot({}, {**TOTALS_ALONE, "revenue": 1, "expenses": 2})

    assert [state.revenue, state.expenses, state.net] == [1, 2, -1]
    assert [cost.value for cost in state.costs] == [18500, 12800, 11200, 5820]
    assert [agent.agent for agent in state.agents] == ["Scalper", "John", "Cliff"]
    assert days(state) == ["2026-02-25"]
    assert state.state.previous_revenue == 125200
    assert state.state.previous_expenses == 48100
    assert state.state.previous_net_stated == 77100
    assert state.state.net_stated is None


def test_merge_with_sections() -> None:
    """A sent section replaces the old one completely."""
    state = snapshot(
        {},
        {
            "costBreakdown": [{"name": "Rent", "value": 48320}],
            "agentAttribution": [{"agent": "Ann", "revenue": 3, "expenses": 1}],
            "previousRevenue": 9,
        },
    )

    assert [{cost.name: cost.value} for cost in state.costs] == [{"Rent": Decimal(48320)}]
    assert [agent.agent for agent in state.agents] == ["Ann"]
    assert state.state.previous_revenue == 9


def test_merge_with_empty_sections() -> None:
    """An empty list replaces a section, but removes no day from the trend."""
    state = snapshot({}, {section: [] for section in SECTIONS})

    assert list(state.costs) == []
    assert list(state.agents) == []
    assert days(state) == ["2026-02-25"]


def test_merge_of_a_day_after_a_month() -> None:
    """A trend of one day, sent every second, does not remove the other days."""
    today_again = [{"date": "2026-02-25", "revenue": 7, "expenses": 2}]

    state = snapshot({"trendsData": guide.month()}, {"trendsData": today_again})

    assert days(state) == [row["date"] for row in guide.month()]
    assert [row.revenue for row in state.trend] == [
        *(row["revenue"] for row in guide.month()[:-1]),
        7,
    ]


def test_merge_of_a_month_after_a_day() -> None:
    """The trend of a month adds days around a newer one, and the oldest are dropped."""
    tomorrow = [{"date": "2026-02-26", "revenue": 7, "expenses": 2}]

    state = snapshot({"trendsData": tomorrow}, {"trendsData": guide.month()})

    assert days(state) == [*(row["date"] for row in guide.month()[1:]), "2026-02-26"]
    assert state.trend[-1].revenue == 7


def test_merge_of_days_in_any_order() -> None:
    """The trend is sorted by date for any order; the last row of a date counts."""
    rows = [*reversed(guide.month()), {"date": "2026-02-25", "revenue": 7, "expenses": 2}]

    state = snapshot({"trendsData": rows})

    assert days(state) == [row["date"] for row in guide.month()]
    assert state.trend[-1].revenue == 7


def test_merge_of_a_trend_without_a_day() -> None:
    """A day that a later trend omits is removed; days outside its range stay."""
    month = guide.month()
    without = [*month[10:20], *month[21:]]

    state = snapshot({"trendsData": month}, {"trendsData": without})

    assert days(state) == [row["date"] for row in (*month[:20], *month[21:])]


def test_merge_of_a_day_beyond_tomorrow() -> None:
    """A day after tomorrow is never in the trend."""
    row = {"revenue": 5, "expenses": 1}
    rows = [
        {"date": day, **row} for day in ("2026-02-26", "2026-02-27", "2062-02-25", "9999-12-31")
    ]

    assert days(snapshot({"trendsData": [*guide.month()[1:], *rows]})) == [
        *(row["date"] for row in guide.month()[1:]),
        "2026-02-26",
    ]


def test_sections_of_the_day_before() -> None:
    """Costs, agents and the previous period belong to their day and are reset on the next."""
    first = update(timestamp="2026-02-25T22:59:59Z")
    calendar = Calendar(ZoneInfo("Europe/Berlin"))

    same_day = update(timestamp="2026-02-25T22:59:59.5Z", **TOTALS_ALONE)
    next_day = update(timestamp="2026-02-25T23:00:00Z", **TOTALS_ALONE)

    before = merge(merge(None, first), same_day, calendar)
    after = merge(before, next_day, calendar)
    assert (len(before.costs), len(before.agents)) == (4, 3)
    assert before.previous_net == 77100
    assert (after.state.cost_breakdown, after.state.agent_attribution) == (None, None)
    assert after.previous_net is None
    assert days(after) == ["2026-02-25"]


def test_merge_of_more_than_thirty_days() -> None:
    """Only the newest thirty dates are stored, even from a first message."""
    rows = [*guide.month("2026-01-26"), *guide.month()]

    assert days(snapshot({"trendsData": rows})) == [row["date"] for row in guide.month()]


def test_merge_out_of_order() -> None:
    """An update older than the state is refused."""
    state = snapshot({})

    with pytest.raises(OutOfOrder):
        merge(state, update(timestamp="2026-02-25T22:23:59.999Z"))


def test_merge_at_the_same_time() -> None:
    """An update with the state's own timestamp is accepted, and the later one counts."""
    assert snapshot({}, {"revenue": 1}).revenue == 1


def test_merge_across_the_end_of_summer_time() -> None:
    """When clocks go back an hour, updates are ordered by instant."""
    berlin = ZoneInfo("Europe/Berlin")
    before = decode(guide.text(timestamp="2026-10-25T00:59:59Z"), berlin)
    after = decode(guide.text(timestamp="2026-10-25T01:00:00Z"), berlin)

    assert merge(merge(None, before), after).as_of == after.timestamp
    with pytest.raises(OutOfOrder):
        merge(merge(None, after), before)


def test_ledger_counts() -> None:
    """Every message is counted by outcome, and only an accepted one changes the state."""
    ledger = Ledger(Calendar(ZONE))

    assert not ledger.receive("{").accepted
    assert ledger.snapshot is None
    assert ledger.receive(guide.EXAMPLE).accepted
    good = ledger.snapshot
    assert not ledger.receive('{"event": "welcome"}').accepted
    assert not ledger.receive(guide.text(timestamp="2026-02-25T22:23:00Z")).accepted
    assert not ledger.receive(guide.text(revenue="much")).accepted
    assert not ledger.receive(guide.text(revenue=None).encode()).accepted

    assert ledger.snapshot is good
    assert ledger.tally == Tally(
        accepted=1,
        rejected=3,
        out_of_order=1,
        ignored=1,
        last_rejection="revenue: expected a number, got null",
        last_out_of_order="2026-02-25T22:23:00+00:00 after 2026-02-25T22:24:00+00:00",
    )


def test_ledger_after_a_rejection() -> None:
    """The last rejection is preserved when accepted messages follow."""
    ledger = Ledger(Calendar(ZONE))
    ledger.receive(guide.text(revenue="much"))

    assert ledger.receive(guide.EXAMPLE).accepted
    assert ledger.tally.last_rejection == "revenue: expected a number, got a string"


WHOLE = st.integers(-(10**14), 10**14)
BOOK = st.fixed_dictionaries({"revenue": st.integers(0, 99), "expenses": st.integers(0, 99)})
DAY = st.integers(0, 50).map(lambda n: (date(2026, 1, 1) + timedelta(days=n)).isoformat())
MESSAGES = st.fixed_dictionaries(
    {"revenue": WHOLE, "expenses": WHOLE, "second": st.integers(0, 59)},
    optional={
        "trendsData": st.lists(
            st.builds(lambda day, book: {"date": day, **book}, DAY, BOOK), max_size=35
        ),
        "costBreakdown": st.lists(
            st.fixed_dictionaries({"name": st.text(max_size=3), "value": st.integers(0, 99)}),
            max_size=3,
        ),
        "previousRevenue": st.integers(0, 99),
    },
)


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(MESSAGES))
def test_merge_of_any_sequence(messages: list[dict[str, Any]]) -> None:
    """After any sequence the state has the newest values of all messages in order."""
    ledger = Ledger(Calendar(ZONE))
    newest: dict[str, Any] = {"second": 0}
    trend: dict[str, Any] = {}
    for message in messages:
        moment = datetime(2026, 2, 25, 22, 24, message["second"], tzinfo=UTC)
        sent = json.dumps({**message, "timestamp": moment.isoformat()})
        in_order = message["second"] >= newest["second"]
        if in_order:
            newest |= message
            rows = {row["date"]: row for row in message.get("trendsData", [])}
            trend = {
                d: row
                for d, row in trend.items()
                if not min(rows, default="z") <= d <= max(rows, default="")
            }
            trend |= rows
            trend = {day: trend[day] for day in sorted(trend)[-30:]}

        assert ledger.receive(sent).accepted == in_order
        state = ledger.snapshot
        assert state is not None
        assert state.as_of.second == newest["second"]
        assert (state.revenue, state.expenses) == (newest["revenue"], newest["expenses"])
        assert state.state.previous_revenue == newest.get("previousRevenue")
        assert [
            {"date": row.date.isoformat(), "revenue": row.revenue, "expenses": row.expenses}
            for row in state.trend
        ] == list(trend.values())
        assert [{"name": cost.name, "value": cost.value} for cost in state.costs] == newest.get(
            "costBreakdown", []
        )


def test_merge_of_the_previous_period() -> None:
    """The previous period is one section: figures of two periods are never mixed."""
    only_net = {**TOTALS_ALONE, "revenue": 1, "expenses": 2, "previousNetPnL": 5}
    state = snapshot({}, only_net)

    assert state.previous_net == 5
    assert state.state.previous_revenue is None


@pytest.mark.parametrize(("before", "after"), [("demo", ...), (..., "demo"), ("replay", "demo")])
def test_merge_of_real_and_unreal(before: object, after: object) -> None:
    """Real data and data that is not real are never mixed in one state."""
    ledger = Ledger(Calendar(ZONE))
    ledger.receive(guide.text(source=before, trendsData=guide.month()))

    assert ledger.receive(guide.text(source=after, revenue=5, **ALONE)).accepted
    assert ledger.snapshot is not None
    assert (ledger.snapshot.trend, ledger.snapshot.costs) == ((), ())
    assert not ledger.snapshot.agents

    earlier = guide.text(source=before, timestamp="2026-02-25T00:00:00Z")
    assert ledger.receive_state(earlier).accepted
    assert ledger.snapshot.revenue == 5
    assert ledger.snapshot.costs == ()


@pytest.mark.parametrize("unreal", ["demo", "replay"])
def test_unreal_message_among_real_ones(unreal: str) -> None:
    """Data that is not real does not change the real state, which continues afterwards."""
    ledger = Ledger(Calendar(ZONE))
    ledger.receive(guide.text(trendsData=guide.month()))
    real = ledger.snapshot
    assert real is not None

    assert ledger.receive(guide.text(source=unreal, revenue=5, **ALONE)).accepted
    before = guide.text(timestamp="2026-02-25T22:23:00Z", **ALONE)
    assert isinstance(ledger.receive(before).refusal, OutOfOrder)
    after = guide.text(timestamp="2026-02-25T22:24:01Z", **ALONE)
    assert ledger.receive(after).accepted

    assert ledger.snapshot is not None
    assert ledger.snapshot.trend == real.trend
    assert (ledger.snapshot.costs, ledger.snapshot.agents) == (real.costs, real.agents)


ALONE: dict[str, Any] = {"trendsData": ..., "costBreakdown": ..., "agentAttribution": ...}
