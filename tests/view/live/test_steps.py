"""From revenue to net: the steps always sum to net."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.books import HALF_A_CENT
from northstar.domain.messages import CostCategory, PnLUpdate
from northstar.domain.snapshot import Snapshot
from northstar.view.live.steps import Step, label_place, levels, steps
from support.snapshots import snapshot

CENTS = st.decimals(-(10**14), 10**14, places=2)
LONG = st.decimals(-(10**14), 10**14, places=45)


def book(revenue: Decimal, expenses: Decimal, costs: list[Decimal] | None) -> Snapshot:
    """Return a state with these totals and categories of these amounts."""
    sections: dict[str, Any] = {}
    if costs is not None:
        sections["cost_breakdown"] = [CostCategory(name="c", value=cost) for cost in costs]
    at = snapshot().as_of
    return Snapshot(PnLUpdate(timestamp=at, revenue=revenue, expenses=expenses, **sections))


def told(**changes: Any) -> list[tuple[str, Any]]:
    """Return name and amount of each step."""
    return [(step.name, step.amount) for step in steps(snapshot(**changes), HALF_A_CENT)]


def gap(state: Snapshot) -> Fraction:
    """Return the difference between the sum of the steps and net."""
    *taken, net = steps(state, HALF_A_CENT)
    return sum((Fraction(step.amount) for step in taken), Fraction(0)) - Fraction(net.amount)


def test_steps_of_the_example() -> None:
    """Revenue is first, then each category with a minus, and net last."""
    assert told() == [
        ("Revenue", 125450),
        ("Trading Fees", -18500),
        ("Infrastructure", -12800),
        ("Personnel", -11200),
        ("Other", -5820),
        ("Net P&L", 77130),
    ]


def test_levels_are_exact() -> None:
    """A bar starts exactly where the previous one ends: 125494.87 - 18506.07 is 106988.8."""
    amounts = ["125494.87", "-18506.07", "106988.80"]

    assert levels([Step("a bar", Decimal(amount)) for amount in amounts]) == [
        (0.0, 125494.87),
        (125494.87, 106988.8),
        (0.0, 106988.8),
    ]


@pytest.mark.parametrize("absent", [..., []], ids=["not-sent", "empty"])
def test_steps_without_categories(absent: object) -> None:
    """Without categories expenses are one step."""
    assert told(costBreakdown=absent) == [
        ("Revenue", 125450),
        ("Expenses", -48320),
        ("Net P&L", 77130),
    ]


def test_steps_of_a_loss() -> None:
    """A negative net changes only the last step."""
    assert told(revenue=40000)[-1] == ("Net P&L", -8320)
    assert gap(snapshot(revenue=40000)) == 0


def test_steps_of_a_refund() -> None:
    """A negative category is a rise."""
    costs = [{"name": "Fees", "value": 50000}, {"name": "Refund", "value": -1680}]

    assert told(costBreakdown=costs)[1:] == [
        ("Fees", -50000),
        ("Refund", 1680),
        ("Net P&L", 77130),
    ]


@pytest.mark.parametrize(
    ("expenses", "rest"), [(50000, -1680), (48000, 320), (48320.01, Decimal("-0.01")), (0, 48320)]
)
def test_steps_of_categories_that_do_not_add_up(expenses: float, rest: Decimal) -> None:
    """The difference to the categories' sum is a step before net."""
    state = snapshot(expenses=expenses)

    assert list(steps(state, HALF_A_CENT))[-2] == Step("Not itemised", rest)
    assert gap(state) == 0


@pytest.mark.parametrize("dust", ["0.005", "-0.005", "0.000001"])
def test_steps_of_categories_that_nearly_add_up(dust: str) -> None:
    """A floating-point difference of up to half a cent is no step."""
    state = book(Decimal(10), Decimal(5) + Decimal(dust), [Decimal(2), Decimal(3)])

    assert [step.name for step in steps(state, HALF_A_CENT)] == ["Revenue", "c", "c", "Net P&L"]
    assert gap(state) == Fraction(dust)


def test_steps_of_forty_categories() -> None:
    """Small categories are one step, and the sum is preserved."""
    costs = [{"name": f"c{n}", "value": n + 0.25} for n in range(40)]
    spent = sum(range(40)) + 10

    found = told(costBreakdown=costs, expenses=spent)

    names = ["c39", "c38", "c37", "c36", "c35", "c34", "34 smaller costs"]
    assert [name for name, _ in found] == ["Revenue", *names, "Net P&L"]
    assert found[-2] == ("34 smaller costs", -(sum(range(34)) + Decimal("8.5")))
    assert gap(snapshot(costBreakdown=costs, expenses=spent)) == 0


def test_step_of_nothing() -> None:
    """A zero has no minus sign."""
    state = book(Decimal(0), Decimal(0), [Decimal(0)])

    assert [str(step.amount) for step in steps(state, HALF_A_CENT)] == ["0", "0", "0"]


@given(revenue=CENTS, expenses=CENTS, costs=st.none() | st.lists(CENTS, max_size=40))
@settings(database=None, deadline=None)
def test_sum_of_any_steps(revenue: Decimal, expenses: Decimal, costs: list[Decimal] | None) -> None:
    """The steps sum to revenue − expenses exactly if amounts are whole cents."""
    state = book(revenue, expenses, costs)

    assert gap(state) == 0
    first, *_, last = steps(state, HALF_A_CENT)
    assert (first.amount, Fraction(last.amount)) == (
        revenue,
        Fraction(revenue) - Fraction(expenses),
    )


@given(revenue=LONG, expenses=LONG, costs=st.lists(LONG, min_size=1, max_size=10))
@settings(database=None, deadline=None)
def test_sum_of_steps_of_many_digits(
    revenue: Decimal, expenses: Decimal, costs: list[Decimal]
) -> None:
    """Steps with many digits sum exactly."""
    state = book(revenue, expenses, costs)

    itemised = any(step.name == "Not itemised" for step in steps(state, HALF_A_CENT))
    left = sum(map(Fraction, costs)) - Fraction(expenses)
    assert gap(state) == (0 if itemised else -left)
    assert itemised == (abs(left) > Fraction(1, 200))


LEVEL = st.floats(-1000, 1000)


@given(start=LEVEL, end=LEVEL, room=st.floats(1, 300))
@settings(database=None, deadline=None)
def test_zero_line_strikes_no_label(start: float, end: float, room: float) -> None:
    """The label of a bar is on the side that the zero line does not cross."""
    level, is_below = label_place(end - start, (start, end), room)

    assert level in {start, end}
    low, high = (level - room, level) if is_below else (level, level + room)
    assert not low < 0 < high


@pytest.mark.parametrize(
    ("ends", "place"),
    [
        ((0.0, 100.0), (100.0, False)),
        ((100.0, 60.0), (60.0, True)),
        ((60.0, 5.0), (60.0, False)),
        ((60.0, 0.0), (60.0, False)),
        ((5.0, -30.0), (-30.0, True)),
        ((-30.0, -60.0), (-60.0, True)),
        ((-60.0, -5.0), (-60.0, True)),
    ],
)
def test_place_of_a_label(ends: tuple[float, float], place: tuple[float, bool]) -> None:
    """A label is beyond the end of its bar, or beyond the start near the zero line."""
    assert label_place(ends[1] - ends[0], ends, room=10) == place
