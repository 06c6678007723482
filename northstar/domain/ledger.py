"""Merge updates into the current state.

Pure: no clock, no I/O. The state is one complete `PnLUpdate`; each accepted update is merged into
it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from northstar.domain.calendar import Calendar
from northstar.domain.clocks import PACE_OVER_S, Agreement, Course, nearer_to_our_clock
from northstar.domain.connection import Connection
from northstar.domain.messages import (
    DEFAULT_EVENT,
    PnLUpdate,
    TrendDay,
    decode,
    without_long_sections,
)
from northstar.domain.outcomes import Received, Tally
from northstar.domain.snapshot import Snapshot
from northstar.domain.trend import (
    WasConnected,
    merge_trend,
    newest_days,
    next_trend,
    unconnected,
)
from northstar.errors import MessageError, OutOfOrder

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
