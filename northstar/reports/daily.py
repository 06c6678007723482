"""The daily report: a day against the trading day before it and against the days before.

Everything is pure except `make_daily`, which reads the store and blocks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from northstar.domain.day import Amounts, DayRecord, DayStatus, Moment
from northstar.history.store import Store
from northstar.reports.contrast import Contrast, Side
from northstar.reports.day_table import dates
from northstar.reports.periods import Comparison, Period
from northstar.reports.report import ONE_MINUTE, Feed, Report, make_report
from northstar.reports.returns import AgentShare, Remainder, by_agent, totals
from northstar.reports.tables import unexplained

DAYS_BEFORE = 30
ONE_DAY = timedelta(days=1)


class Restated(NamedTuple):
    """A day whose figures the source changed `at` a time, and what they were before."""

    day: date
    at: datetime
    before: Amounts
    now: Amounts


class Fall(NamedTuple):
    """How far cumulative net was below its peak, at most zero, at the end of `day`.

    `since` is the last day at the peak, None for the zero before the first known day.
    """

    day: date
    depth: Decimal
    since: date | None


class Coverage(NamedTuple):
    """The minutes of a day from the first one with a state, and how many have none.

    They end with the last state, or now if the day is running. `longest` are the start and the end
    of the longest stretch without a state.
    """

    first: datetime
    last: datetime
    missing: int
    longest: tuple[datetime, datetime] | None

    @property
    def minutes(self) -> int:
        """The number of minutes from the first to the last, inclusive."""
        return int((self.last - self.first) / ONE_MINUTE) + 1


@dataclass(frozen=True, slots=True)
class DailyFigures:
    """The figures of a report on a day; unknown ones are None.

    `at` is the time of the last state. `before` compares the day with the trading day before it,
    `average` with the average of the whole ones of the 30 days before. `agents` are ordered by net,
    highest first. `unexplained` are the breakdowns that do not add up. `restated` are other days
    whose figures were changed in the time of the report. `coverage` is None if no minutes are
    known.
    """

    day: date
    status: DayStatus
    amounts: Amounts | None
    at: datetime | None
    closed: Amounts | None
    before: Contrast
    average: Contrast
    agents: Sequence[AgentShare]
    fall: Fall | None
    unexplained: Sequence[tuple[str, Remainder]]
    restated: Sequence[Restated]
    coverage: Coverage | None


class Daily(NamedTuple):
    """A day's figures, and the reports of the day and of the 30 days up to it."""

    figures: DailyFigures
    day: Report
    month: Report


def make_daily(  # noqa: PLR0913, PLR0917 (what it depends on)
    store: Store,
    day: date,
    now: datetime,
    feed: Feed,
    tolerance: Decimal,
    last: datetime | None = None,
) -> Daily:
    """Read the report of a day from the store. Raises `StoreError`.

    `last` is when the previous report was made: the report lists the days restated since then.
    Without it, the report lists those restated on the day.
    """
    calendar = store.calendar
    of_day = make_report(store, Period(day, day), Comparison.PREVIOUS, now, feed, tolerance)
    period = Period(date.fromordinal(max(1, day.toordinal() - DAYS_BEFORE)), day)
    month = make_report(store, period, Comparison.NONE, now, feed, tolerance)
    since, until = (last, now) if last else (calendar.start(day), calendar.end(day))
    changed = store.restated_since(since)
    return Daily(daily_figures(of_day, month, restatements(changed, since, until)), of_day, month)


def daily_figures(of_day: Report, month: Report, restated: Iterable[Restated]) -> DailyFigures:
    """Return the figures of a day, given its report and that of the 30 days up to it."""
    day = of_day.period.first
    record = next(iter(of_day.days), None)
    counted = record if of_day.counted else None
    amounts = counted.amounts if counted else None
    return DailyFigures(
        day=day,
        status=_status(of_day, record),
        amounts=amounts,
        at=counted.at if counted else None,
        closed=counted.closed if counted else None,
        before=of_day.contrast,
        average=_against_average(of_day, month),
        agents=by_agent(of_day.counted),
        fall=_fall(month),
        unexplained=unexplained(of_day),
        restated=[each for each in restated if each.day != day],
        coverage=coverage(of_day.moments, _until(of_day)) if of_day.moments else None,
    )


def restatements(days: Iterable[DayRecord], since: datetime, until: datetime) -> Iterable[Restated]:
    """Yield the days whose figures were changed after `since`, up to `until`."""
    for day in days:
        known = [version for version in day.versions if version.at <= since] or day.versions[:1]
        later = [version for version in day.versions if since < version.at <= until]
        if known and later and later[-1].amounts != known[-1].amounts:
            yield Restated(day.day, later[-1].at, known[-1].amounts, later[-1].amounts)


def coverage(moments: Sequence[Moment], until: datetime) -> Coverage | None:
    """Return how many minutes up to `until` have a state; None if no minutes are known."""
    if not moments:
        return None
    times = [_minute(moment.at) for moment in moments]
    end = max(times[-1], _minute(until))
    gaps = [
        (before + ONE_MINUTE, after)
        for before, after in pairwise([*times, end])
        if after - before > ONE_MINUTE
    ]
    missing = sum(int((end - start) / ONE_MINUTE) for start, end in gaps)
    longest = max(gaps, key=lambda gap: gap[1] - gap[0], default=None)
    return Coverage(times[0], end, missing, longest)


def _until(of_day: Report) -> datetime:
    """Return up to when messages were to come: until now if the day is still running."""
    return of_day.made_at if of_day.running else of_day.moments[-1].at


def _status(report: Report, record: DayRecord | None) -> DayStatus:
    if record:
        return report.status(record)
    is_trading = report.period.first in report.calendar.trading
    return DayStatus.UNKNOWN if is_trading else DayStatus.NO_TRADING


def _against_average(of_day: Report, month: Report) -> Contrast:
    """Compare a whole day with the average of the whole ones before it."""
    day = of_day.period.first
    whole = [each for each in month.whole if each.day < day]
    known = Side(
        Period(month.period.first, day - ONE_DAY), totals(whole) if whole else None, len(whole)
    )
    days = len(of_day.whole)
    return Contrast(Side(of_day.period, of_day.amounts, days), known if whole else None)


def _fall(month: Report) -> Fall | None:
    """Return how far cumulative net is below its peak after the last day that is over."""
    table, opening = month.table, month.opening
    if table.empty:
        return None
    day, depth = dates(table)[-1], table["below"].iloc[-1]
    falls = month.drawdowns
    since = falls[-1].since if falls and depth < 0 else opening.since
    return Fall(day, depth, since)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
