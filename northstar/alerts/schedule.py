"""Compute when a daily report is due, and for which day.

Pure: the time is a parameter. A report is due only if its day is later than that of the last report
that was queued, so a clock that is set back, or shows an hour twice, does not send a report again.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from northstar.alerts.receivers import DailyReport
from northstar.domain.calendar import Calendar, reached

AFTER_CLOSE = timedelta(minutes=5)  # for the last message of the day, and its confirmation
ONE_DAY = timedelta(days=1)
HALF_A_DAY = timedelta(hours=12)
MOST_DAYS_LATE = 8  # one of them is on any weekday


def due_at(day: date, report: DailyReport, calendar: Calendar) -> datetime:
    """Return when the report of `day` is due, in UTC.

    At a local time, that is the first time after the middle of the day: in its second half it is
    about the day so far, and in the first half of the next one about the whole day.
    """
    if report.at is None:
        return calendar.end(day) + AFTER_CLOSE
    next_date = report.at < _middle(calendar.close)
    return reached(datetime.combine(day + next_date * ONE_DAY, report.at, calendar.zone))


def due_day(
    now: datetime, last: date | None, report: DailyReport, calendar: Calendar
) -> date | None:
    """Return the day whose report has to be sent now; None if there is none.

    It is the newest one that is due, if it is later than `last`, the day of the last report. An
    older one that was missed is not sent any more.
    """
    newest = next(_due_days(now, report, calendar), None)
    return newest if newest and (last is None or newest > last) else None


def _due_days(now: datetime, report: DailyReport, calendar: Calendar) -> Iterator[date]:
    """Yield the days whose report is due by now, newest first."""
    today = calendar.day_of(now)
    for back in range(MOST_DAYS_LATE):
        day = today - back * ONE_DAY
        if day.weekday() in report.days and due_at(day, report, calendar) <= now:
            yield day


def _middle(close: time) -> time:
    """Return the time of day that is half a day from the close."""
    return (datetime.combine(date.min, close) + HALF_A_DAY).time()
