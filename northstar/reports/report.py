"""Read a period from the history, as the page, the API and exports show it.

Pure but for `make_report`, which reads the store, and waits for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord
from northstar.history.schema import MINUTES
from northstar.history.store import Moment, Store
from northstar.reports.periods import Comparison, Period, compared
from northstar.reports.returns import missing, totals

MOST_MINUTES = 25 * 60  # the longest day


@dataclass(frozen=True, slots=True)
class Report:
    """A period, day by day, and the one that it is compared with.

    `days` and `before` have the days that are known, the oldest first; `moments` those of a single
    day by the minute. `as_of` is when the report was made, `today` the day that is still running.
    `known` is the first and the last day there is anything of; None where there is nothing.
    """

    period: Period
    comparison: Comparison
    compared: Period | None
    days: Sequence[DayRecord]
    before: Sequence[DayRecord]
    moments: Sequence[Moment]
    known: tuple[date, date] | None
    as_of: datetime
    today: date
    calendar: Calendar

    @property
    def amounts(self) -> Amounts | None:
        """The period's sums; None where nothing is known of it."""
        return totals(self.days) if self.days else None

    @property
    def amounts_before(self) -> Amounts | None:
        return totals(self.before) if self.before else None

    @property
    def is_one_day(self) -> bool:
        return self.period.first == self.period.last

    @property
    def missing(self) -> int:
        """How many days of the period, up to today, nothing is known of."""
        return _missing(self.period, self.days, self.today)

    @property
    def missing_before(self) -> int:
        return _missing(self.compared, self.before, self.today) if self.compared else 0

    @property
    def is_comparable(self) -> bool:
        """Whether a percentage says something: both periods are known as a whole, and over."""
        half = self.is_one_day and self.period.last == self.today
        return not (self.missing or self.missing_before or half)

    @property
    def with_costs(self) -> int:
        """How many days have their costs by category."""
        return sum(day.costs is not None for day in self.days)

    @property
    def with_agents(self) -> int:
        return sum(day.agents is not None for day in self.days)


def make_report(store: Store, period: Period, comparison: Comparison, now: datetime) -> Report:
    """Read what is known of a period. Raises `StoreError`."""
    calendar = store.calendar
    before = compared(period, comparison)
    one_day = period.first == period.last
    start, end = calendar.start(period.first), calendar.end(period.first)
    return Report(
        period=period,
        comparison=comparison,
        compared=before,
        days=store.days(period.first, period.last),
        before=store.days(before.first, before.last, sums_only=True) if before else [],
        moments=store.moments(MINUTES, start, end, MOST_MINUTES) if one_day else [],
        known=store.known(),
        as_of=now.astimezone(calendar.zone),
        today=calendar.day_of(now),
        calendar=calendar,
    )


def _missing(period: Period, days: Sequence[DayRecord], today: date) -> int:
    last = min(period.last, today)
    return missing(days, period.first, last) if period.first <= last else 0
