"""Merge updates into the current state, and derive figures from it.

Pure: no clock, no I/O. The state is one complete `PnLUpdate`; each accepted update is merged into
it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache, reduce
from typing import TYPE_CHECKING

from northstar.domain.calendar import Calendar
from northstar.domain.clocks import PACE_OVER_S, Agreement, Course, nearer_to_our_clock
from northstar.domain.connection import Connection
from northstar.domain.limits import Limit
from northstar.domain.messages import (
    DEFAULT_EVENT,
    EXACT,
    AgentMetrics,
    CostCategory,
    PnLUpdate,
    TrendDay,
    decode,
    without_long_sections,
)
from northstar.domain.notes import Note
from northstar.domain.outcomes import Received, Tally
from northstar.domain.trading import EVERY_DAY, TradingDays
from northstar.domain.trend import (
    RecordedDay,
    WasConnected,
    merge_trend,
    newest_days,
    next_trend,
    unconnected,
)
from northstar.errors import MessageError, OutOfOrder

if TYPE_CHECKING:
    from northstar.domain.day import DayRecord
    from northstar.domain.intraday import Intraday

NOTHING = Decimal(0)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UTC_DAYS = Calendar(UTC)

# Fields carried over within a day when an update has none of their section. The trend is merged
# instead.
_SECTIONS = (
    ("previous_revenue", "previous_expenses", "previous_net_stated"),
    ("cost_breakdown",),
    ("agent_attribution",),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A difference and its percentage of the former amount; None where undefined."""

    amount: Decimal | None
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after one accepted update; unknown fields are None, never zero.

    `trading` are the days on which there is trading, `day` is the running day up to this state,
    `recorded` are the days before it in the history: those of its month and of the trend,
    `notes` are those of the newest days, and `limits` are those of net that alert rules have.
    """

    state: PnLUpdate
    trading: TradingDays = field(default=EVERY_DAY, compare=False)
    day: "Intraday | None" = field(default=None, compare=False)
    recorded: "Mapping[date, DayRecord]" = field(default_factory=dict, compare=False)
    notes: Sequence[Note] = field(default=(), compare=False)
    limits: Sequence[Limit] = field(default=(), compare=False)

    @property
    def as_of(self) -> datetime:
        return self.state.timestamp

    @property
    def instant(self) -> datetime:
        """`as_of` in UTC, for comparisons: Python compares times of one zone by local time."""
        return self.as_of.astimezone(UTC)

    @property
    def revenue(self) -> Decimal:
        return self.state.revenue

    @property
    def expenses(self) -> Decimal:
        return self.state.expenses

    @property
    def net(self) -> Decimal:
        return self.state.net

    @property
    def margin(self) -> Decimal | None:
        """Net as a percentage of revenue."""
        return percentage(self.net, self.revenue)

    @property
    def previous_net(self) -> Decimal | None:
        """Net of the previous period: computed if both parts are known, else as stated."""
        before = self.state
        if before.previous_revenue is None or before.previous_expenses is None:
            return before.previous_net_stated
        return EXACT.subtract(before.previous_revenue, before.previous_expenses)

    @property
    def previous_margin(self) -> Decimal | None:
        before = self.state.previous_revenue
        return (
            None
            if before is None or self.previous_net is None
            else percentage(self.previous_net, before)
        )

    @property
    def trend(self) -> Sequence[TrendDay]:
        """Up to 30 days, oldest first."""
        return self.state.trends_data or ()

    @property
    def costs(self) -> Sequence[CostCategory]:
        return self.state.cost_breakdown or ()

    @property
    def agents(self) -> Sequence[AgentMetrics]:
        """The agents, highest net first."""
        agents = self.state.agent_attribution or ()
        return sorted(agents, key=lambda agent: agent.net, reverse=True)


def percentage(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return `part` as a percentage of `whole`; None if `whole` is zero or negative."""
    return part / whole * 100 if whole > 0 else None


