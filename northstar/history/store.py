"""Read and write the history: states of seconds and minutes, days, and restatements.

Every method blocks on the database: do not call it on the event loop. All raise `StoreError`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, Table, and_, delete, select

from northstar.domain.books import HALF_A_CENT
from northstar.domain.calendar import EARLIEST, Calendar
from northstar.domain.calendar import LATEST as LATEST_TIME
from northstar.domain.day import Amounts, DayRecord, Moment, amounts_of
from northstar.domain.messages import TrendDay, decode, encode
from northstar.domain.snapshot import Snapshot, today
from northstar.domain.trend import TREND_DAYS, RecordedDay
from northstar.errors import MessageError, StoreReplaced, StoreUnusable
from northstar.history import audit
from northstar.history.database import reopen, translated_errors, writing
from northstar.history.days import KNOWN, DayNet, Days, LastState
from northstar.history.fence import Fence, unfenced
from northstar.history.notebook import delete_notes
from northstar.history.outbox import delete_events
from northstar.history.pools import close_connections
from northstar.history.retention import Deleted, Retention
from northstar.history.schema import DAYS, LATEST, MINUTES, RESTATEMENTS, SECONDS, STREAMS
from northstar.history.statements import Rows, upsert

MOST_ROWS = 10_000  # trend rows remembered, so as not to look up each of them at every message
# How late after the close a state may arrive and still belong to the closed day.
LATEST_FOR_ITS_DAY = timedelta(hours=1)
NEWEST = select(LATEST.c.at, LATEST.c.accepted_at)


class Accepted(NamedTuple):
    """A state, and the time of our clock at which it was accepted.

    `news` has the trend rows that its own message brought; the trend of the state also has older
    rows, such as a day's row from before its close. `age_s` is the age of the state when it was
    accepted, by the source's clock if its offset is known. `dates` are the days of the last whole
    trend that came with it: the source states no other day any more. `was_connected` is whether
    the source was connected at the close of the state's day; known of a stored state.
    """

    snapshot: Snapshot
    at: datetime
    news: Sequence[TrendDay] = ()
    age_s: float = 0.0
    dates: Sequence[date] = ()
    was_connected: bool = False


@dataclass(slots=True)
class Store:
    """The history in a database opened by `open_database`; `source` names the stream.

    Figures of a closed day that differ by more than `tolerance`, in units of the currency, are a
    restatement.

    Several processes that show the same stream may write to it: only a newer state updates an
    existing row. A closed day does not change; later figures for it are restatements. `version`
    counts the batches that may have changed closed days. `fence` is the first statement of each
    transaction that writes.
    """

    engine: Engine
    calendar: Calendar
    source: str = ""
    tolerance: Decimal = HALF_A_CENT
    version: int = 0
    fence: Fence = unfenced
    _last_rows: dict[date, Amounts] = field(default_factory=dict)  # the last trend row of each day
    _dates: Sequence[date] = ()  # the days of the last trend
    _newest: Sequence[datetime] | None = None  # the times of `LATEST` after the last batch

    @property
    def _days(self) -> Days:
        return Days(self.calendar, self.tolerance)

    def close(self) -> None:
        """Close the connections, those in use once they are given back."""
        close_connections(self.engine)

    def reopen(self) -> None:
        """Open the database again, creating or migrating it if necessary."""
        self.forget()
        reopen(self.engine)

    def forget(self) -> None:
        """Forget the last write, as other instances may have written since."""
        self._last_rows, self._dates, self._newest = {}, (), None
        self.version += 1

    # ---- Writing ---------------------------------------------------------------------------

    def write(self, batch: Sequence[Accepted]) -> date | None:
        """Write states, in the order in which they were accepted, in one transaction.

        Skips a state that is older than the newest one if its day has closed. A state that arrives
        long after the close of its day restates that day. Returns the day of the last state
        skipped, None if there is none.
        """
        with writing(self.engine, self.fence) as connection:
            before = self._require_newest(connection)
            last: Mapping[date, LastState] = {}
            in_time, late = self._split_late(batch, before and before.at)
            if in_time:
                contents = list(map(_content, in_time))
                upsert(connection, LATEST, [{"start": 0, "source": self.source, **contents[-1]}])
                upsert(connection, STREAMS, [self._of_stream(contents[-1])])
                upsert(connection, SECONDS, _last_of_each(contents, 1))
                upsert(connection, MINUTES, _last_of_each(contents, 60))
                last = self._last_of_day(in_time, contents)
                self._days.write_states(connection, last)
            last_rows, dates = self._write_trends(connection, in_time)
            newest = connection.execute(NEWEST).first()
        self.version += last_rows != self._last_rows or any(day.is_late for day in last.values())
        self._last_rows = dict(list(last_rows.items())[-MOST_ROWS:])
        self._dates, self._newest = dates, newest
        return late

    def _of_stream(self, content: Mapping[str, Any]) -> dict[str, Any]:
        names = ("at", "accepted_at", "message")
        return {"source": self.source, **{name: content[name] for name in names}}

    def note_connected(self, since: datetime, until: datetime) -> None:
        """Note that the source was connected from `since` to `until`, across the close of a day."""
        with writing(self.engine, self.fence) as connection:
            self._days.note_complete(connection, since, until)

    def fill_in(self, accepted: Accepted) -> None:
        """Write the closed days of a state's trend that the database does not have."""
        trend = accepted._replace(news=accepted.snapshot.trend)
        closed = {row.date: row for row in self._closed(trend)}
        with writing(self.engine, self.fence) as connection:
            known = self._days.read(connection, DAYS.c.day.in_(closed))
            unknown = [row for day, row in closed.items() if day not in known]
            self._days.write_rows(connection, unknown, accepted.at)

    def check(self) -> None:
        """Raise `StoreReplaced` if the state written last is missing."""
        with writing(self.engine, self.fence) as connection:
            self._require_newest(connection)

    def _require_newest(self, connection: Connection) -> Row[datetime, datetime] | None:
        """Return the times of the newest state; raise if it is missing or older than ours."""
        before, now = self._newest, connection.execute(NEWEST).first()
        if before and (now is None or all(new < old for new, old in zip(now, before, strict=True))):
            raise StoreReplaced("the database was emptied, or restored from a backup")
        return now

    def prune(self, retention: Retention, now: datetime) -> Deleted:
        """Delete rows older than `retention`, counted from `now` or the newest state, if older.

        So neither a source nor a clock that is briefly a year ahead deletes anything. Returns the
        numbers of deleted rows.
        """
        with writing(self.engine, self.fence) as connection:
            newest = connection.execute(select(LATEST.c.at)).scalar() or now
            instant = min(now, newest)
            seconds, minutes = (
                connection.execute(
                    delete(table).where(table.c.start < int(_before(instant, age).timestamp()))
                ).rowcount
                for table, age in ((SECONDS, retention.seconds), (MINUTES, retention.minutes))
            )
            days = 0
            if retention.days is not None:
                first = self.calendar.day_of(_before(instant, retention.days))
                connection.execute(delete(RESTATEMENTS).where(RESTATEMENTS.c.day < first))
                days = connection.execute(delete(DAYS).where(DAYS.c.day < first)).rowcount
                delete_notes(connection, first)
                audit.delete_before(connection, self.calendar.start(first))
                delete_events(connection, self.calendar.start(first))
        return Deleted(seconds, minutes, days)

    def delete_future(self, newest: datetime) -> Deleted:
        """Delete rows more than a day after `newest`: a clock was ahead when they were written.

        Returns the numbers of deleted rows.
        """
        limit = _after(newest, timedelta(days=1))
        last = self.calendar.day_of(limit)
        with writing(self.engine, self.fence) as connection:
            seconds, minutes = (
                connection.execute(
                    delete(table).where(table.c.start > int(limit.timestamp()))
                ).rowcount
                for table in (SECONDS, MINUTES)
            )
            connection.execute(delete(RESTATEMENTS).where(RESTATEMENTS.c.day > last))
            days = connection.execute(delete(DAYS).where(DAYS.c.day > last)).rowcount
            # The next state is the newest one, though it is older than this.
            for table in (LATEST, STREAMS):
                connection.execute(delete(table).where(table.c.at > limit))
            now = connection.execute(NEWEST).first()
        self._newest = now
        return Deleted(seconds, minutes, days)

    def _split_late(
        self, batch: Sequence[Accepted], newest: datetime | None
    ) -> tuple[list[Accepted], date | None]:
        """Return the states in time, and the day of the last one that is late.

        A state is late if it is older than the newest state, of any stream, and its day had closed
        by our clock on arrival. A source whose clock was ahead can still correct it on the day.
        """
        in_time, late = [], None
        for accepted in batch:
            instant = accepted.snapshot.instant
            day = self.calendar.day_of(instant)
            if newest and instant < newest and self.calendar.end(day) <= accepted.at:
                late = day
            else:
                in_time.append(accepted)
                newest = instant
        return in_time, late

    def _last_of_day(self, batch: Sequence[Accepted], contents: Rows) -> Mapping[date, LastState]:
        """Return the last state of each day."""
        last = {}
        for accepted, content in zip(batch, contents, strict=True):
            day = self.calendar.day_of(accepted.snapshot.instant)
            is_late = self._closed_long_before(day, accepted)
            last[day] = LastState(accepted.snapshot, accepted.at, content, is_late)
        return last

    def _closed_long_before(self, day: date, accepted: Accepted) -> bool:
        """Return whether a state arrived long after the close of its day, by the source's clock."""
        after_close = accepted.snapshot.instant - self.calendar.end(day)
        return after_close + timedelta(seconds=accepted.age_s) >= LATEST_FOR_ITS_DAY

    def _write_trends(
        self, connection: Connection, batch: Sequence[Accepted]
    ) -> tuple[dict[date, Amounts], Sequence[date]]:
        """Write the trend rows of closed days: the first of a day, and later ones that differ.

        Returns the last figures of each day, and the days of the last whole trend.
        """
        last_rows, dates = dict(self._last_rows), self._dates
        for accepted in batch:
            news = [row for row in self._closed(accepted) if _is_changed(row, last_rows)]
            if news:
                self._days.write_rows(connection, news, accepted.at)
            last_rows |= {row.date: amounts_of(row) for row in news}
            if accepted.dates and accepted.dates != dates:
                dates = accepted.dates
                self._withdraw(connection, accepted, last_rows)
        return last_rows, dates

    def _withdraw(
        self, connection: Connection, accepted: Accepted, last_rows: dict[date, Amounts]
    ) -> None:
        """Withdraw the closed days that a whole trend omits."""
        dates = accepted.dates
        self._days.withdraw(connection, dates, self._first_open(accepted.snapshot))
        for day in [day for day in last_rows if min(dates) <= day <= max(dates)]:
            if day not in dates:
                del last_rows[day]

    def _closed(self, accepted: Accepted) -> Iterable[TrendDay]:
        """Yield the trend rows of days closed by both our calendar and the source's."""
        until = self._first_open(accepted.snapshot)
        return (row for row in accepted.news if row.date < until)

    def _first_open(self, snapshot: Snapshot) -> date:
        """Return the first day that has not closed by our calendar, or not by the source's."""
        today = self.calendar.day_of(snapshot.instant)
        still_open = self._running_row(snapshot)
        return min(today, still_open.date) if still_open else today

    def _running_row(self, snapshot: Snapshot) -> TrendDay | None:
        """Return the trend row of the day that is current for the source, whatever its zone.

        East of us, that may be the day after ours; west of us, the day before, if the totals match.
        """
        newest = snapshot.trend[-1] if snapshot.trend else None
        if newest and snapshot.as_of.toordinal() - newest.date.toordinal() == 1:
            return newest if self._days.are_same(amounts_of(newest), amounts_of(snapshot)) else None
        return today(snapshot)

    # ---- Reading ---------------------------------------------------------------------------

    def latest(self, zone: tzinfo) -> Accepted | None:
        """Return the state of this stream accepted last, with the newest days as its trend.

        None if there is none. A state whose stream is unknown counts as this one's.
        """
        of_stream = select(STREAMS).where(STREAMS.c.source == self.source)
        with translated_errors(), self.engine.connect() as connection:
            row = connection.execute(of_stream).first()
            row = row or connection.execute(select(LATEST).where(LATEST.c.source.is_(None))).first()
            if row is None:
                return None
            today = self.calendar.day_of(row.at)
            until_now = and_(DAYS.c.day <= today, DAYS.c.repeats.is_(None), KNOWN)
            newest = (
                select(DAYS.c.day).where(until_now).order_by(DAYS.c.day.desc()).limit(TREND_DAYS)
            )
            days = self._days.read(connection, DAYS.c.day.in_(newest))
        try:
            state = decode(row.message, zone)
        except MessageError as error:
            raise StoreUnusable(f"its last state cannot be read ({error})") from error
        trend = [_trend_day(each.record, today) for each in days.values()]
        snapshot = Snapshot(state.model_copy(update={"trends_data": trend}))
        is_complete = today in days and days[today].record.is_complete
        return Accepted(snapshot, row.accepted_at, was_connected=is_complete)

    def days(self, first: date, last: date, *, sums_only: bool = False) -> list[DayRecord]:
        """Return the known days from `first` to `last`, oldest first.

        `sums_only` omits costs and agents, which take most of the time.
        """
        with translated_errors(), self.engine.connect() as connection:
            known = self._days.read(
                connection, DAYS.c.day.between(first, last), sums_only=sums_only
            )
        return [day.record for day in known.values()]

    def restated_since(self, since: datetime) -> list[DayRecord]:
        """Return the days whose figures changed after their close, and after `since`."""
        later = select(RESTATEMENTS.c.day).where(RESTATEMENTS.c.accepted_at > since)
        with translated_errors(), self.engine.connect() as connection:
            known = self._days.read(connection, DAYS.c.day.in_(later))
        return [day.record for day in known.values()]

    def nets_before(self, day: date) -> list[DayNet]:
        """Return the net of each known day before `day`, oldest first, without repeated days."""
        with translated_errors(), self.engine.connect() as connection:
            return self._days.read_nets(connection, day)

    def known(self) -> tuple[date, date] | None:
        """Return the first and the last known day; None if there is none."""
        # Unlike min and max of the known days, this reads two entries of the index.
        days = select(DAYS.c.day).where(KNOWN).limit(1)
        ends = (days.order_by(DAYS.c.day), days.order_by(DAYS.c.day.desc()))
        with translated_errors(), self.engine.connect() as connection:
            first, last = connection.execute(select(*(end.scalar_subquery() for end in ends))).one()
        return (first, last) if first else None

    def moments(self, table: Table, start: datetime, end: datetime, limit: int) -> list[Moment]:
        """Return at most `limit` states of `SECONDS` or `MINUTES` from `start` to before `end`.

        Oldest first; selected by the start of their interval.
        """
        columns = select(table.c.at, table.c.revenue, table.c.expenses)
        bounds = table.c.start >= int(start.timestamp()), table.c.start < int(end.timestamp())
        query = columns.where(*bounds).order_by(table.c.start).limit(limit)
        with translated_errors(), self.engine.connect() as connection:
            rows = connection.execute(query).all()
        return [Moment(at, Amounts(revenue, expenses)) for at, revenue, expenses in rows]


