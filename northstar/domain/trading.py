"""Days on which the desk trades."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta

from northstar.domain.weekdays import EVERY_WEEKDAY

MOST_DAYS_WITHOUT_TRADING = 366


@dataclass(frozen=True, slots=True, eq=False)
class TradingDays:
    """The days of some weekdays, without holidays.

    `weekdays` are numbers as of `date.weekday`: 0 is Monday. `in` tests whether a day is one.
    """

    weekdays: frozenset[int] = EVERY_WEEKDAY
    holidays: Container[date] = frozenset()

    def __contains__(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays

    def before(self, day: date) -> date:
        """Return the last trading day before `day`; the day before if there is none in a year.

        Raises OverflowError before `date.min`.
        """
        earlier = (day - timedelta(days=back) for back in range(1, MOST_DAYS_WITHOUT_TRADING))
        return next((each for each in earlier if each in self), day - timedelta(days=1))

    def count(self, first: date, last: date) -> int:
        """Return the number of trading days from `first` to `last`, inclusive."""
        days = range(first.toordinal(), last.toordinal() + 1)
        return sum(date.fromordinal(day) in self for day in days)


EVERY_DAY = TradingDays()
