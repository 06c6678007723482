"""Drawdowns of cumulative net.

Pure: no clock, no I/O. Amounts are exact and in the source's currency.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING

from northstar.domain.ledger import percentage
from northstar.reports.day_table import dates

if TYPE_CHECKING:
    from pandas import DataFrame


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


def drawdowns(table: "DataFrame", first: date) -> Sequence[Drawdown]:
    """Return the drawdowns of a day table that have a day on or after `first`, in order.

    One that was open before has its peak there, and its lowest day on or after `first`. Only the
    last may be open.
    """
    days, depths = dates(table), table["below"].tolist()
    totals = table["cumulative"].tolist()
    start = bisect_left(days, first)
    runs = groupby(range(len(days)), key=lambda position: depths[position] < 0)
    stretches = [tuple(positions) for is_below, positions in runs if is_below]
    return tuple(
        _drawdown(days, depths, totals, positions, start)
        for positions in stretches
        if positions[-1] >= start
    )


def _drawdown(
    days: Sequence[date],
    depths: Sequence[Decimal],
    totals: Sequence[Decimal],
    positions: Sequence[int],
    start: int,
) -> Drawdown:
    """Return the drawdown at these positions; `start` is the first one of the period."""
    before, after = positions[0] - 1, positions[-1] + 1
    since, peak = (days[before], totals[before]) if before >= 0 else (None, Decimal(0))
    recovered = days[after] if after < len(days) else None
    lowest = min((at for at in positions if at >= start), key=depths.__getitem__)
    begin = since.toordinal() if since else days[0].toordinal() - 1
    end = (recovered or days[-1]).toordinal()
    return Drawdown(
        since,
        days[lowest],
        depths[lowest],
        percentage(depths[lowest], peak) if peak >= -depths[lowest] else None,
        recovered,
        end - begin,
        depths[start - 1] if positions[0] < start else None,
    )


def deepest(drawdowns: Iterable[Drawdown]) -> Drawdown | None:
    """Return the deepest drawdown, the earliest of equals; None if there is none."""
    return min(drawdowns, key=lambda each: each.depth, default=None)


def longest(drawdowns: Iterable[Drawdown]) -> Drawdown | None:
    """Return the longest drawdown, the earliest of equals; None if there is none."""
    return max(drawdowns, key=lambda each: each.days, default=None)
