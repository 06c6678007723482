"""Read a period from the history, as the page, the API and exports show it.

Everything is pure except `make_report`, which reads the store and blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord, DayStatus
from northstar.history.schema import MINUTES
from northstar.history.store import Moment, Store
from northstar.reports.day_table import day_table
from northstar.reports.periods import Comparison, Period, compared
from northstar.reports.returns import Fall, falls, missing, totals

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_MINUTES = 25 * 60  # the longest day


@dataclass(frozen=True)
class Report:
    """A period, day by day, and the period it is compared with.

    `days` and `before` are the known days, oldest first; `moments` are the minutes of a
    single-day period. `as_of` is when the report was made, `today` the current day. `known` is the
    first and last day in the history, or None if it is empty.
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

    @cached_property
    def table(self) -> "DataFrame":
        """The table of `days`."""
        return day_table(self.days)

    @cached_property
    def table_before(self) -> "DataFrame":
        """The table of `before`."""
        return day_table(self.before)

    @cached_property
    def falls(self) -> Sequence[Fall]:
        """The period's drawdowns, in order."""
        return falls(self.table["below"])

    @property
    def amounts(self) -> Amounts | None:
        """The period's sums, or None if none of its days is known."""
        return totals(self.days) if self.days else None

    @property
    def amounts_before(self) -> Amounts | None:
        return totals(self.before) if self.before else None

    def status(self, day: DayRecord) -> DayStatus:
        """Return the status of a day when the report was made."""
        return day.status(self.today, self.calendar.trading)

    @property
    def is_one_day(self) -> bool:
        return self.period.first == self.period.last

    @property
    def missing(self) -> int:
        """The number of unknown days in the period, up to today."""
        return _missing(self.period, self.days, self.today)

    @property
    def missing_before(self) -> int:
        return _missing(self.compared, self.before, self.today) if self.compared else 0

    @property
    def is_comparable(self) -> bool:
        """Whether percentages are meaningful: both periods are over and fully known."""
        half = self.is_one_day and self.period.last == self.today
        return not (self.missing or self.missing_before or half)

    @property
    def with_costs(self) -> int:
        """The number of days with costs by category."""
        return sum(day.costs is not None for day in self.days)

    @property
    def with_agents(self) -> int:
        return sum(day.agents is not None for day in self.days)


def make_report(store: Store, period: Period, comparison: Comparison, now: datetime) -> Report:
    """Read a period from the store. Raises `StoreError`."""
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
