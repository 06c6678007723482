"""Limits of rules about net, as amounts of net."""

from decimal import Decimal

from northstar.alerts.limits import net_limits
from northstar.domain.limits import Limit
from support.readings import rule, snapshot


def test_limits_of_net() -> None:
    """Rules about the day's net have limits of net; a loss is a negative net."""
    rules = [
        rule("net_below", limit=-50),
        rule("net_above", limit=20),
        rule("loss_of_day", limit=80),
        rule("expenses_above", limit=10),
        rule("stale"),
    ]
    assert [*net_limits(rules, snapshot(0))] == [
        Limit("rule", Decimal(-50), is_floor=True),
        Limit("rule", Decimal(20), is_floor=False),
        Limit("rule", Decimal(-80), is_floor=True),
    ]


def test_percentage() -> None:
    """A percentage is relative to the previous net, and unknown without it."""
    rules = [rule("loss_of_day", limit="15%")]
    assert net_limits(rules, snapshot(0)) == []
    (limit,) = net_limits(rules, snapshot(0, previous_net_stated=Decimal(200)))
    assert limit.net == -30
