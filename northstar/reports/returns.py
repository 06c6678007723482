"""Figures of a period: sums, drawdowns, best and worst days, shares.

Pure: no clock, no I/O. Amounts are exact and in the source's currency. Days are sorted by date
and unique; a missing date is unknown, not zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from northstar.domain.day import Amounts, DayRecord
from northstar.domain.ledger import Change, change, percentage, total
from northstar.reports.day_table import DaySeries, dates

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Fall:
    """A drawdown: consecutive days on which cumulative net is below its previous peak.

    `since` is the last day at the peak, or None for the zero before the first day. `lowest` is
    the first day at the bottom, `depth` (negative) the distance from the peak. `recovered` is the
    first day back at or above the peak, or None. `days` counts calendar days from the peak to
    recovery or the last known day; from the zero before the first day, it includes that day.
    """

    since: date | None
    lowest: date
    depth: Decimal
    recovered: date | None
    days: int


class DayNet(NamedTuple):
    """A day and its net."""

    day: date
    net: Decimal


@dataclass(frozen=True, slots=True)
class Share:
    """A category's costs and their percentage of the total; None unless the total is positive."""

    name: str
    amount: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class AgentShare:
    """An agent's amounts, and its net as a percentage of all agents' net.

    The percentage is None unless all agents' net is positive.
    """

    name: str
    amounts: Amounts
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Changes:
    """The change of each amount from one period to another."""

    revenue: Change
    expenses: Change
    net: Change


def totals(days: Iterable[DayRecord]) -> Amounts:
    """Return the sums over the known days; zero for no days."""
    return _sum(day.amounts for day in days)


def falls(below: DaySeries) -> Sequence[Fall]:
    """Return every drawdown in order, from `below` of a day table; only the last may be open."""
    days, depths = dates(below), below.tolist()
    stretches = groupby(range(len(days)), key=lambda position: depths[position] < 0)
    return tuple(
        _fall(days, depths, tuple(positions)) for is_below, positions in stretches if is_below
    )


def _fall(days: Sequence[date], depths: Sequence[Decimal], positions: Sequence[int]) -> Fall:
    before, after = positions[0] - 1, positions[-1] + 1
    since = days[before] if before >= 0 else None
    recovered = days[after] if after < len(days) else None
    lowest = min(positions, key=depths.__getitem__)
    start = since.toordinal() if since else days[0].toordinal() - 1
    end = (recovered or days[-1]).toordinal()
    return Fall(since, days[lowest], depths[lowest], recovered, end - start)


def deepest(falls: Iterable[Fall]) -> Fall | None:
    """Return the deepest drawdown, the earliest of equals; None if there is none."""
    return min(falls, key=lambda fall: fall.depth, default=None)


def longest(falls: Iterable[Fall]) -> Fall | None:
    """Return the longest drawdown, the earliest of equals; None if there is none."""
    return max(falls, key=lambda fall: fall.days, default=None)


def best(net: DaySeries) -> DayNet | None:
    """Return the day with the highest net, the earliest of equals; None if there is none."""
    return _on(net.idxmax(), net) if len(net) else None


def worst(net: DaySeries) -> DayNet | None:
    """Return the day with the lowest net, the earliest of equals; None if there is none."""
    return _on(net.idxmin(), net) if len(net) else None


def _on(day: Any, net: DaySeries) -> DayNet:
    return DayNet(day.date(), net[day])


def known_costs(days: Iterable[DayRecord]) -> Sequence[Mapping[str, Decimal]]:
    """Return the costs by category of each day that has them."""
    return tuple(day.costs for day in days if day.costs is not None)


def known_agents(days: Iterable[DayRecord]) -> Sequence[Mapping[str, Amounts]]:
    """Return the agents' amounts of each day that has them."""
    return tuple(day.agents for day in days if day.agents is not None)


def by_category(days: Iterable[DayRecord]) -> Sequence[Share]:
    """Return each category's sum over the days of `known_costs`, largest first."""
    sums = {name: total(amounts) for name, amounts in _by_name(known_costs(days)).items()}
    whole = total(sums.values())
    shares = (Share(name, amount, percentage(amount, whole)) for name, amount in sums.items())
    return sorted(shares, key=lambda share: share.amount, reverse=True)


def by_agent(days: Iterable[DayRecord]) -> Sequence[AgentShare]:
    """Return each agent's sums over the days of `known_agents`, highest net first."""
    sums = {name: _sum(amounts) for name, amounts in _by_name(known_agents(days)).items()}
    whole = total(amounts.net for amounts in sums.values())
    shares = (AgentShare(name, each, percentage(each.net, whole)) for name, each in sums.items())
    return sorted(shares, key=lambda share: share.amounts.net, reverse=True)


def compare(now: Amounts, before: Amounts | None) -> Changes:
    """Apply `change` to each amount; every change is unknown if `before` is None."""
    if before is None:
        unknown = Change(None, None)
        return Changes(unknown, unknown, unknown)
    return Changes(
        change(now.revenue, before.revenue),
        change(now.expenses, before.expenses),
        change(now.net, before.net),
    )


def missing(days: Iterable[DayRecord], first: date, last: date) -> int:
    """Return how many dates from `first` to `last`, inclusive, have no record."""
    known = sum(first <= day.day <= last for day in days)
    return (last - first).days + 1 - known


def _sum(every: Iterable[Amounts]) -> Amounts:
    amounts = tuple(every)
    revenue = total(each.revenue for each in amounts)
    return Amounts(revenue, total(each.expenses for each in amounts))


def _by_name(breakdowns: Iterable[Mapping[str, Part]]) -> Mapping[str, Sequence[Part]]:
    """Group the days' entries by name, in order of first appearance."""
    gathered: dict[str, list[Part]] = {}
    for breakdown in breakdowns:
        for name, part in breakdown.items():
            gathered.setdefault(name, []).append(part)
    return gathered
