"""Drawdowns of cumulative net.

Pure: no clock, no I/O. Amounts are exact and in the source's currency.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from northstar.domain.arithmetic import percentage
from northstar.domain.messages import EXACT
from northstar.history.days import DayNet
from northstar.reports.day_table import dates

if TYPE_CHECKING:
    from pandas import DataFrame

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Drawdown:
    """Consecutive days on which cumulative net is below its previous peak.

    `since` is the last day at the peak, or None for the zero before the first known day. `lowest`
    is the first day at the bottom, `depth` (negative) the distance from the peak, `percent` the
    same of the peak (negative); None if the peak is not positive or less than the depth.
    `recovered` is the first day back at or above the peak, or None. `days` counts calendar days
    from the peak to recovery or the last day; from the zero before the first day, it includes that
    day. `depth_before` is the depth on the day before the period, None if it began within it.
    """

    since: date | None
    lowest: date
    depth: Decimal
    percent: Decimal | None
    recovered: date | None
    days: int
    depth_before: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """Cumulative net before a period: its `total`, and its `peak`, from zero up.

    `since` is the last day at the peak, None for the zero before `first`, the first known day;
    `days` is the number of known days.
    """

    total: Decimal = ZERO
    peak: Decimal = ZERO
    since: date | None = None
    first: date | None = None
    days: int = 0

    @property
    def depth(self) -> Decimal:
        """The distance of the total from the peak, at most zero."""
        return EXACT.subtract(self.total, self.peak)


def opening(earlier: Iterable[DayNet]) -> Opening:
    """Return what came before a period, from all known days before it, oldest first."""
    total, peak, since, days = ZERO, ZERO, None, 0
    first = None
    for day, net in earlier:
        total, days, first = EXACT.add(total, net), days + 1, first or day
        if total >= peak:
            peak, since = total, day
    return Opening(total, peak, since, first, days)


def drawdowns(table: "DataFrame", before: Opening = Opening()) -> Sequence[Drawdown]:
    """Return the drawdowns of a period's day table, in order; only the last may be open.

    One that was open before the period has its peak there, and its lowest day in the period.
    """
    days, depths = dates(table), table["below"].tolist()
    totals = table["cumulative"].tolist()
    runs = groupby(range(len(days)), key=lambda position: depths[position] < 0)
    found = []
    for is_below, run in runs:
        if not is_below:
            continue
        positions = tuple(run)
        at = positions[0] - 1
        since, peak = (before.since, before.peak)
        if at >= 0:
            since, peak = days[at], EXACT.add(before.total, totals[at])
        was_open = at < 0 and before.depth < 0
        found.append(
            _drawdown(days, depths, positions, since, peak, before.depth if was_open else None)
        )
    return tuple(found)


def _drawdown(  # noqa: PLR0913, PLR0917 (its parts)
    days: Sequence[date],
    depths: Sequence[Decimal],
    positions: Sequence[int],
    since: date | None,
    peak: Decimal,
    depth_before: Decimal | None,
) -> Drawdown:
    after = positions[-1] + 1
    recovered = days[after] if after < len(days) else None
    lowest = min(positions, key=depths.__getitem__)
    begin = since.toordinal() if since else days[0].toordinal() - 1
    depth = depths[lowest]
    return Drawdown(
        since,
        days[lowest],
        depth,
        percentage(depth, peak) if peak >= -depth else None,
        recovered,
        (recovered or days[-1]).toordinal() - begin,
        depth_before,
    )


def deepest(drawdowns: Iterable[Drawdown]) -> Drawdown | None:
    """Return the deepest drawdown, the earliest of equals; None if there is none."""
    return min(drawdowns, key=lambda each: each.depth, default=None)


def longest(drawdowns: Iterable[Drawdown]) -> Drawdown | None:
    """Return the longest drawdown, the earliest of equals; None if there is none."""
    return max(drawdowns, key=lambda each: each.days, default=None)
