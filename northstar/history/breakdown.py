"""Costs and agents of a stored message, by name."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from northstar.domain.day import Amounts, amounts_of
from northstar.domain.messages import EXACT


class _Cost(msgspec.Struct):
    name: str
    value: Decimal


class _Agent(msgspec.Struct):
    agent: str
    revenue: Decimal
    expenses: Decimal


class _Breakdown(msgspec.Struct, rename="camel"):
    cost_breakdown: list[_Cost] | None = None
    agent_attribution: list[_Agent] | None = None


_DECODER = msgspec.json.Decoder(_Breakdown)


def read_breakdown(message: str) -> dict[str, Any]:
    """Return costs and agents by name, summed over equal names; None if unknown."""
    found = _DECODER.decode(message)
    return {
        "costs": _by_name(found.cost_breakdown, lambda cost: cost.name, lambda cost: cost.value),
        "agents": _by_name(found.agent_attribution, lambda agent: agent.agent, amounts_of),
    }


def _by_name(
    rows: Sequence[Any] | None, name: Callable[..., str], value: Callable[..., Any]
) -> Any:
    if rows is None:
        return None
    sums: dict[str, Any] = {}
    for row in rows:
        key, amount = name(row), value(row)
        sums[key] = _plus(sums[key], amount) if key in sums else amount
    return sums


def _plus(one: Any, other: Any) -> Any:
    if isinstance(one, Decimal):
        return EXACT.add(one, other)
    return Amounts(EXACT.add(one.revenue, other.revenue), EXACT.add(one.expenses, other.expenses))
