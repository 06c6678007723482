"""Cost categories as shown: the small ones of many are grouped into one."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from northstar.domain.arithmetic import total
from northstar.domain.shares import shares
from northstar.domain.snapshot import Snapshot
from northstar.view.shared import theme
from northstar.view.shared.money import legible

NAMED = 6  # categories with their own slice, bar and row; the rest are grouped


class Cost(NamedTuple):
    """One category or a group: its amount, negative for a refund, and its share by `shares`.

    `colour` names a colour of the theme, `source_name` is the name as the source has it, empty
    for a group.
    """

    name: str
    amount: Decimal
    share: Decimal | None
    colour: str
    source_name: str = ""


def costs(snapshot: Snapshot) -> Sequence[Cost]:
    """Return every category, largest first."""
    ordered = sorted(snapshot.costs, key=lambda cost: abs(cost.value), reverse=True)
    parts = shares([cost.value for cost in ordered])
    return [
        Cost(legible(cost.name), cost.value, share, theme.cost(position), cost.name)
        for position, (cost, share) in enumerate(zip(ordered, parts, strict=True))
    ]


def grouped_costs(snapshot: Snapshot) -> Sequence[Cost]:
    """Return the largest categories, and the rest as “n smaller costs”."""
    everything = costs(snapshot)
    if len(everything) <= NAMED + 1:  # a group of one is pointless
        return everything
    named, smaller = everything[:NAMED], everything[NAMED:]
    rest = total(cost.amount for cost in smaller)
    # Not “Other”, which is a category of many sources.
    shown = [*named, Cost(f"{len(smaller)} smaller costs", rest, None, theme.REST)]
    parts = shares([cost.amount for cost in shown])
    return [cost._replace(share=share) for cost, share in zip(shown, parts, strict=True)]
