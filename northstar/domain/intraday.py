"""The running day by the minute, and the trading day before it.

Pure: uses the timestamps of the data.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from math import ceil

from northstar.domain.calendar import EARLIEST, LATEST, Calendar
from northstar.domain.day import Amounts, Moment
from northstar.domain.messages import PnLUpdate

SLOT = timedelta(minutes=4)  # 360 a day; a line of 600 pixels shows no more
MINUTE_S = 60
MARGIN = timedelta(days=400)  # at both ends of the calendar
# A state of an earlier day that is older than this says nothing about the time of day.
NEARBY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, eq=False)
class DayLine:
    """A day from `start` to before `end`, in UTC, with the last state of each slot of it.

    None where a slot has none. Local times are in `zone`. A line does not change; it is compared by
    identity.
    """

    day: date
    start: datetime
    end: datetime
    zone: tzinfo
    slots: Sequence[Moment | None] = ()

    @property
    def count(self) -> int:
        """The number of slots of the whole day."""
        return ceil((self.end - self.start) / SLOT)


@dataclass(frozen=True, slots=True)
class Intraday:
    """The running day up to its newest state.

    `line` has the slots before that of `newest`. `first` is the last state of the day's first
    minute. `low` and `high` are of all states of the day.
    `before` is the whole trading day before, None if it is unknown, and `same_time` its state at
    the same local time as the newest one, None if there is none up to a quarter of an hour before.
    `target` is the net to be reached by the end of the day, `month_target` that of its month.
    """

    line: DayLine
    first: Moment
    newest: Moment
    low: Moment
    high: Moment
    before: DayLine | None = None
    same_time: Moment | None = None
    target: Decimal | None = None
    month_target: Decimal | None = None


def same_time(
    at: datetime, day: date, other: date, calendar: Calendar
) -> tuple[datetime, datetime]:
    """Return the instant of `other` at the local time of `at`, a time of `day`, both in UTC.

    The first of the two is the earliest instant of which a state counts as of that time.
    """
    shown = at.astimezone(calendar.zone).replace(tzinfo=None) - (day - other)
    then = shown.replace(tzinfo=calendar.zone).astimezone(UTC)
    return max(then - NEARBY, calendar.start(other)), then  # none of the day before


def is_surrounded(at: datetime) -> bool:
    """Return whether there are trading days before a time, and days after it, in every zone."""
    return EARLIEST + MARGIN < at < LATEST - MARGIN


@dataclass(slots=True)
class IntradayData:
    """The states of the running day of `calendar` and of the trading day before it."""

    calendar: Calendar
    target: Decimal | None = None
    month_target: Decimal | None = None
    _line: DayLine | None = None
    _minutes: list[Moment] = field(default_factory=list)  # the last state of each, oldest first
    _slots: list[Moment | None] = field(default_factory=list)
    _low: Moment | None = None
    _high: Moment | None = None
    _before: DayLine | None = None
    _minutes_before: Sequence[Moment] = ()
    _source: str | None = None

    def restore(self, moments: Iterable[Moment]) -> None:
        """Start from the minutes of the history, oldest first."""
        for moment in moments:
            self._add(moment)

    def add(self, state: PnLUpdate) -> None:
        """Add the state after an update; start over if the source changed."""
        if state.source != self._source:
            self._source = state.source
            self._forget()
        instant = state.timestamp.astimezone(UTC)
        if is_surrounded(instant):
            self._add(Moment(instant, Amounts(state.revenue, state.expenses)))
        else:
            self._forget()

    def resume(self, state: PnLUpdate, day: Intraday | None) -> None:
        """Go on from a newer state and the extremes of its `day`, which minutes may not have."""
        self.add(state)
        if day and self._line and day.line.day == self._line.day:
            self._low, self._high = day.low, day.high

    @property
    def minutes(self) -> Sequence[Moment]:
        """The last state of each minute of the running day, oldest first."""
        return self._minutes

    @property
    def view(self) -> Intraday | None:
        """The running day as it is now; None before the first state."""
        if not (self._line and self._low and self._high):
            return None
        first, newest = self._minutes[0], self._minutes[-1]
        then = self._at_same_time(newest.at)
        low, high = self._low, self._high
        targets = self.target, self.month_target
        return Intraday(self._line, first, newest, low, high, self._before, then, *targets)

    def _add(self, moment: Moment) -> None:
        line = self._line
        if line is None or not line.start <= moment.at < line.end:
            line = self._open(moment.at)
        if self._minutes and moment.at < self._minutes[-1].at:
            self._drop_since(line, moment.at)  # the source's clock was ahead, and has been set back
        if self._minutes and _minute(self._minutes[-1]) == _minute(moment):
            self._minutes[-1] = moment
        else:
            self._minutes.append(moment)
        self._fill(line, (moment.at - line.start) // SLOT, moment)
        net = moment.amounts.net
        if self._low is None or net < self._low.amounts.net:
            self._low = moment
        if self._high is None or net > self._high.amounts.net:
            self._high = moment

    def _fill(self, line: DayLine, slot: int, moment: Moment) -> None:
        """Put a state in its slot; the line gets those before it once it is a new one."""
        if slot >= len(self._slots):
            self._slots += [None] * (slot + 1 - len(self._slots))
        self._slots[slot] = moment
        if len(line.slots) != slot:
            self._line = replace(line, slots=tuple(self._slots[:slot]))

    def _drop_since(self, line: DayLine, at: datetime) -> None:
        """Drop the states after a time; the extremes are those of the minutes that are left."""
        del self._minutes[bisect_right(self._minutes, at, key=lambda moment: moment.at) :]
        del self._slots[(at - line.start) // SLOT + 1 :]
        nets = [moment.amounts.net for moment in self._minutes]
        self._low = self._minutes[nets.index(min(nets))] if nets else None
        self._high = self._minutes[nets.index(max(nets))] if nets else None

    def _open(self, at: datetime) -> DayLine:
        """Begin the day of a state; the last trading day becomes the one before."""
        day, ended = self.calendar.day_of(at), self._line
        before = self.calendar.trading.before(day)
        if ended and ended.day == before:
            self._before = replace(ended, slots=tuple(self._slots))
            self._minutes_before = self._minutes
        elif self._before and self._before.day != before:
            self._before, self._minutes_before = None, ()
        start, end = self.calendar.start(day), self.calendar.end(day)
        self._line = DayLine(day, start, end, self.calendar.zone)
        self._minutes, self._slots, self._low, self._high = [], [], None, None
        return self._line

    def _forget(self) -> None:
        self._line, self._before, self._minutes_before = None, None, ()

    def _at_same_time(self, at: datetime) -> Moment | None:
        if not (self._line and self._before):
            return None
        first, then = same_time(at, self._line.day, self._before.day, self.calendar)
        place = bisect_right(self._minutes_before, then, key=lambda moment: moment.at)
        found = self._minutes_before[place - 1] if place else None
        return found if found and found.at >= first else None


def _minute(moment: Moment) -> int:
    return int(moment.at.timestamp()) // MINUTE_S
