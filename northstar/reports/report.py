"""Read a period from the history, as the page, the API and exports show it.

Everything is pure except `make_report`, which reads the store and blocks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from northstar.domain.books import HALF_A_CENT
from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord, DayStatus, Moment
from northstar.domain.intraday import same_time
from northstar.domain.notes import Note, by_day
from northstar.history.notebook import read_notes
from northstar.history.outbox import read_events
from northstar.history.schema import MINUTES
from northstar.history.store import Store
from northstar.reports.alert_events import MOST_EVENTS, AlertEvent, read
from northstar.reports.contrast import Contrast, Side
from northstar.reports.day_table import day_table
from northstar.reports.drawdowns import Drawdown, Opening, drawdowns, opening
from northstar.reports.periods import Comparison, Period, compared, finished
from northstar.reports.returns import (
    Remainder,
    remainder_of_agents,
    remainder_of_costs,
    totals,
)

if TYPE_CHECKING:
    from pandas import DataFrame

MINUTES_OF_A_DAY = 25 * 60  # of the longest one
ONE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Feed:
    """The state of the feed, and the time of its data, None before the first message.

    `name` is that of the source, without secrets.
    """

    state: str
    as_of: datetime | None
    name: str = ""


@dataclass(frozen=True)
class Report:
    """A period, day by day, and the days it is compared with.

    `days` are the known days of the period, `before` those compared with, without costs and agents;
    oldest first. `opening` is what came before the period. `moments` are the minutes of a
    single-day period; `same_time` is the state of the compared day at the time of the running day's
    last state. `known` is the first and last day in the history, or None if it is empty. The report
    was made at `made_at`, on the day `today`. `notes` are those of the period's days, in order,
    `events` the newest of alerts in these, oldest first.
    Parts that differ from their total by at most `tolerance` add up to it. `month_target` is the
    net to be reached by the end of a month.
    """

    period: Period
    comparison: Comparison
    compared: Period | None
    days: Sequence[DayRecord]
    before: Sequence[DayRecord]
    opening: Opening
    moments: Sequence[Moment]
    same_time: Moment | None
    known: tuple[date, date] | None
    feed: Feed
    made_at: datetime
    today: date
    calendar: Calendar
    tolerance: Decimal
    month_target: Decimal | None = None
    notes: Sequence[Note] = ()
    events: Sequence[AlertEvent] = ()

    # ---- Days ------------------------------------------------------------------------------

    def status(self, day: DayRecord) -> DayStatus:
        """Return the status of a day when the report was made."""
        return self._statuses[day.day]

    @cached_property
    def _statuses(self) -> Mapping[date, DayStatus]:
        trading = self.calendar.trading
        return {day.day: day.status(self.today, trading) for day in (*self.before, *self.days)}

    def is_whole(self, day: DayRecord) -> bool:
        """Return whether the figures are those of a whole trading day."""
        return self.status(day).is_whole

    @cached_property
    def counted(self) -> Sequence[DayRecord]:
        """The known days, without those on which there was no trading."""
        return [day for day in self.days if self.status(day) is not DayStatus.NO_TRADING]

    @property
    def running(self) -> DayRecord | None:
        """The day that has not closed, if it is in the period and known."""
        return next((day for day in self.days if self.status(day) is DayStatus.RUNNING), None)

    @cached_property
    def whole(self) -> Sequence[DayRecord]:
        """The whole trading days of the period; averages and the best and worst are of these."""
        return [day for day in self.days if self.is_whole(day)]

    @property
    def is_one_day(self) -> bool:
        return self.period.first == self.period.last

    @property
    def missing(self) -> int:
        """The number of unknown trading days in the period, up to today."""
        last = min(self.period.last, self.today)
        return self._missing(Period(self.period.first, last), self.days)

    @property
    def incomplete(self) -> Sequence[DayRecord]:
        """The days that were received only in part."""
        return [day for day in self.days if self.status(day) is DayStatus.INCOMPLETE]

    @cached_property
    def notes_of(self) -> Mapping[date, Sequence[Note]]:
        """The notes of each day that has some."""
        return by_day(self.notes)

    # ---- Figures ---------------------------------------------------------------------------

    @property
    def amounts(self) -> Amounts | None:
        """The period's sums, the running day included; None if none of its days is known."""
        return totals(self.counted) if self.counted else None

    @cached_property
    def table(self) -> "DataFrame":
        """The table of the period's days that are over and had trading.

        A drawdown that was open before the period continues in it.
        """
        return day_table(self._over(self.days), -self.opening.depth)

    @cached_property
    def table_before(self) -> "DataFrame":
        """The table of the days compared with."""
        return day_table(self._over(self.before))

    @cached_property
    def drawdowns(self) -> Sequence[Drawdown]:
        """The period's drawdowns of net since the first day in the history, in order."""
        return drawdowns(self.table, self.opening)

    @cached_property
    def contrast(self) -> Contrast:
        """The period and the one it is compared with, like with like."""
        over = finished(self.period, self.today)
        if over.first == self.today:
            return self._contrast_of_today(over)
        return Contrast(self._side(over, self.days), self._side_before)

    @cached_property
    def rest_of_costs(self) -> Remainder:
        """The expenses that are in no category."""
        return remainder_of_costs(self.counted, self.tolerance)

    @cached_property
    def rest_of_agents(self) -> Remainder:
        """The revenue and expenses that belong to no agent."""
        return remainder_of_agents(self.counted, self.tolerance)

    @property
    def with_costs(self) -> int:
        """The number of days with costs by category."""
        return sum(day.costs is not None for day in self.counted)

    @property
    def with_agents(self) -> int:
        return sum(day.agents is not None for day in self.counted)

    # ---- Parts -----------------------------------------------------------------------------

    def _over(self, days: Sequence[DayRecord]) -> Sequence[DayRecord]:
        """Return the days that are over and on which there was trading."""
        others = {DayStatus.RUNNING, DayStatus.NO_TRADING}
        return [day for day in days if self.status(day) not in others]

    @property
    def _side_before(self) -> Side | None:
        return self._side(self.compared, self.before) if self.compared else None

    def _side(self, period: Period, days: Sequence[DayRecord]) -> Side:
        whole = [day for day in days if self.is_whole(day)]
        partial = sum(self.status(day) is DayStatus.INCOMPLETE for day in days)
        lacking = self._missing(period, days) + partial
        return Side(period, totals(whole) if whole else None, len(whole), lacking)

    def _contrast_of_today(self, today: Period) -> Contrast:
        """Return the running day and the one compared with at the same time, or at its close."""
        now = Side(today, self.running.amounts if self.running else None)
        if self.compared and self.same_time:
            at, amounts = self.same_time
            return Contrast(now, Side(self.compared, amounts, at=at))
        return Contrast(now, self._side_before)

    def _missing(self, period: Period, days: Sequence[DayRecord]) -> int:
        trading = self.calendar.trading
        known = sum(day.day in trading and day.day <= period.last for day in days)
        return max(0, trading.count(period.first, period.last) - known)


