"""Days on which the desk trades."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date

EVERY_WEEKDAY = frozenset(range(7))


@dataclass(frozen=True, slots=True, eq=False)
class TradingDays:
    """The days of some weekdays, without holidays.

    `weekdays` are numbers as of `date.weekday`: 0 is Monday. `in` tests whether a day is one.
    """

    weekdays: frozenset[int] = EVERY_WEEKDAY
    holidays: Container[date] = frozenset()

    def __contains__(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.holidays


EVERY_DAY = TradingDays()
