"""Figures of a period: sums, best and worst days, shares.

Pure: no clock, no I/O. Amounts are exact and in the source's currency. Days are sorted by date
and unique; a missing date is unknown, not zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import NamedTuple, TypeVar

from northstar.domain.arithmetic import total
from northstar.domain.day import Amounts, DayRecord
from northstar.domain.messages import EXACT
from northstar.domain.shares import contributions, shares

Part = TypeVar("Part")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Share:
    """A category's costs and their percentage of the total, None where `shares` has none."""

    name: str
    amount: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class AgentShare:
    """An agent's amounts, and its net as a percentage of all agents' net by `contributions`."""

    name: str
    amounts: Amounts
    percent: Decimal | None


class Remainder(NamedTuple):
    """What a breakdown leaves of the totals of days; negative where its parts exceed them.

    `days` is the number of days on which it leaves more than a tolerance.
    """

    days: int
    amounts: Amounts


def totals(days: Iterable[DayRecord]) -> Amounts:
    """Return the sums over the known days; zero for no days."""
    return _sum(day.amounts for day in days)


def best(days: Sequence[DayRecord]) -> DayRecord | None:
    """Return the day with the highest net, the earliest of equals; None if there is none."""
    return max(days, key=lambda day: day.net, default=None)


def worst(days: Sequence[DayRecord]) -> DayRecord | None:
    """Return the day with the lowest net, the earliest of equals; None if there is none."""
    return min(days, key=lambda day: day.net, default=None)


def known_costs(days: Iterable[DayRecord]) -> Sequence[Mapping[str, Decimal]]:
    """Return the costs by category of each day that has them."""
    return tuple(day.costs for day in days if day.costs is not None)


def known_agents(days: Iterable[DayRecord]) -> Sequence[Mapping[str, Amounts]]:
    """Return the agents' amounts of each day that has them."""
    return tuple(day.agents for day in days if day.agents is not None)


def by_category(days: Iterable[DayRecord]) -> Sequence[Share]:
    """Return each category's sum over the days of `known_costs`, largest first."""
    sums = {name: total(amounts) for name, amounts in _by_name(known_costs(days)).items()}
    parts = zip(sums.items(), shares(list(sums.values())), strict=True)
    known = [Share(name, amount, percent) for (name, amount), percent in parts]
    return sorted(known, key=lambda share: share.amount, reverse=True)


def by_agent(days: Iterable[DayRecord]) -> Sequence[AgentShare]:
    """Return each agent's sums over the days of `known_agents`, highest net first."""
    sums = {name: _sum(amounts) for name, amounts in _by_name(known_agents(days)).items()}
    parts = zip(sums.items(), contributions([each.net for each in sums.values()]), strict=True)
    known = [AgentShare(name, each, percent) for (name, each), percent in parts]
    return sorted(known, key=lambda share: share.amounts.net, reverse=True)


def remainder_of_costs(days: Iterable[DayRecord], tolerance: Decimal) -> Remainder:
    """Return the expenses that are in no category; its revenue is zero."""
    with localcontext(EXACT):
        rests = [
            Amounts(ZERO, day.expenses - sum(day.costs.values()))
            for day in days
            if day.costs is not None
        ]
    return _remainder(rests, tolerance)


def remainder_of_agents(days: Iterable[DayRecord], tolerance: Decimal) -> Remainder:
    """Return the revenue and expenses that belong to no agent."""
    with localcontext(EXACT):
        rests = [
            Amounts(
                day.revenue - sum(agent.revenue for agent in day.agents.values()),
                day.expenses - sum(agent.expenses for agent in day.agents.values()),
            )
            for day in days
            if day.agents is not None
        ]
    return _remainder(rests, tolerance)


def _remainder(rests: Iterable[Amounts], tolerance: Decimal) -> Remainder:
    """Return the sum of the remainders of days, without those within a tolerance."""
    off = [rest for rest in rests if max(abs(rest.revenue), abs(rest.expenses)) > tolerance]
    return Remainder(len(off), _sum(off))


def _sum(every: Iterable[Amounts]) -> Amounts:
    amounts = tuple(every)
    with localcontext(EXACT):
        revenue = sum((each.revenue for each in amounts), ZERO)
        return Amounts(revenue, sum((each.expenses for each in amounts), ZERO))


def _by_name(breakdowns: Iterable[Mapping[str, Part]]) -> Mapping[str, Sequence[Part]]:
    """Group the days' entries by name, in order of first appearance."""
    gathered: dict[str, list[Part]] = {}
    for breakdown in breakdowns:
        for name, part in breakdown.items():
            gathered.setdefault(name, []).append(part)
    return gathered
