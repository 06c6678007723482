"""The days of a period by week, from Monday to Sunday.

Pure: no clock, no I/O.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from northstar.domain.day import Amounts, DayRecord
from northstar.reports.report import Report
from northstar.reports.returns import totals

SUNDAY = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Week:
    """A week that begins on `monday`, with the sums of its counted days.

    `whole` is the number of whole trading days among them, `trading` that of all trading days of
    the week, in the period or not.
    """

    monday: date
    amounts: Amounts
    whole: int
    trading: int

    @property
    def is_whole(self) -> bool:
        """Whether all of its trading days are known as whole ones."""
        return self.whole >= self.trading


def weeks(report: Report) -> Sequence[Week]:
    """Return the weeks with a counted day in the period, oldest first."""
    return [
        _week(monday, list(days), report) for monday, days in groupby(report.counted, key=_monday)
    ]


def _week(monday: date, days: Sequence[DayRecord], report: Report) -> Week:
    sunday = min(monday, date.max - SUNDAY) + SUNDAY
    whole = sum(report.is_whole(day) for day in days)
    return Week(monday, totals(days), whole, report.calendar.trading.count(monday, sunday))


def _monday(day: DayRecord) -> date:
    ordinal = day.day.toordinal() - day.day.weekday()
    return date.fromordinal(max(ordinal, date.min.toordinal()))