def change(now: Decimal, before: Decimal | None) -> Change:
    """Return the change from `before`; no percentage if that is zero or the sign changes."""
    if before is None:
        return Change(None, None)
    comparable = before != 0 and (now == 0 or (now > 0) == (before > 0))
    difference = EXACT.subtract(now, before)
    return Change(difference, difference / abs(before) * 100 if comparable else None)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum; zero if there are no amounts."""
    return reduce(EXACT.add, amounts, Decimal(0))


def average(amounts: Iterable[Decimal]) -> Decimal | None:
    """Return the arithmetic mean; None if there are no amounts."""
    known = tuple(amounts)
    return total(known) / len(known) if known else None


def merge(  # noqa: PLR0913 (what it depends on)
    current: Snapshot | None,
    update: PnLUpdate,
    calendar: Calendar = UTC_DAYS,
    tolerance: Decimal = NOTHING,
    *,
    clock_corrected: bool = False,
    was_connected: WasConnected = unconnected,
) -> Snapshot:
    """Return the state after `update`.

    A section in the update replaces the old one, except the trend, see `merge_trend`. The other
    sections are carried over within a day of `calendar`, never to the next. The trend has the last
    totals of a day that has ended, until the source states others by more than `tolerance`;
    `was_connected` is whether the source was connected at a close. Updates of another `source`
    (real, demo, replay) are not merged: the state starts over. Raises `OutOfOrder` if the update is
    older than the current state, unless the source's clock was ahead and has been set back
    (`clock_corrected`).
    """
    if current is None or current.state.source != update.source:
        trend = merge_trend((), update, update.timestamp.date())
        return Snapshot(_with(update, trends_data=trend), calendar.trading)
    if Snapshot(update).instant < current.instant and not clock_corrected:
        raise OutOfOrder(f"{update.timestamp.isoformat()} after {current.as_of.isoformat()}")
    return _apply(current, update, calendar, tolerance, was_connected=was_connected)


def backfill(
    current: Snapshot | None,
    fetched: PnLUpdate,
    calendar: Calendar = UTC_DAYS,
    tolerance: Decimal = NOTHING,
    *,
    was_connected: WasConnected = unconnected,
) -> Snapshot:
    """Return the state after merging `fetched`, a state from the API.

    If `fetched` is older than the current state, it only fills in missing days of the trend and
    missing sections of the same day.
    """
    before = merge(None, fetched, calendar)
    if current is None:
        return before
    if current.state.source != fetched.source:
        return current
    if before.instant >= current.instant:
        return _apply(current, fetched, calendar, tolerance, was_connected=was_connected)
    trend = newest_days(before.trend, current.trend) or None
    carried = _carried(before, current.state, calendar)
    return Snapshot(_with(current.state, **carried, trends_data=trend), calendar.trading)


def _apply(
    current: Snapshot,
    update: PnLUpdate,
    calendar: Calendar,
    tolerance: Decimal,
    *,
    was_connected: WasConnected,
) -> Snapshot:
    day, today = _day_of(calendar, current), _day_of(calendar, Snapshot(update))
    ended = day if day < today else None
    trend = next_trend(
        current.state, update, ended, today, calendar, tolerance, was_connected=was_connected
    )
    state = _with(update, **_carried(current, update, calendar), trends_data=trend)
    return Snapshot(state, calendar.trading)


def _carried(current: Snapshot, update: PnLUpdate, calendar: Calendar) -> dict[str, object]:
    """Return the fields of the current state's sections that `update` lacks, of the same day."""
    if _day_of(calendar, current) != _day_of(calendar, Snapshot(update)):
        return {}
    return {
        name: getattr(current.state, name)
        for section in _SECTIONS
        if all(getattr(update, name) is None for name in section)
        for name in section
    }


