"""Steps of the waterfall, from revenue to net."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import NamedTuple

from northstar.domain.arithmetic import total
from northstar.domain.messages import EXACT
from northstar.domain.snapshot import Snapshot
from northstar.view.live.costs import grouped_costs
from northstar.view.shared.charts import padded

NOT_BROKEN_DOWN = "Expenses"
UNEXPLAINED = "Not itemised"
LABEL_PADDING = 0.16  # of the range, for a label above a bar


class Step(NamedTuple):
    """One bar: it rises by `amount`, or falls if negative; the last is the total."""

    name: str
    amount: Decimal


def steps(snapshot: Snapshot, tolerance: Decimal) -> Sequence[Step]:
    """Return revenue, the deductions from it, and net, which is the sum of the others.

    The difference between expenses and the sum of their categories is a separate step, omitted up
    to `tolerance`, half of the currency's last decimal, which is invisible in a bar.
    """
    costs = grouped_costs(snapshot)
    rest = EXACT.subtract(snapshot.expenses, total(cost.amount for cost in costs))
    taken = [Step(cost.name, EXACT.minus(cost.amount)) for cost in costs]
    if not costs:
        taken = [Step(NOT_BROKEN_DOWN, EXACT.minus(rest))]
    elif EXACT.abs(rest) > tolerance:
        taken.append(Step(UNEXPLAINED, EXACT.minus(rest)))
    return [Step("Revenue", snapshot.revenue), *taken, Step("Net P&L", snapshot.net)]


def levels(bars: Sequence[Step]) -> Sequence[tuple[float, float]]:
    """Return where each bar starts and where it ends; the last starts at zero."""
    ends = accumulate((bar.amount for bar in bars[:-1]), EXACT.add)
    return [*pairwise([0.0, *map(float, ends)]), (0.0, float(bars[-1].amount))]


def label_place(amount: float, ends: tuple[float, float], room: float) -> tuple[float, bool]:
    """Return the level at which a bar's label is written, and whether it is below that level.

    It is beyond the end of its bar, or beyond the start if the zero line would strike it, for which
    it has `room` in the axis's unit.
    """
    start, end = ends
    if amount < 0:
        return (start, False) if 0 <= end < room else (end, True)
    return (start, True) if -room < end <= 0 and start < 0 else (end, False)


def bounds(bars: Sequence[Step]) -> Sequence[float]:
    """Return the range of the waterfall's axis, with room for a label beyond each bar."""
    return padded([end for level in levels(bars)[:-1] for end in level], LABEL_PADDING)
