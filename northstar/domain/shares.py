"""Parts of a whole in percent, where that is meaningful."""

from collections.abc import Sequence
from decimal import Decimal

from northstar.domain.arithmetic import percentage, total


def shares(costs: Sequence[Decimal]) -> Sequence[Decimal | None]:
    """Return each cost as a percentage of all.

    All are None where a cost is larger than the sum, because refunds offset it: 150 % is no share.
    """
    whole = total(costs)
    if any(abs(cost) > whole for cost in costs):
        return [None] * len(costs)
    return [percentage(cost, whole) for cost in costs]


def contributions(nets: Sequence[Decimal]) -> Sequence[Decimal | None]:
    """Return each net as a percentage of their sum, from -100 to 200.

    All are None where the losses among them exceed the sum: the closer that is to zero, the less a
    percentage of it means.
    """
    whole = total(nets)
    if total(net for net in nets if net < 0) < -whole:
        return [None] * len(nets)
    return [percentage(net, whole) for net in nets]
