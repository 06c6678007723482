"""Merge the days that a source states into the trend of the state.

Pure: no clock, no I/O. A trend is sorted by date and unique; its amounts are exact.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import TypeAlias

from northstar.domain.calendar import Calendar
from northstar.domain.messages import EXACT, PnLUpdate, TrendDay

TREND_DAYS = 30
MIDNIGHT = time(0)
EXACTLY = Decimal(0)
# A day whose last state is no older than this at the close is complete, however the connection was.
NEARLY_CLOSED = timedelta(minutes=15)


WasConnected: TypeAlias = Callable[[datetime], bool]


def unconnected(_: datetime) -> bool:
    """Return that the source was not connected at a close."""
    return False


class RecordedDay(TrendDay):
    """A day that has ended, and whose totals were received.

    `is_stated` is whether the source's trend has the day, too. `is_complete` is whether the totals
    are those of the whole day: the source was connected at the close, or its trend stated the day
    later.
    """

    is_stated: bool = True
    is_complete: bool = True


def next_trend(  # noqa: PLR0913, PLR0917 (what it depends on)
    current: PnLUpdate,
    update: PnLUpdate,
    ended: date | None,
    today: date,
    calendar: Calendar,
    tolerance: Decimal,
    *,
    was_connected: WasConnected,
) -> list[TrendDay] | None:
    """Return the trend of the state after `update`, which is on the day `today` of `calendar`.

    `ended` is the day of the state before, if that has ended; `was_connected` is whether the source
    was connected at a close.
    """
    old: Sequence[TrendDay] = current.trends_data or ()
    if ended:
        connected = was_connected(calendar.end(ended))
        old = close_day(old, ended, current, calendar, tolerance, was_connected=connected)
    # A figure that the source stated of a day that was running for it is not that of the whole day.
    on, now = current.timestamp.date(), update.timestamp.date()
    old = [row for row in old if isinstance(row, RecordedDay) or not on <= row.date < now]
    # A day runs again where a clock that was ahead has been corrected.
    old = [row for row in old if row.date < today or not isinstance(row, RecordedDay)]
    # With another close the source's rows, which are of calendar days, are of other hours.
    return merge_trend(old, update, today, tolerance, are_our_days=calendar.close == MIDNIGHT)


def merge_trend(
    old: Sequence[TrendDay],
    update: PnLUpdate,
    today: date,
    tolerance: Decimal = EXACTLY,
    *,
    are_our_days: bool = True,
) -> list[TrendDay] | None:
    """Return the trend after `update`: the newest 30 days up to tomorrow, oldest first.

    The rows of an update replace the old ones from its first day to its last, so a row that the
    source sent by mistake goes as soon as it sends a trend without it; a recorded day stays. A row
    of a day before `today` that differs by at most `tolerance` does not replace the old one, nor
    does any row of a recorded day, unless the source's days are ours.
    """
    tomorrow = update.timestamp.toordinal() + 1
    new = [row for row in update.trends_data or () if row.date.toordinal() <= tomorrow]
    if new:
        running = min(today, update.timestamp.date())
        known = {row.date: row for row in old if row.date < running or isinstance(row, RecordedDay)}
        new = [
            _newer(known.get(row.date), row, tolerance, are_our_days=are_our_days) for row in new
        ]
        first, last = min(row.date for row in new), max(row.date for row in new)
        old = [row for row in old if isinstance(row, RecordedDay) or not first <= row.date <= last]
    return newest_days((row for row in old if row.date.toordinal() <= tomorrow), new) or None


def close_day(  # noqa: PLR0913 (what it depends on)
    trend: Sequence[TrendDay],
    day: date,
    last: PnLUpdate,
    calendar: Calendar,
    tolerance: Decimal = EXACTLY,
    *,
    was_connected: bool,
) -> Sequence[TrendDay]:
    """Return the trend with the last totals of a day that has ended.

    A day that the source's trend lacks is not added if its totals are those of the day before
    again: the source is still on that day, or `day` is not a trading day.
    """
    earlier = [row for row in trend if row.date < day]
    is_stated = any(row.date == day for row in trend)
    missed = calendar.end(day) - last.timestamp.astimezone(UTC)
    closed = RecordedDay(
        date=day,
        revenue=last.revenue,
        expenses=last.expenses,
        is_stated=is_stated,
        is_complete=was_connected or missed <= NEARLY_CLOSED,
    )
    before = [row for row in earlier if row.date < last.timestamp.date()][-1:]
    is_new = is_stated or not any(_are_same(row, closed, tolerance) for row in before)
    if not is_new and (is_of_source(before[-1]) or day not in calendar.trading):
        return trend
    return [*earlier, closed, *(row for row in trend if row.date > day)]


def is_of_source(row: TrendDay) -> bool:
    """Return whether the source's trend has a row, and not only the days that were recorded."""
    return row.is_stated if isinstance(row, RecordedDay) else True


def is_incomplete(row: TrendDay) -> bool:
    """Return whether only a part of a day was received, and the source has not stated it since."""
    return isinstance(row, RecordedDay) and not row.is_complete


def newest_days(*trends: Iterable[TrendDay]) -> list[TrendDay]:
    """Return the newest 30 days of several trends, oldest first; later trends win."""
    by_date = {row.date: row for row in chain(*trends)}
    return [by_date[day] for day in sorted(by_date)[-TREND_DAYS:]]


def _newer(
    old: TrendDay | None, new: TrendDay, tolerance: Decimal, *, are_our_days: bool
) -> TrendDay:
    if old is None:
        return new
    are_same = _are_same(old, new, tolerance)
    if not isinstance(old, RecordedDay):
        return old if are_same else new
    if are_our_days and not are_same:
        return RecordedDay.model_construct(**dict(new))
    is_complete = old.is_complete or are_our_days
    return old.model_copy(update={"is_stated": True, "is_complete": is_complete})


def _are_same(one: TrendDay, other: TrendDay, tolerance: Decimal) -> bool:
    return (
        abs(EXACT.subtract(one.revenue, other.revenue)) <= tolerance
        and abs(EXACT.subtract(one.expenses, other.expenses)) <= tolerance
    )
