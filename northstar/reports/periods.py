"""Periods of days, and the periods they are compared with.

A URL's query gives a period as `range=30d` or `from=2026-02-01&to=2026-02-25`, and the
comparison as `compare=previous`.
"""

from calendar import monthrange
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from northstar.domain.trading import EVERY_DAY, TradingDays

MAX_DAYS = 10_000  # 27 years
ONE_DAY = timedelta(days=1)

Choice = TypeVar("Choice", bound=StrEnum)


class Range(StrEnum):
    """A named period; all end today, and month, quarter and year begin on their first day."""

    TODAY = "today"
    WEEK = "7d"
    DAYS_30 = "30d"
    DAYS_90 = "90d"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Comparison(StrEnum):
    """The period to compare with: none, the previous one, or the same a year earlier."""

    NONE = "none"
    PREVIOUS = "previous"
    YEAR_BEFORE = "year"


_DAYS = {Range.TODAY: 1, Range.WEEK: 7, Range.DAYS_30: 30, Range.DAYS_90: 90}
_MONTHS = {Range.MONTH: 1, Range.QUARTER: 3, Range.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, inclusive; `name` is None if the days were given."""

    first: date
    last: date
    name: Range | None = None

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


class PeriodError(ValueError):
    """An invalid period in a query; `field` is the key: "range", "from", "to" or "compare"."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


def read_period(
    today: date, range_: str | None = None, first: str | None = None, last: str | None = None
) -> Period:
    """Read the query's `range`, or `from` and `to`; without any of them, the last 30 days.

    Without `to` the period ends today. It may end after today, but not begin after today.

    Raises `PeriodError`, naming the field and the expected value.
    """
    if first is None and last is None:
        name = Range.DAYS_30 if range_ is None else _read_choice("range", range_, Range)
        return Period(_start(name, today), today, name)
    if range_ is not None:
        raise PeriodError("range", "expected either a range or from and to, not both")
    if first is None:
        raise PeriodError("from", "expected a date, YYYY-MM-DD, as there is one in to")
    return _read_dates(today, first, last)


def read_comparison(text: str | None) -> Comparison:
    """Read the query's `compare`; the default is the previous period. Raises `PeriodError`."""
    return Comparison.PREVIOUS if text is None else _read_choice("compare", text, Comparison)


def finished(period: Period, today: date) -> Period:
    """Return the part of a period that is compared: as far as yesterday, or only today."""
    yesterday = today - ONE_DAY if today > date.min else today
    last = min(period.last, yesterday) if period.first < today else period.first
    return replace(period, last=last)


def compared(
    period: Period, comparison: Comparison, today: date, trading: TradingDays = EVERY_DAY
) -> Period | None:
    """Return the days to compare the `finished` part with; None for none or before `date.min`.

    A number of days is compared with as many days before it, of the same weekdays as far as
    possible; a single day with the trading day before. A month, quarter or year to date is compared
    with the same part of the previous one, up to the same day of the month or its last.
    """
    over = finished(period, today)
    with suppress(ValueError, OverflowError):
        match comparison, period.name:
            case Comparison.YEAR_BEFORE, _:
                return _months_before(over, 12)
            case Comparison.PREVIOUS, (Range.MONTH | Range.QUARTER | Range.YEAR) as name:
                return _months_before(over, _MONTHS[name])
            case Comparison.PREVIOUS, _ if period.first == min(period.last, today):
                before = trading.before(period.first)
                return Period(before, before)
            case Comparison.PREVIOUS, _:
                length = min(period.last, today) - period.first + ONE_DAY
                return Period(over.first - length, over.last - length)
    return None


def query(period: Period, comparison: Comparison) -> str:
    """Return the query of a period and comparison, without the question mark."""
    named = {"range": period.name}
    given = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return urlencode({**(named if period.name else given), "compare": comparison})


def _start(name: Range, today: date) -> date:
    if name in _DAYS:
        return today - timedelta(days=_DAYS[name] - 1)
    months_in = (today.month - 1) % _MONTHS[name]
    return today.replace(month=today.month - months_in, day=1)


def _read_dates(today: date, from_: str, to: str | None) -> Period:
    first = read_date("from", from_)
    last = today if to is None else read_date("to", to)
    if first > today:
        raise PeriodError("from", f"expected a date no later than today, {today}")
    if first > last:
        raise PeriodError("from", f"expected a date no later than to, {last}")
    period = Period(first, last)
    if period.days > MAX_DAYS:
        raise PeriodError("from", f"expected at most {MAX_DAYS} days, got {period.days}")
    return period


def read_date(field: str, text: str) -> date:
    """Read a day of a query, YYYY-MM-DD. Raises `PeriodError`, naming `field`."""
    with suppress(ValueError):
        day = date.fromisoformat(text)
        if day.isoformat() == text:  # `fromisoformat` also accepts other ISO 8601 forms
            return day
    raise PeriodError(field, "expected a date, YYYY-MM-DD")


def _read_choice(field: str, text: str, choices: type[Choice]) -> Choice:
    with suppress(ValueError):
        return choices(text)
    raise PeriodError(field, f"expected {_either(choices)}")


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}"


def _months_before(period: Period, months: int) -> Period:
    return Period(_earlier(period.first, months), _earlier(period.last, months))


def _earlier(day: date, months: int) -> date:
    """Return the same day of an earlier month, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