def _before(instant: datetime, age: timedelta) -> datetime:
    """Return `instant - age`, but not before the limit of the calendar."""
    return instant - age if instant - EARLIEST > age else EARLIEST


def _after(instant: datetime, age: timedelta) -> datetime:
    """Return `instant + age`, but not after the limit of the calendar."""
    return instant + age if LATEST_TIME - instant > age else LATEST_TIME


def _trend_day(day: DayRecord, today: date) -> TrendDay:
    """Return a day as a row of the trend: the source's, or recorded if totals were received."""
    row = TrendDay(date=day.day, revenue=day.revenue, expenses=day.expenses)
    if day.at is None or day.day > today:
        return row
    return RecordedDay.model_construct(**dict(row), is_complete=day.is_complete)


def _is_changed(row: TrendDay, last_rows: Mapping[date, Amounts]) -> bool:
    return last_rows.get(row.date) != amounts_of(row)


def _content(accepted: Accepted) -> dict[str, Any]:
    """Return the columns of a state that all tables have."""
    state = accepted.snapshot.state
    return {
        "at": state.timestamp,
        "accepted_at": accepted.at,
        "revenue": state.revenue,
        "expenses": state.expenses,
        "message": encode(state.model_copy(update={"trends_data": None})).decode(),
    }


def _last_of_each(contents: Rows, length_s: int) -> Rows:
    """Return the last state of each interval of `length_s`."""
    last = {int(content["at"].timestamp() // length_s) * length_s: content for content in contents}
    return [{"start": start, **content} for start, content in last.items()]
