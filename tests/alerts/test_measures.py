"""What each kind of rule measures."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from northstar.alerts.evaluation import Evaluator, Key
from northstar.alerts.measures import measure
from northstar.alerts.readings import Aggregates, Extremes, MinuteMedian, Restatement
from northstar.alerts.rules import KINDS
from northstar.domain.freshness import LinkState
from northstar.domain.messages import AgentMetrics, CostCategory, TrendDay
from support.readings import Readings, rule, snapshot

PREVIOUS: dict[str, Any] = {"previous_revenue": Decimal(300), "previous_expenses": Decimal(100)}


def agents(**nets: int) -> dict[str, Any]:
    """Return the section of agents with those nets."""
    rows = [
        AgentMetrics(agent=name, revenue=Decimal(net + 100), expenses=Decimal(100))
        for name, net in nets.items()
    ]
    return {"agent_attribution": rows}


def costs(**values: int) -> dict[str, Any]:
    """Return the section of costs with those values."""
    rows = [CostCategory(name=name, value=Decimal(value)) for name, value in values.items()]
    return {"cost_breakdown": rows}


@pytest.mark.parametrize(
    ("kind", "fields", "state", "holds", "is_over"),
    [
        ("net_below", {"limit": -50}, snapshot(-51), True, False),
        ("net_below", {"limit": -50}, snapshot(-50), False, True),
        ("net_below", {"limit": -50, "clear": -20}, snapshot(-30), False, False),
        ("net_below", {"limit": -50, "clear": -20}, snapshot(-20), False, True),
        ("net_below", {"limit": "50%"}, snapshot(99, **PREVIOUS), True, False),
        ("net_below", {"limit": "50%"}, snapshot(100, **PREVIOUS), False, True),
        ("net_above", {"limit": 50}, snapshot(51), True, False),
        ("net_above", {"limit": 50}, snapshot(50), False, True),
        ("loss_of_day", {"limit": 50}, snapshot(-51), True, False),
        ("loss_of_day", {"limit": 50}, snapshot(60), False, True),
        ("margin_below", {"limit": "25%"}, snapshot(10, expenses=40), True, False),
        ("margin_below", {"limit": "20%"}, snapshot(10, expenses=40), False, True),
        ("expenses_above", {"limit": 40}, snapshot(0, expenses=41), True, False),
        ("expenses_above", {"limit": "50%"}, snapshot(0, expenses=51, **PREVIOUS), True, False),
        ("books", {"limit": 9}, snapshot(0, expenses=100, **costs(Rent=90)), True, False),
        ("books", {"limit": 10}, snapshot(0, expenses=100, **costs(Rent=90)), False, True),
    ],
)
def test_measure_of_a_state(
    kind: str, fields: dict[str, Any], state: Any, *, holds: bool, is_over: bool
) -> None:
    """A value strictly beyond the limit fires, and ends at `clear` or at the limit."""
    reading = Readings().read(snapshot=state)
    found = measure(rule(kind, **fields), reading, Aggregates())
    assert found
    assert [(each.holds, each.is_over) for each in found] == [(holds, is_over)]


@pytest.mark.parametrize(
    ("kind", "fields", "state"),
    [
        ("margin_below", {"limit": "25%"}, snapshot(-5)),
        ("net_below", {"limit": "50%"}, snapshot(-51)),
        ("drawdown", {"limit": 5, "basis": "previous-close"}, snapshot(-51)),
    ],
)
def test_measure_of_what_is_unknown(kind: str, fields: dict[str, Any], state: Any) -> None:
    """A rule measures nothing if its figure or its basis is unknown."""
    assert measure(rule(kind, **fields), Readings().read(snapshot=state), Aggregates()) is None


@pytest.mark.parametrize(("basis", "fallen"), [("day-peak", 70), ("day-start", 30)])
def test_drawdown_of_the_day(basis: str, fallen: int) -> None:
    """The day's drawdown is relative to its peak or to its first minute."""
    readings = Readings()
    for net in (100, 140):
        readings.read(net, passed_s=60)
    found = measure(rule("drawdown", basis=basis, limit=50), readings.read(70, 60), Aggregates())
    assert found
    assert [each.value for each in found] == [fallen]


def test_drawdown_from_the_previous_close() -> None:
    """A drawdown from the previous close is relative to the trend's last earlier day."""
    row = TrendDay(date=date(2026, 11, 1), revenue=Decimal(500), expenses=Decimal(100))
    reading = Readings().read(snapshot=snapshot(150, trends_data=[row]))
    found = measure(rule("drawdown", basis="previous-close", limit=50), reading, Aggregates())
    assert found
    assert [each.value for each in found] == [250]


def test_agents_and_categories() -> None:
    """A rule for every agent or category measures each; one with a name only that one."""
    state = snapshot(0, **agents(Ann=-7, Bob=9), **costs(Rent=70, Fuel=10))
    reading = Readings().read(snapshot=state)
    below = measure(rule("agent_below", agent="*", limit=0), reading, Aggregates())
    above = measure(rule("category_above", category="Rent", limit=50), reading, Aggregates())
    assert [(each.subject, each.holds) for each in below or ()] == [("Bob", False), ("Ann", True)]
    assert [(each.subject, each.holds) for each in above or ()] == [("Rent", True)]


