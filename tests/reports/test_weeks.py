"""Weeks of a period, against weeks by hand."""

from datetime import UTC, date, timedelta

from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord
from northstar.domain.trading import TradingDays
from northstar.reports.periods import Period
from northstar.reports.weeks import Week, weeks
from support.february import amounts
from support.reports import record, report


def test_weeks_by_hand() -> None:
    """A week has the sums of its known days, and how many of its trading days are whole."""
    # The 16th of February 2026 is a Monday; the 25th is running, the 20th unknown.
    days = [record(day, "10", "4") for day in (15, 16, 17, 18, 19, 21, 22, 23, 24, 25)]
    shown = report(period=Period(date(2026, 2, 15), date(2026, 2, 25)), days=days)

    assert weeks(shown) == [
        Week(date(2026, 2, 9), amounts("10", "4"), 1, 7),
        Week(date(2026, 2, 16), amounts("60", "24"), 6, 7),
        Week(date(2026, 2, 23), amounts("30", "12"), 2, 7),
    ]


def test_whole_week() -> None:
    """A week is whole if its trading days are; a day without trading lacks nothing."""
    calendar = Calendar(UTC, trading=TradingDays(weekdays=frozenset(range(5))))
    days = [record(day, "10", "4") for day in range(16, 21)]
    [week] = weeks(report(days=days, calendar=calendar))

    assert (week.whole, week.trading, week.is_whole) == (5, 5, True)


def test_unknown_week() -> None:
    """A week of which no day is known is left out; there are none in an empty period."""
    days = [record(9, "1", "0"), record(24, "1", "0")]

    assert [week.monday.day for week in weeks(report(days=days))] == [9, 23]
    assert weeks(report(days=[])) == []


def test_ends_of_the_calendar() -> None:
    """The first and the last week of all have the days there are."""
    days = [DayRecord(day, amounts("1", "0")) for day in (date.min, date.max - timedelta(days=1))]

    assert [week.monday for week in weeks(report(days=days))] == [date.min, date(9999, 12, 27)]
