"""Averages and changes of the trend's days, exact."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from northstar.domain.currency import round_half_up
from northstar.domain.day import DayStatus
from northstar.domain.ledger import Snapshot, average, today
from northstar.domain.messages import TrendDay
from northstar.domain.trading import TradingDays
from northstar.domain.trend import is_incomplete
from northstar.view.shared.money import Notation

AVERAGE_DAYS = 7
ONE_DAY = timedelta(days=1)


def whole_days(snapshot: Snapshot) -> Sequence[TrendDay]:
    """Return the whole trading days of the trend; averages are of these."""
    running = today(snapshot)
    return [
        row
        for row in snapshot.trend
        if not (row is running or is_incomplete(row)) and row.date in snapshot.trading
    ]


def averages(snapshot: Snapshot, unit: Decimal) -> Sequence[Decimal | None]:
    """Return net's mean over the seven trading days up to each day of the trend.

    None if one of them is missing or incomplete, and for the running day. `unit` is one of the
    currency's last decimal, to which the means are rounded.
    """
    ended = {row.date: row.net for row in whole_days(snapshot)}
    if not ended:
        return [None] * len(snapshot.trend)
    first, last = min(ended).toordinal(), max(ended).toordinal()
    known = map(date.fromordinal, range(first, last + 1))
    trading = [day for day in known if day in snapshot.trading]
    running = today(snapshot)
    return [
        None
        if row is running or is_incomplete(row)
        else _average(_week(row.date, trading, ended), unit)
        for row in snapshot.trend
    ]


def latest_average(snapshot: Snapshot, unit: Decimal) -> Decimal | None:
    """Return the mean over the seven trading days that have ended last."""
    running = today(snapshot)
    means = zip(snapshot.trend, averages(snapshot, unit), strict=True)
    return next((mean for row, mean in reversed(list(means)) if row is not running), None)


def with_changes(snapshot: Snapshot, name: str, write: Notation) -> list[str]:
    """Return the amount `name` of each day of the trend, with its change against the day before.

    There is none for the running day, and none where one of both is missing or incomplete.
    """
    running = today(snapshot)
    rows = snapshot.trend
    amounts = [getattr(row, name) for row in rows]
    texts = [write.money(amount) for amount in amounts]
    for place in range(1, len(rows)):
        before, row = rows[place - 1], rows[place]
        if row is running or is_incomplete(before) or is_incomplete(row):
            continue
        if _is_next(before.date, row.date, snapshot.trading):
            moved = write.difference(amounts[place], amounts[place - 1])
            texts[place] += f" ({write.signed_money(moved)})"
    return texts


def with_status(row: TrendDay, text: str) -> str:
    """Return a text about a day, with its status if only a part of it was received."""
    return f"{text}, {DayStatus.INCOMPLETE}" if is_incomplete(row) else text


def _is_next(before: date, day: date, trading: TradingDays) -> bool:
    """Return whether there is no trading day between two days."""
    return before == day - ONE_DAY or before == trading.before(day)


def _week(
    day: date, trading: Sequence[date], ended: dict[date, Decimal]
) -> Sequence[Decimal | None]:
    end = bisect_right(trading, day)
    week = trading[max(0, end - AVERAGE_DAYS) : end]
    return [None] * (AVERAGE_DAYS - len(week)) + [ended.get(each) for each in week]


def _average(nets: Sequence[Decimal | None], unit: Decimal) -> Decimal | None:
    known = [net for net in nets if net is not None]
    mean = average(known) if len(known) == len(nets) else None
    return None if mean is None else round_half_up(mean, unit)