def test_agent_is_silent() -> None:
    """An agent is silent if its figures have not changed while the data was live."""
    readings, evaluator = Readings(), Evaluator([rule("agent_silent", agent="*", limit="5s")])
    for second in range(8):
        state = snapshot(second, **agents(Ann=1, Bob=second))
        evaluator.evaluate(readings.read(snapshot=state, feed="live" if second else "stale"))
    assert [*evaluator.alerts] == [Key("rule", "Ann")]


def test_change_within_a_window() -> None:
    """A change is the largest difference to any state of the window, in either direction."""
    readings, evaluator = Readings(), Evaluator([rule("change", limit=50, window="10s")])
    for net in (0, 30, -25, *[-25] * 12):
        evaluator.evaluate(readings.read(net))
        if net == -25 and evaluator.alerts:
            break
    (alert,) = evaluator.alerts.values()
    assert alert.value == -55
    for _ in range(12):
        evaluator.evaluate(readings.read(-25))
    assert not evaluator.alerts


def test_spike_against_the_median() -> None:
    """A spike is relative to the median of the closed minutes, and unknown before the first."""
    readings, evaluator = Readings(), Evaluator([rule("spike", limit=50, minutes=3)])
    for net in (10, 20, 30):
        for _ in range(6):
            assert not evaluator.evaluate(readings.read(net, passed_s=5))
            assert not evaluator.evaluate(readings.read(net, passed_s=5))
    assert not evaluator.evaluate(readings.read(69, passed_s=5))
    evaluator.evaluate(readings.read(-31, passed_s=1))
    (alert,) = evaluator.alerts.values()
    assert alert.value == -51


def test_share_of_messages_refused() -> None:
    """The share of refused messages is that within the window."""
    readings, evaluator = Readings(), Evaluator([rule("rejected", limit="20%", window="10s")])
    evaluator.evaluate(readings.read(accepted=100, refused=0))
    evaluator.evaluate(readings.read(accepted=107, refused=3))
    (alert,) = evaluator.alerts.values()
    assert alert.value == 30
    for second in range(12):
        evaluator.evaluate(readings.read(accepted=108 + second, refused=3))
    assert not evaluator.alerts


def test_gap_only_while_connected() -> None:
    """A gap is measured while connected; without a connection the rule `offline` applies."""
    silent = rule("gap", limit="30s")
    open_, closed = (
        measure(silent, Readings().read(feed="stale", link=link, since_message_s=31), Aggregates())
        for link in (LinkState.OPEN, LinkState.WAITING)
    )
    assert open_
    assert open_[0].holds
    assert closed is None


@pytest.mark.parametrize(
    ("feed", "stale", "offline"),
    [("live", False, False), ("stale", True, False), ("offline", None, True)],
)
def test_states_of_the_feed(feed: str, *, stale: bool | None, offline: bool) -> None:
    """While the source is offline, the rule `stale` does not apply."""
    reading = Readings().read(feed=feed)
    found = measure(rule("stale"), reading, Aggregates())
    assert (found and found[0].holds) is stale
    found = measure(rule("offline"), reading, Aggregates())
    assert found
    assert found[0].holds is offline


def test_restated_day_is_a_moment() -> None:
    """A restatement is an alert for a day, and its end is not sent."""
    readings = Readings()
    evaluator = Evaluator([rule("restated", keep="2s")], ["desk"])
    day = Restatement(date(2026, 10, 30), Decimal(-12))
    (event,) = evaluator.evaluate(readings.read(restated=[day])).events
    assert (event.alert.subject, event.to) == ("2026-10-30", ("desk",))
    assert event.alert.value == -12
    events = [e for _ in range(4) for e in evaluator.evaluate(readings.read()).events]
    assert [(each.kind, each.to) for each in events] == [("over", ())]


def test_history_paused() -> None:
    """A history that cannot be written fires the rule."""
    found = measure(rule("history_paused"), Readings().read(history_problem="full"), Aggregates())
    assert found
    assert found[0].holds


def test_every_kind_has_a_measure() -> None:
    """Every kind of rule has its own measure."""
    assert {measure.dispatch(each) for each in KINDS.values()}.isdisjoint(
        {measure.dispatch(object)}
    )


def test_extremes_in_constant_memory() -> None:
    """A window stores only the values that can become extremes, and drops old ones."""
    window = Extremes(10)
    for second in range(100):
        window.add(second, Decimal(-second))
    assert window.farthest(Decimal(-99)) == -10
    assert Extremes(10).farthest(Decimal(5)) == 0


def test_median_needs_a_closed_minute() -> None:
    """There is no median before the first minute has ended."""
    middle = MinuteMedian(5)
    middle.add(0, Decimal(1))
    middle.add(59, Decimal(3))
    assert middle.value is None
    middle.add(60, Decimal(9))
    assert middle.value == 3