def _day_of(calendar: Calendar, snapshot: Snapshot) -> date:
    return _day_of_second(calendar, (snapshot.instant - EPOCH) // timedelta(seconds=1))


@lru_cache(maxsize=8)  # many messages arrive per second, and days close at whole minutes
def _day_of_second(calendar: Calendar, second: int) -> date:
    return calendar.day_of(EPOCH + timedelta(seconds=second))


def news_of(current: Snapshot | None, update: PnLUpdate) -> Sequence[TrendDay]:
    """Return the trend rows of an update that are newer than the state's.

    Of an update older than the state, these are the days that the state does not have, except the
    update's own day, which had not closed yet.
    """
    rows = update.trends_data or ()
    if current is None or Snapshot(update).instant >= current.instant:
        return rows
    known = {row.date for row in current.trend}
    return [row for row in rows if row.date not in known and row.date < update.timestamp.date()]


def _with(update: PnLUpdate, **sections: object) -> PnLUpdate:
    return update.model_copy(update=sections)


@dataclass(slots=True)
class Ledger:
    """Holds the newest snapshot and counts messages by result.

    Sections belong to a day of `calendar`, in whose zone a timestamp without one is read. Rejects a
    message with a section of more than `max_rows` rows. A trend row that differs from the totals of
    an ended day by at most `tolerance` does not replace them. A message of unreal data among real
    ones starts a state of its own; the next real one continues where they were.
    """

    calendar: Calendar
    event: str = DEFAULT_EVENT
    snapshot: Snapshot | None = None
    tally: Tally = field(default_factory=Tally)
    max_rows: int | None = None
    tolerance: Decimal = NOTHING
    _correction: Agreement = field(default_factory=Agreement)
    _course: Course = field(default_factory=Course)
    _left: dict[str | None, Snapshot] = field(default_factory=dict)
    _connection: Connection = field(default_factory=Connection)

    def restore(self, stored: Snapshot, *, was_connected: bool = False) -> None:
        """Start from a stored state, dropping sections of more than `max_rows` rows.

        `was_connected` is whether the source was connected at the close of the state's day.
        """
        limit, state = self.max_rows, stored.state
        state = state if limit is None else without_long_sections(state, limit)
        self.snapshot = Snapshot(state, self.calendar.trading)
        if was_connected:
            self._connection.hold(self.calendar.end(_day_of(self.calendar, stored)))

    def note_connected(self, at: datetime) -> None:
        """Note that the source is connected, from `at` on unless it already was."""
        self._connection.begin(at)

    def note_disconnected(self, at: datetime) -> None:
        """Note that the source is no longer connected, from `at` on."""
        day = _day_of(self.calendar, self.snapshot) if self.snapshot else None
        self._connection.end(at, self.calendar.end(day) if day else None)

    def receive(self, raw: bytes | str, arrived: datetime | None = None) -> Received:
        """Decode and merge one message as received. Raises nothing."""
        return self._process(raw, arrived, self._merge)

    def receive_state(self, raw: bytes | str, arrived: datetime | None = None) -> Received:
        """Decode and merge a state fetched from the API, in the same format. Raises nothing."""
        return self._process(raw, arrived, self._backfill)

    def _merge(self, update: PnLUpdate, arrived: datetime | None) -> Snapshot:
        instant, current = Snapshot(update).instant, self._continued(update)
        corrected = self._is_corrected(current, instant, arrived)
        merged = merge(
            current,
            update,
            self.calendar,
            self.tolerance,
            clock_corrected=corrected,
            was_connected=self._connection.was_open,
        )
        if self.snapshot and self.snapshot.state.source != update.source:
            self._left[self.snapshot.state.source] = self.snapshot
        if arrived:
            self._course.follow((instant - arrived).total_seconds(), arrived.timestamp())
        return merged

    def _backfill(self, fetched: PnLUpdate, _: datetime | None) -> Snapshot:
        return backfill(
            self.snapshot,
            fetched,
            self.calendar,
            self.tolerance,
            was_connected=self._connection.was_open,
        )

    def _continued(self, update: PnLUpdate) -> Snapshot | None:
        """Return the state that an update continues: the last one of real data, or of unreal."""
        if self.snapshot and self.snapshot.state.source == update.source:
            return self.snapshot
        return self._left.get(update.source)

    def _is_corrected(
        self, current: Snapshot | None, instant: datetime, arrived: datetime | None
    ) -> bool:
        """Return whether the source's clock was ahead and has been corrected.

        It is nearer to ours now, or where it was before it jumped ahead. One old message is no
        evidence: several must advance with our clock.
        """
        if current is None or arrived is None or instant >= current.instant:
            self._correction.end()
            return False
        ahead_s = (instant - arrived).total_seconds()
        nearer = nearer_to_our_clock(current.instant, instant, arrived)
        if not (nearer or self._course.is_back(ahead_s)):
            return False
        return self._correction.held_s(ahead_s, arrived.timestamp()) >= PACE_OVER_S

    def _process(
        self,
        raw: bytes | str,
        arrived: datetime | None,
        merge_into: Callable[[PnLUpdate, datetime | None], Snapshot],
    ) -> Received:
        update = None
        try:
            update = decode(raw, self.calendar.zone, self.event, arrived, self.max_rows)
            news = news_of(self._continued(update), update)
            self.snapshot = merge_into(update, arrived)
        except MessageError as error:
            self.tally.refuse(error, arrived)
            return Received(update, error)
        self.tally.accepted += 1
        totals_are_new = self.snapshot.state.timestamp == update.timestamp
        return Received(update, None, news, totals_are_new)


def today(snapshot: Snapshot) -> TrendDay | None:
    """Return the trend row of the current day; None if there is none.

    A source further east may already be on the day after ours.
    """
    if not snapshot.trend or isinstance(snapshot.trend[-1], RecordedDay):
        return None
    newest = snapshot.trend[-1]
    ahead = newest.date.toordinal() - snapshot.as_of.toordinal()
    return newest if ahead in {0, 1} else None
