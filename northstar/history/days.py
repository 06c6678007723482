"""Read and write days and their restatements, in a transaction of the caller."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from northstar.domain.books import HALF_A_CENT
from northstar.domain.calendar import Calendar
from northstar.domain.day import Amounts, DayRecord, Origin, Version, amounts_of
from northstar.domain.messages import EXACT, TrendDay
from northstar.domain.snapshot import Snapshot
from northstar.domain.trend import NEARLY_CLOSED, is_of_source
from northstar.history.breakdown import read_breakdown
from northstar.history.schema import DAYS, RESTATEMENTS, Exact
from northstar.history.statements import insert_once, replace, upsert

# From this number on, a new restatement of the day replaces the last one.
MOST_RESTATEMENTS = 100
MIDNIGHT = time(0)
# A day of the trend is not known any more once the source sends a trend without it.
KNOWN = or_(DAYS.c.at.is_not(None), DAYS.c.complete.is_not(False))
ZERO = Amounts(Decimal(0), Decimal(0))


class StoredDay(NamedTuple):
    """A day, and the number of its restatements."""

    record: DayRecord
    restatements: int = 0


class DayNet(NamedTuple):
    """A day and its net."""

    day: date
    net: Decimal


@dataclass(frozen=True, slots=True)
class Days:
    """The days of `calendar`.

    Figures that differ by at most `tolerance`, in units of the currency, are the same.
    """

    calendar: Calendar
    tolerance: Decimal = HALF_A_CENT

    # ---- Reading ---------------------------------------------------------------------------

    def read(
        self, connection: Connection, condition: Any, *, sums_only: bool = True
    ) -> Mapping[date, StoredDay]:
        """Return the known days that meet a condition, by date, oldest first."""
        condition = and_(condition, KNOWN)
        columns = [column for column in DAYS.c if column is not DAYS.c.message or not sums_only]
        days = select(*columns).where(condition).order_by(DAYS.c.day)
        wanted = select(DAYS.c.day).where(condition)
        later = select(RESTATEMENTS).where(RESTATEMENTS.c.day.in_(wanted))
        restatements = defaultdict(list)
        for row in connection.execute(later.order_by(RESTATEMENTS.c.number)):
            restatements[row.day].append(row)
        return {
            row.day: self._stored(row, restatements[row.day]) for row in connection.execute(days)
        }

    def read_nets(self, connection: Connection, before: date) -> list[DayNet]:
        """Return the net of each day before a date, oldest first, without repeated days.

        Reads only the newest amounts, as there may be thousands of days.
        """
        later = RESTATEMENTS.alias()
        of_day = RESTATEMENTS.c.day == DAYS.c.day
        newest = select(func.max(RESTATEMENTS.c.number)).where(of_day).scalar_subquery()
        is_newest = and_(
            later.c.day == DAYS.c.day,
            later.c.number == newest,
            later.c.accepted_at >= DAYS.c.accepted_at,  # as in `_later`
        )
        amounts = (
            func.coalesce(later.c[name], DAYS.c[name], type_=Exact)
            for name in ("revenue", "expenses")
        )
        wanted = and_(DAYS.c.day < before, KNOWN, DAYS.c.repeats.is_(None))
        nets = select(DAYS.c.day, *amounts).outerjoin_from(DAYS, later, is_newest)
        rows = connection.execute(nets.where(wanted).order_by(DAYS.c.day)).all()
        return [DayNet(day, EXACT.subtract(revenue, expenses)) for day, revenue, expenses in rows]

    def _stored(self, row: Row[Any], restatements: Sequence[Row[Any]]) -> StoredDay:
        first = amounts_of(row)
        message = getattr(row, "message", None)
        later = _later(row, restatements[-1] if restatements else None)
        complete = _is_complete(row)
        stated = later is not None and not complete and later.origin == Origin.TREND
        restated = later is not None and complete and not self.are_same(amounts_of(later), first)
        record = DayRecord(
            row.day,
            amounts_of(later) if later else first,
            row.at,
            closed=first if restated else None,
            restated_at=later.accepted_at if later and restated else None,
            is_complete=complete or stated,
            is_stated=stated,
            repeats=row.repeats,
            versions=_versions(row, restatements),
            **(read_breakdown(message) if message else {}),
        )
        return StoredDay(record, restatements[-1].number if restatements else 0)

    def are_same(self, one: Amounts, other: Amounts) -> bool:
        """Return whether two amounts are equal within the tolerance."""
        return (
            abs(one.revenue - other.revenue) <= self.tolerance
            and abs(one.expenses - other.expenses) <= self.tolerance
        )

    # ---- Writing ---------------------------------------------------------------------------

    def write_states(self, connection: Connection, last: Mapping[date, "LastState"]) -> None:
        """Write the last state of each day; for a day that closed long before, as restatement."""
        late = [day for day, state in last.items() if state.is_late]
        known = self.read(connection, DAYS.c.day.in_(late)) if late else {}
        rows = [
            {
                "day": day,
                "closes_at": self.calendar.end(day),
                "repeats": self._repeated(connection, day, state.snapshot),
                **state.content,
            }
            for day, state in last.items()
            if day not in known
        ]
        if rows:
            upsert(connection, DAYS, rows, DAYS.c.closes_at)
        for day, before in known.items():
            amounts = amounts_of(last[day].snapshot)
            self._restate(connection, before, amounts, last[day].accepted_at, Origin.STATE)

    def write_rows(self, connection: Connection, rows: Iterable[TrendDay], at: datetime) -> None:
        """Write trend rows of closed days: the first of a day, and later ones that differ."""
        by_date = {row.date: row for row in rows}
        again = and_(DAYS.c.day.in_(by_date), DAYS.c.at.is_(None))
        connection.execute(update(DAYS).where(again).values(complete=None))
        known = self.read(connection, DAYS.c.day.in_(by_date))
        for day, row in sorted(by_date.items()):
            before = known.get(day)
            if before is None:
                first = {
                    "day": day,
                    "accepted_at": at,
                    "closes_at": self.calendar.end(day),
                    "repeats": self._repeated_before(connection, day, amounts_of(row)),
                    "revenue": row.revenue,
                    "expenses": row.expenses,
                }
                insert_once(connection, DAYS, first)
            elif self._is_comparable(before.record):
                self._restate(connection, before, amounts_of(row), at, Origin.TREND)

    def withdraw(self, connection: Connection, dates: Collection[date], until: date) -> None:
        """Withdraw the days before `until` that a trend of these `dates` omits.

        Their figures stay in the database, and count again if the source states them again.
        """
        lacking = and_(
            DAYS.c.day.between(min(dates), max(dates)),
            DAYS.c.day < until,
            DAYS.c.day.not_in(dates),
            DAYS.c.at.is_(None),
        )
        connection.execute(update(DAYS).where(lacking).values(complete=False))

    def note_complete(self, connection: Connection, since: datetime, until: datetime) -> None:
        """Note that the source was connected from `since` to `until`, across the close of days."""
        closed = and_(DAYS.c.closes_at.between(since, until), DAYS.c.at.is_not(None))
        connection.execute(update(DAYS).where(closed).values(complete=True))

    def _restate(
        self,
        connection: Connection,
        before: StoredDay,
        amounts: Amounts,
        at: datetime,
        origin: Origin,
    ) -> None:
        """Write a restatement of a closed day; figures that are the same confirm the day."""
        if self.are_same(amounts, before.record.amounts):
            if not before.record.is_complete:
                this_day = DAYS.c.day == before.record.day
                connection.execute(update(DAYS).where(this_day).values(complete=True))
            return
        later = {
            "day": before.record.day,
            "number": min(before.restatements + 1, MOST_RESTATEMENTS),
            "accepted_at": at,
            "revenue": amounts.revenue,
            "expenses": amounts.expenses,
            "origin": origin.value,
        }
        replace(connection, RESTATEMENTS, later)

    def _is_comparable(self, day: DayRecord) -> bool:
        """Return whether a trend row covers the same hours: the trend has calendar days."""
        return self.calendar.close == MIDNIGHT or day.at is None

    def _repeated(self, connection: Connection, day: date, snapshot: Snapshot) -> date | None:
        """Return the earlier day whose totals a state repeats, None if they are of `day`.

        By its own trend, the source is still on that day; or `day` is not a trading day.
        """
        newest = snapshot.trend[-1] if snapshot.trend else None
        if not (newest and is_of_source(newest)):
            return self._repeated_before(connection, day, amounts_of(snapshot))
        is_earlier = newest.date < min(day, snapshot.as_of.date())
        if is_earlier and self.are_same(amounts_of(newest), amounts_of(snapshot)):
            return newest.date
        return self._repeated_before(connection, day, amounts_of(snapshot))

    def _repeated_before(self, connection: Connection, day: date, amounts: Amounts) -> date | None:
        """Return the last day before `day`, not a trading day, if it has the same amounts."""
        if day in self.calendar.trading:
            return None
        earlier = select(DAYS.c.day).where(DAYS.c.day < day, DAYS.c.repeats.is_(None))
        last = earlier.order_by(DAYS.c.day.desc()).limit(1).scalar_subquery()
        for before in self.read(connection, DAYS.c.day == last).values():
            if self.are_same(before.record.amounts, amounts):
                return before.record.day
        return None


class LastState(NamedTuple):
    """The last state of a day in a batch.

    `content` has the columns that all tables of states have; `is_late` is whether it arrived long
    after the close.
    """

    snapshot: Snapshot
    accepted_at: datetime
    content: Mapping[str, Any]
    is_late: bool


def _later(row: Any, restatement: Row[Any] | None) -> Row[Any] | None:
    """Return the restatement; a state accepted after it, as with a wrong clock, wins."""
    if restatement is None or restatement.accepted_at < row.accepted_at:
        return None
    return restatement


def _is_complete(row: Row[Any]) -> bool:
    return bool(row.complete or row.at is None or row.closes_at - row.at <= NEARLY_CLOSED)


def _versions(row: Row[Any], restatements: Sequence[Row[Any]]) -> Sequence[Version]:
    origin = Origin.TREND if row.at is None else Origin.STATE
    first = Version(row.accepted_at, amounts_of(row), origin)
    return (
        first,
        *(
            Version(later.accepted_at, amounts_of(later), Origin(later.origin or Origin.TREND))
            for later in restatements
        ),
    )
