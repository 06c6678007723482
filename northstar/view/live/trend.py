"""Averages and changes of the trend's days, exact."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, date, timedelta
from decimal import Decimal

from northstar.domain.arithmetic import average
from northstar.domain.currency import round_half_up
from northstar.domain.day import DayStatus
from northstar.domain.messages import TrendDay
from northstar.domain.notes import by_day, one_line
from northstar.domain.snapshot import Snapshot, today
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


def means(snapshot: Snapshot, span: int | str = "all") -> Sequence[Decimal | None]:
    """Return the average revenue, expenses and net of the whole ones of the last days, or all."""
    shown = snapshot.trend[-span:] if isinstance(span, int) else snapshot.trend
    days = [day for day in whole_days(snapshot) if day.date >= shown[0].date]
    return [average(getattr(day, name) for day in days) for name in ("revenue", "expenses", "net")]


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


def amounts(snapshot: Snapshot, name: str, write: Notation) -> Sequence[str]:
    """Return the amount `name` of each day of the trend."""
    return [write.money(getattr(row, name)) for row in snapshot.trend]


def changes(snapshot: Snapshot, name: str, write: Notation) -> Sequence[str]:
    """Return the change of the amount `name` of each day of the trend against the day before.

    It is empty for the running day, and where one of both is missing or incomplete.
    """
    running = today(snapshot)
    rows = snapshot.trend
    texts = [""] * len(rows)
    for place in range(1, len(rows)):
        before, row = rows[place - 1], rows[place]
        if row is running or is_incomplete(before) or is_incomplete(row):
            continue
        if _is_next(before.date, row.date, snapshot.trading):
            moved = write.difference(getattr(row, name), getattr(before, name))
            texts[place] = write.signed_money(moved)
    return texts


def with_changes(snapshot: Snapshot, name: str, write: Notation) -> list[str]:
    """Return the amount `name` of each day of the trend, with its change if it has one."""
    pairs = zip(amounts(snapshot, name, write), changes(snapshot, name, write), strict=True)
    return [f"{amount} ({moved})" if moved else amount for amount, moved in pairs]


def with_status(row: TrendDay, text: str) -> str:
    """Return a text about a day, with its status if only a part of it was received."""
    return f"{text}, {DayStatus.INCOMPLETE}" if is_incomplete(row) else text


def restatements(snapshot: Snapshot, write: Notation) -> Mapping[date, str]:
    """Return when days of the trend were restated, and the net that they had closed with."""
    texts = {}
    for row in snapshot.trend:
        day = snapshot.recorded.get(row.date)
        if day and day.closed and day.restated_at:
            at = day.restated_at.astimezone(snapshot.as_of.tzinfo)
            before = write.money(day.closed.net)
            texts[row.date] = f"{write.short_day(at.date())} {at:%H:%M}, was {before}"
    return texts


def notes_by_day(snapshot: Snapshot) -> Mapping[date, str]:
    """Return the notes of the days of the trend, as one text each."""
    zone, notes = snapshot.as_of.tzinfo or UTC, by_day(snapshot.notes)
    days = (row.date for row in snapshot.trend if row.date in notes)
    return {day: one_line(notes[day], zone) for day in days}


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
