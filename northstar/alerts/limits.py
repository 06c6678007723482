"""Limits of rules about the day's net, as amounts of net."""

from collections.abc import Iterable, Sequence

from northstar.alerts.measures import resolved
from northstar.alerts.rules import BaseRule, LossOfDay, NetAbove, NetBelow
from northstar.domain.limits import Limit
from northstar.domain.messages import EXACT
from northstar.domain.snapshot import Snapshot


def net_limits(rules: Iterable[BaseRule], snapshot: Snapshot) -> Sequence[Limit]:
    """Return the limits of net in a state; those in percent only if the previous net is known."""
    limits = []
    for rule in rules:
        if not isinstance(rule, NetBelow | NetAbove | LossOfDay):
            continue
        amount = resolved(rule.limit, snapshot.previous_net)
        if amount is not None:
            is_loss = isinstance(rule, LossOfDay)
            net = EXACT.minus(amount) if is_loss else amount
            limits.append(Limit(rule.name, net, is_loss or not rule.above))
    return limits
