"""Weeks of a period, compared with weeks by hand."""

from datetime import UTC, date, timedelta

from northstar.domain.calendar import Calendar
from northstar.domain.day import DayRecord
from northstar.domain.trading import TradingDays
from northstar.reports.periods import Period
from northstar.reports.weeks import Week, weeks
from support.february import amounts
from support.reports import record, report


def test_weeks_by_hand() -> None:
    """A week has the sums of its known days and its number of complete trading days."""
    # 16 February 2026 is a Monday; the 25th is the current day, the 20th is unknown.
    days = [record(day, "10", "4") for day in (15, 16, 17, 18, 19, 21, 22, 23, 24, 25)]
    shown = report(period=Period(date(2026, 2, 15), date(2026, 2, 25)), days=days)

    assert weeks(shown) == [
        Week(date(2026, 2, 9), amounts("10", "4"), 1, 7),
        Week(date(2026, 2, 16), amounts("60", "24"), 6, 7),
        Week(date(2026, 2, 23), amounts("30", "12"), 2, 7),
    ]


def test_whole_week() -> None:
    """A week is complete if its trading days are; days without trading do not count."""
    calendar = Calendar(UTC, trading=TradingDays(weekdays=frozenset(range(5))))
    days = [record(day, "10", "4") for day in range(16, 21)]
    [week] = weeks(report(days=days, calendar=calendar))

    assert (week.whole, week.trading, week.is_whole) == (5, 5, True)


def test_unknown_week() -> None:
    """A week without known days is left out; an empty period has none."""
    days = [record(9, "1", "0"), record(24, "1", "0")]

    assert [week.monday.day for week in weeks(report(days=days))] == [9, 23]
    assert weeks(report(days=[])) == []


def test_ends_of_the_calendar() -> None:
    """The calendar's first and last week have the days that exist."""
    days = [DayRecord(day, amounts("1", "0")) for day in (date.min, date.max - timedelta(days=1))]

    assert [week.monday for week in weeks(report(days=days))] == [date.min, date(9999, 12, 27)]
