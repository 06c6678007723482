"""Days of a time zone, from one close to the next.

Pure: no clock, no I/O. Days are as long as the clocks make them, of 23 hours or of 25, too.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

NOON = time(12)
# The calendar's own limits: what lies beyond is held at them.
FIRST, LAST = date.min.toordinal(), date.max.toordinal()
EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
# A moment's date as given, in UTC, in the zone, and its day's: each at most one from the next.
NEAR = 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days in `zone` that close at `close`, a time on its clocks.

    A day has the date on which most of it lies: one that closes before noon has the date of its
    start, one that closes at noon or later the date of its close. With a close at 17:00 the 25th
    runs from 17:00 on the 24th to 17:00 on the 25th; with one at 04:00, from the 25th to the 26th.

    A close that comes twice, as the clocks are set back, counts the first time; one that is
    skipped counts as they are set forward. A date that is skipped whole has no hours, or few.
    """

    zone: tzinfo
    close: time = time(0)

    def day_of(self, instant: datetime) -> date:
        """Return the day on which `instant` lies, which must be aware.

        Of a day that is returned, `start(day) <= instant < end(day)`, save at the limits of
        `datetime`, where it is the calendar's first or last.
        """
        near = instant.toordinal()
        days = range(max(near - NEAR, FIRST), min(near + NEAR, LAST) + 1)
        after = bisect_right(days, instant, lo=1, key=self._start)
        return date.fromordinal(days[after - 1])

    def start(self, day: date) -> datetime:
        """Return the first moment of `day`, in UTC."""
        return self._start(day.toordinal())

    def end(self, day: date) -> datetime:
        """Return the first moment after `day`, in UTC: the next one's start."""
        return self._start(day.toordinal() + 1)

    def _start(self, ordinal: int) -> datetime:
        opens_on = ordinal - 1 if self.close >= NOON else ordinal
        try:
            return _reached(datetime.combine(date.fromordinal(opens_on), self.close, self.zone))
        except (ValueError, OverflowError):  # off the calendar
            return EARLIEST if ordinal <= FIRST + 1 else LATEST


def _reached(shown: datetime) -> datetime:
    """Return the moment, in UTC, at which the clocks first show that time or a later one."""
    first, second = (shown.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    # Only of a time that was skipped is the second reading the earlier one (PEP 495).
    return first if first <= second else _jump(second, first, shown.tzinfo)


def _jump(before: datetime, after: datetime, zone: tzinfo | None) -> datetime:
    """Return the moment at which the clocks are set forward, to the second, as zones have it."""
    start = before.replace(microsecond=0)
    old = start.astimezone(zone).utcoffset()

    def is_new(second: int) -> bool:
        return (start + timedelta(seconds=second)).astimezone(zone).utcoffset() != old

    seconds = range(int((after - before).total_seconds()))
    return start + timedelta(seconds=bisect_left(seconds, x=True, key=is_new))