def make_report(  # noqa: PLR0913, PLR0917 (what it depends on)
    store: Store,
    period: Period,
    comparison: Comparison,
    now: datetime,
    feed: Feed,
    tolerance: Decimal = HALF_A_CENT,
    month_target: Decimal | None = None,
) -> Report:
    """Read a period from the store. Raises `StoreError`."""
    calendar = store.calendar
    today, known = calendar.day_of(now), store.known()
    other = compared(period, comparison, today, calendar.trading)
    one_day = period.first == period.last
    days = store.days(period.first, period.last)
    start, end = calendar.start(period.first), calendar.end(period.first)
    return Report(
        period=period,
        comparison=comparison,
        compared=other,
        days=days,
        before=store.days(other.first, other.last, sums_only=True) if other else [],
        opening=opening(store.nets_before(period.first)),
        moments=store.moments(MINUTES, start, end, MINUTES_OF_A_DAY) if one_day else [],
        same_time=_same_time(store, finished(period, today), days, other, today),
        known=known,
        feed=feed,
        made_at=now.astimezone(calendar.zone),
        today=today,
        calendar=calendar,
        tolerance=tolerance,
        month_target=month_target,
        notes=read_notes(store.engine, period.first, period.last),
        events=read(read_events(store.engine, start, calendar.end(period.last), MOST_EVENTS)),
    )


def _same_time(
    store: Store, over: Period, days: Sequence[DayRecord], other: Period | None, today: date
) -> Moment | None:
    """Return the state of the compared day at the local time of the running day's last state."""
    at = next((day.at for day in days if day.day == over.first == today), None)
    if at is None or other is None:
        return None
    first, then = same_time(at, today, other.first, store.calendar)
    moments = store.moments(MINUTES, first, then + ONE_MINUTE, MINUTES_OF_A_DAY)
    return next((moment for moment in reversed(moments) if moment.at <= then), None)
