"""Figures of a period: sums, cumulative result, drawdowns, best and worst days.

Pure: no clock, no I/O. Amounts are in the source's currency, exact to the last digit. Days are
sorted by date, each at most once; a date that is missing is unknown, never zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate, groupby
from typing import TypeVar

from northstar.domain.day import Amounts, DayRecord
from northstar.domain.ledger import Change, change, percentage, total
from northstar.domain.messages import EXACT

ZERO = Decimal(0)

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Fall:
    """A stretch of days below the highest running result before them.

    `since`: the last day at the peak; None: the zero before the first day. `lowest`: the first
    day at the bottom, `depth` below the peak, which is negative. `recovered`: the first day back
    at the peak or above it; None: not yet. `days`: calendar days from the peak to then, or to the
    last day known; from the zero before the first day, that day included.
    """

    since: date | None
    lowest: date
    depth: Decimal
    recovered: date | None
    days: int

    @property
    def is_open(self) -> bool:
        return self.recovered is None


@dataclass(frozen=True, slots=True)
class Share:
    """One category's costs, and their percentage of all; None where all are not above zero."""

    name: str
    amount: Decimal
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class AgentShare:
    """One agent's amounts, and its net as a percentage of all agents'.

    The percentage is None where the nets are not above zero together.
    """

    name: str
    amounts: Amounts
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of each amount from one period to another."""

    revenue: Change
    expenses: Change
    net: Change


def totals(days: Iterable[DayRecord]) -> Amounts:
    """Return the sums over the days that are known; zero of nothing."""
    return _sum(day.amounts for day in days)


def cumulative(days: Sequence[DayRecord]) -> Sequence[Decimal]:
    """Return the running sum of net, one per day."""
    return tuple(accumulate((day.net for day in days), EXACT.add))


def underwater(days: Sequence[DayRecord]) -> Sequence[Decimal]:
    """Return how far the running net is below its peak so far, one per day, zero or negative.

    The peak is zero before the first day.
    """
    running = cumulative(days)
    peaks = accumulate(running, max, initial=ZERO)
    return tuple(
        min(EXACT.subtract(net, peak_before), ZERO)
        for net, peak_before in zip(running, peaks, strict=False)  # one peak more than days
    )


def falls(days: Sequence[DayRecord]) -> Sequence[Fall]:
    """Return every fall of the running net, in order; only the last one may be open."""
    depths = underwater(days)
    stretches = groupby(range(len(days)), key=lambda position: depths[position] < 0)
    return tuple(
        _fall(days, depths, tuple(positions)) for is_below, positions in stretches if is_below
    )


def _fall(days: Sequence[DayRecord], depths: Sequence[Decimal], positions: Sequence[int]) -> Fall:
    before, after = positions[0] - 1, positions[-1] + 1
    since = days[before].day if before >= 0 else None
    recovered = days[after].day if after < len(days) else None
    lowest = min(positions, key=depths.__getitem__)
    start = since.toordinal() if since else days[0].day.toordinal() - 1
    end = (recovered or days[-1].day).toordinal()
    return Fall(since, days[lowest].day, depths[lowest], recovered, end - start)


def deepest(falls: Iterable[Fall]) -> Fall | None:
    """Return the fall furthest below its peak, of equals the earliest; None of nothing."""
    return min(falls, key=lambda fall: fall.depth, default=None)


def longest(falls: Iterable[Fall]) -> Fall | None:
    """Return the fall of the most days, of equals the earliest; None of nothing."""
    return max(falls, key=lambda fall: fall.days, default=None)


def best(days: Iterable[DayRecord]) -> DayRecord | None:
    """Return the day of the highest net, of equals the earliest; None of nothing."""
    return max(days, key=lambda day: day.net, default=None)


def worst(days: Iterable[DayRecord]) -> DayRecord | None:
    """Return the day of the lowest net, of equals the earliest; None of nothing."""
    return min(days, key=lambda day: day.net, default=None)


def known_costs(days: Iterable[DayRecord]) -> Sequence[Mapping[str, Decimal]]:
    """Return the costs by category of each day on which they are known."""
    return tuple(day.costs for day in days if day.costs is not None)


def known_agents(days: Iterable[DayRecord]) -> Sequence[Mapping[str, Amounts]]:
    """Return the agents' amounts of each day on which they are known."""
    return tuple(day.agents for day in days if day.agents is not None)


def by_category(days: Iterable[DayRecord]) -> Sequence[Share]:
    """Return each category's sum over the days of `known_costs`, the largest first."""
    sums = {name: total(amounts) for name, amounts in _by_name(known_costs(days)).items()}
    whole = total(sums.values())
    shares = (Share(name, amount, percentage(amount, whole)) for name, amount in sums.items())
    return sorted(shares, key=lambda share: share.amount, reverse=True)


def by_agent(days: Iterable[DayRecord]) -> Sequence[AgentShare]:
    """Return each agent's sums over the days of `known_agents`, the best net first."""
    sums = {name: _sum(amounts) for name, amounts in _by_name(known_agents(days)).items()}
    whole = total(amounts.net for amounts in sums.values())
    shares = (AgentShare(name, each, percentage(each.net, whole)) for name, each in sums.items())
    return sorted(shares, key=lambda share: share.amounts.net, reverse=True)


def compare(now: Amounts, before: Amounts | None) -> Changes:
    """Compare with the former amounts, each as `change` does; all is unknown where they are."""
    if before is None:
        unknown = Change(None, None)
        return Changes(unknown, unknown, unknown)
    return Changes(
        change(now.revenue, before.revenue),
        change(now.expenses, before.expenses),
        change(now.net, before.net),
    )


def missing(days: Iterable[DayRecord], first: date, last: date) -> int:
    """Return how many dates from `first` to `last`, both included, have no record."""
    known = sum(first <= day.day <= last for day in days)
    return (last - first).days + 1 - known


def _sum(every: Iterable[Amounts]) -> Amounts:
    amounts = tuple(every)
    revenue = total(each.revenue for each in amounts)
    return Amounts(revenue, total(each.expenses for each in amounts))


def _by_name(breakdowns: Iterable[Mapping[str, Part]]) -> Mapping[str, Sequence[Part]]:
    """Gather what each name has on any of the days, in the order in which names turn up."""
    gathered: dict[str, list[Part]] = {}
    for breakdown in breakdowns:
        for name, part in breakdown.items():
            gathered.setdefault(name, []).append(part)
    return gathered
