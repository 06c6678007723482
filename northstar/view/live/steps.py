"""Steps of the waterfall, from revenue to net."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from northstar.domain.books import HALF_A_CENT
from northstar.domain.ledger import Snapshot, total
from northstar.domain.messages import EXACT
from northstar.view.live.costs import grouped_costs

NOT_BROKEN_DOWN = "Expenses"
UNEXPLAINED = "Not itemised"


class Step(NamedTuple):
    """One bar: how far it goes up, or down where `amount` is negative; the last is the sum."""

    name: str
    amount: Decimal


def steps(snapshot: Snapshot) -> Sequence[Step]:
    """Return revenue, what was taken from it, and net, to which the others sum.

    What expenses are over the sum of their categories, or short of it, is a step of its own; up to
    half a cent, which no bar shows, it is left out.
    """
    costs = grouped_costs(snapshot)
    rest = EXACT.subtract(snapshot.expenses, total(cost.amount for cost in costs))
    taken = [Step(cost.name, EXACT.minus(cost.amount)) for cost in costs]
    if not costs:
        taken = [Step(NOT_BROKEN_DOWN, EXACT.minus(rest))]
    elif EXACT.abs(rest) > HALF_A_CENT:
        taken.append(Step(UNEXPLAINED, EXACT.minus(rest)))
    return [Step("Revenue", snapshot.revenue), *taken, Step("Net P&L", snapshot.net)]
