"""Days of a time zone, from one close to the next.

Pure: no clock, no I/O. A day has 23 or 25 hours where daylight saving time starts or ends.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from northstar.domain.trading import EVERY_DAY, TradingDays

NOON = time(12)
# The limits of the calendar; times beyond them are clamped.
FIRST, LAST = date.min.toordinal(), date.max.toordinal()
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# Dates of an instant: as given, in UTC, in the zone, and of its day. Each is at most one from the
# next.
NEAR = 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days in `zone` that close at the local time `close`.

    A day has the date on which most of it lies: if it closes before noon, the date of its start,
    otherwise the date of its close. With a close at 17:00, the 25th runs from 17:00 on the 24th to
    17:00 on the 25th; with a close at 04:00, from the 25th to the 26th.

    If the clocks show the close twice, the first one counts; if they skip it, the day closes at
    the moment they are set forward. A date that the zone skips has few hours or none.

    `trading` are the days on which there is trading.
    """

    zone: tzinfo
    close: time = time(0)
    trading: TradingDays = EVERY_DAY

    def day_of(self, instant: datetime) -> date:
        """Return the day that contains `instant`, which must be aware.

        `start(day) <= instant < end(day)` holds, except near the limits of `datetime`, where the
        result is the first or last day of the calendar.
        """
        near = instant.toordinal()
        days = range(max(near - NEAR, FIRST), min(near + NEAR, LAST) + 1)
        after = bisect_right(days, instant, lo=1, key=self._start)
        return date.fromordinal(days[after - 1])

    def start(self, day: date) -> datetime:
        """Return the start of `day`, in UTC."""
        return self._start(day.toordinal())

    def end(self, day: date) -> datetime:
        """Return the end of `day`, in UTC: the start of the next one."""
        return self._start(day.toordinal() + 1)

    def _start(self, ordinal: int) -> datetime:
        opens_on = ordinal - 1 if self.close >= NOON else ordinal
        try:
            return reached(datetime.combine(date.fromordinal(opens_on), self.close, self.zone))
        except (ValueError, OverflowError):  # off the calendar
            return EARLIEST if ordinal <= FIRST + 1 else LATEST


def reached(shown: datetime) -> datetime:
    """Return the UTC time at which the clocks first show `shown` or a later time."""
    first, second = (shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    # fold=1 gives the earlier time only where the clocks skip `shown` (PEP 495).
    return first if first <= second else _jump(second, first, shown.tzinfo)


def _jump(before: datetime, after: datetime, zone: tzinfo | None) -> datetime:
    """Return the time at which the clocks are set forward, to the second, as in zone files."""
    start = before.replace(microsecond=0)
    old = start.astimezone(zone).utcoffset()

    def is_new(second: int) -> bool:
        return (start + timedelta(seconds=second)).astimezone(zone).utcoffset() != old

    seconds = range(int((after - before).total_seconds()))
    return start + timedelta(seconds=bisect_left(seconds, x=True, key=is_new))
