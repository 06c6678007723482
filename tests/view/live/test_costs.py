"""Cost categories: all of a few, or the largest of many and one for the rest."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar.domain.messages import CostCategory
from northstar.domain.snapshot import Snapshot
from northstar.view.live.costs import Cost, costs, grouped_costs
from support.snapshots import snapshot

REST = "--series-rest"
AMOUNTS = st.decimals(-(10**14), 10**14, places=2) | st.sampled_from([Decimal(1), Decimal(0)])


def spent_on(*amounts: Decimal | int) -> Snapshot:
    """Return a state with categories of these amounts, named `c0`, `c1` and so on."""
    update = snapshot().state
    categories = [
        CostCategory(name=f"c{n}", value=Decimal(amount)) for n, amount in enumerate(amounts)
    ]
    return Snapshot(update.model_copy(update={"cost_breakdown": categories}))


def names(shown: Any) -> list[str]:
    """Return the names of costs."""
    return [cost.name for cost in shown]


def amounts(shown: Any) -> list[int]:
    """Return the amounts of costs, which are whole numbers here."""
    return [int(cost.amount) for cost in shown]


def test_costs_of_the_example() -> None:
    """The largest category is first; each has its share."""
    shown = costs(snapshot())

    assert [(c.name, int(c.amount), c.colour) for c in shown] == [
        ("Trading Fees", 18500, "--cost-0"),
        ("Infrastructure", 12800, "--cost-1"),
        ("Personnel", 11200, "--cost-2"),
        ("Other", 5820, "--cost-3"),
    ]
    assert [round(c.share or 0, 4) for c in shown] == [
        Decimal(share) for share in ("38.2864", "26.4901", "23.1788", "12.0447")
    ]
    assert grouped_costs(snapshot()) == shown


@pytest.mark.parametrize("absent", [..., []], ids=["not-sent", "empty"])
def test_costs_without_categories(absent: object) -> None:
    """Without categories there are no costs and no group."""
    state = snapshot(costBreakdown=absent)

    assert list(costs(state)) == list(grouped_costs(state)) == []


@pytest.mark.parametrize("count", [1, 6, 7])
def test_few_categories(count: int) -> None:
    """Up to seven categories are shown separately, because a group would save no row."""
    state = spent_on(*range(1, count + 1))

    assert grouped_costs(state) == costs(state)
    assert names(grouped_costs(state)) == [f"c{n}" for n in reversed(range(count))]


@pytest.mark.parametrize(("count", "rest"), [(8, 1 + 2), (9, 1 + 2 + 3), (40, sum(range(1, 35)))])
def test_many_categories(count: int, rest: int) -> None:
    """The six largest are named; the others are one group at the end."""
    largest = list(range(count, count - 6, -1))
    state = spent_on(*largest[::2], *range(1, count - 5), *largest[1::2])

    shown = grouped_costs(state)

    *_, other = shown
    assert amounts(shown) == [*largest, rest]
    assert other.name == f"{count - 6} smaller costs"
    assert other.colour == REST
    assert [cost.colour for cost in shown[:-1]] == [f"--cost-{n}" for n in range(6)]
    whole = Fraction(count * (count + 1), 2)
    assert Fraction(other.share or 0) == pytest.approx(rest / whole * 100)


def test_all_of_many_categories() -> None:
    """Ungrouped, there are forty, each with one of seven colours."""
    shown = costs(spent_on(*range(40)))

    assert names(shown) == [f"c{n}" for n in reversed(range(40))]
    assert [cost.colour for cost in shown] == [f"--cost-{n % 7}" for n in range(40)]


def test_categories_of_one_amount() -> None:
    """Of equal categories the first in the message are named."""
    shown = grouped_costs(spent_on(*[5] * 9))

    assert names(shown) == ["c0", "c1", "c2", "c3", "c4", "c5", "3 smaller costs"]
    assert amounts(shown)[-1] == 15


def test_large_refund_among_many() -> None:
    """A refund is ranked by its absolute amount and keeps its sign."""
    shown = grouped_costs(spent_on(1, 2, 3, -100, 4, 5, 6, 7))

    assert names(shown) == ["c3", "c7", "c6", "c5", "c4", "c2", "2 smaller costs"]
    assert amounts(shown) == [-100, 7, 6, 5, 4, 3, 3]


def test_small_refunds_among_many() -> None:
    """Refunds reduce the amount of the group."""
    shown = grouped_costs(spent_on(10, 10, 10, 10, 10, 10, 3, -5))

    assert shown[-1][:2] == ("2 smaller costs", Decimal(-2))
    assert round(shown[-1].share or 0, 6) == Decimal("-3.448276")  # of 58


@pytest.mark.parametrize("sent", [[5, -5], [-5], [0], [1, 2, 3, 4, 5, 6, 7, -28]])
def test_shares_of_nothing(sent: list[int]) -> None:
    """If the sum is not positive there are no shares."""
    state = spent_on(*sent)

    assert {cost.share for cost in (*costs(state), *grouped_costs(state))} == {None}


def test_categories_of_one_name() -> None:
    """Two categories of one name stay separate, even if the name is that of the group."""
    rows = [{"name": "3 smaller costs", "value": 9 - n} for n in range(9)]

    shown = grouped_costs(snapshot(costBreakdown=rows))

    assert names(shown) == ["3 smaller costs"] * 7
    assert [cost.amount for cost in shown] == [9, 8, 7, 6, 5, 4, 3 + 2 + 1]


@given(sent=st.lists(AMOUNTS, max_size=40))
@settings(database=None, deadline=None)
def test_sum_of_any_categories(sent: list[Decimal]) -> None:
    """Grouping preserves the exact sum and the names of the largest."""
    state = spent_on(*sent)

    shown: list[Cost] = list(grouped_costs(state))

    assert sum((Fraction(cost.amount) for cost in shown), Fraction(0)) == sum(map(Fraction, sent))
    assert len(shown) == min(len(sent), 7)
    if len(sent) > 7:
        named = sorted(abs(cost.amount) for cost in shown[:-1])
        assert named == sorted(map(abs, sent))[-6:]
    sizes = [abs(cost.amount) for cost in shown if cost.colour != REST]
    assert sizes == sorted(sizes, reverse=True)
