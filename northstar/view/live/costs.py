"""Cost categories as shown: the small ones of many are grouped into one."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from northstar.domain.ledger import Snapshot, total
from northstar.domain.shares import shares
from northstar.view.shared import theme
from northstar.view.shared.money import legible

NAMED = 6  # categories with their own slice, bar and row; the rest are grouped


class Cost(NamedTuple):
    """One category or a group: its amount, negative for a refund, and its share by `shares`.

    `colour` names a colour of the theme.
    """

    name: str
    amount: Decimal
    share: Decimal | None
    colour: str


def costs(snapshot: Snapshot) -> Sequence[Cost]:
    """Return every category in the source's order."""
    parts = shares([cost.value for cost in snapshot.costs])
    return [
        Cost(legible(cost.name), cost.value, share, theme.cost(position))
        for position, (cost, share) in enumerate(zip(snapshot.costs, parts, strict=True))
    ]


def grouped_costs(snapshot: Snapshot) -> Sequence[Cost]:
    """Return the largest categories in the source's order, and the rest as “Other (n)”."""
    everything = costs(snapshot)
    if len(everything) <= NAMED + 1:  # a group of one is pointless
        return everything
    largest = sorted(everything, key=lambda cost: abs(cost.amount), reverse=True)
    smallest = set(map(id, largest[NAMED:]))
    named = [cost for cost in everything if id(cost) not in smallest]
    named = [cost._replace(colour=theme.cost(row)) for row, cost in enumerate(named)]
    rest = total(cost.amount for cost in largest[NAMED:])
    shown = [*named, Cost(f"Other ({len(smallest)})", rest, None, theme.REST)]
    parts = shares([cost.amount for cost in shown])
    return [cost._replace(share=share) for cost, share in zip(shown, parts, strict=True)]
