"""Merge the days that a source states into the trend of the state.

Pure: no clock, no I/O. A trend is sorted by date and unique; its amounts are exact.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain

from northstar.domain.messages import EXACT, PnLUpdate, TrendDay

TREND_DAYS = 30


def merge_trend(
    old: Sequence[TrendDay], update: PnLUpdate, today: date, tolerance: Decimal | None = None
) -> list[TrendDay] | None:
    """Return the trend after `update`: the newest 30 days up to tomorrow, oldest first.

    The rows of an update replace the old ones from its first day to its last, so a row that the
    source sent by mistake goes as soon as it sends a trend without it. A row of a day before
    `today` that differs by at most `tolerance` does not replace the old one; with None none does.
    """
    tomorrow = update.timestamp.toordinal() + 1
    new = [row for row in update.trends_data or () if row.date.toordinal() <= tomorrow]
    if new:
        known = {row.date: row for row in old if row.date < today}
        new = [_newer(known.get(row.date), row, tolerance) for row in new]
        first, last = min(row.date for row in new), max(row.date for row in new)
        old = [row for row in old if not first <= row.date <= last]
    return newest_days((row for row in old if row.date.toordinal() <= tomorrow), new) or None


def close_day(trend: Sequence[TrendDay], day: date, last: PnLUpdate) -> Sequence[TrendDay]:
    """Return the trend with the last totals of a day that has ended, if it has the day."""
    closed = TrendDay(date=day, revenue=last.revenue, expenses=last.expenses)
    return [closed if row.date == day else row for row in trend]


def newest_days(*trends: Iterable[TrendDay]) -> list[TrendDay]:
    """Return the newest 30 days of several trends, oldest first; later trends win."""
    by_date = {row.date: row for row in chain(*trends)}
    return [by_date[day] for day in sorted(by_date)[-TREND_DAYS:]]


def _newer(old: TrendDay | None, new: TrendDay, tolerance: Decimal | None) -> TrendDay:
    if old is None:
        return new
    return old if tolerance is None or _are_same(old, new, tolerance) else new


def _are_same(one: TrendDay, other: TrendDay, tolerance: Decimal) -> bool:
    return (
        abs(EXACT.subtract(one.revenue, other.revenue)) <= tolerance
        and abs(EXACT.subtract(one.expenses, other.expenses)) <= tolerance
    )
