"""States and events of alerts, reports, and their deliveries, in the database of the history.

All methods block on the database, and raise `StoreError`: do not call them on the event loop.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock
from typing import NamedTuple, TypeAlias

from sqlalchemy import Connection, Engine, Table, delete, or_, select, update

from northstar.history.audit import Change, record
from northstar.history.database import translated_errors
from northstar.history.fence import Fence, unfenced
from northstar.history.schema import ALERT_EVENTS, ALERTS, DELIVERIES, REPORTS, REQUESTS, SILENCES
from northstar.history.statements import insert_once, replace
from northstar.history.turns import writing_in_turn

REPORTS_KEPT = timedelta(days=30)

AlertKey: TypeAlias = tuple[str, str]  # a rule, and one of its subjects; "" is the whole


class StoredEvent(NamedTuple):
    """An event as JSON, and its key."""

    number: str
    at: datetime
    content: str


class StoredReport(NamedTuple):
    """The report of a day as JSON, with its number and the time when it was made."""

    number: str
    day: date
    at: datetime
    content: str


class Delivery(NamedTuple):
    """The delivery of an event or a report to a receiver, pending or done.

    `event` is the number of either. `due` is the next attempt, None if there is none any more;
    `sent_at` is None if it was not delivered, and `result` says why, or how.
    """

    event: str
    receiver: str
    at: datetime
    due: datetime | None
    attempts: int = 0
    sent_at: datetime | None = None
    result: str | None = None


class Audited(NamedTuple):
    """A row of the audit: who changed something, what was done, and to what."""

    change: Change
    action: str
    subject: str


@dataclass(frozen=True, slots=True)
class Batch:
    """The changes of one evaluation: alerts as JSON, None if over, with events and deliveries.

    A silence is its end and its JSON. `audited` is set if a viewer made the change, `request` if
    it was asked for on another instance.
    """

    alerts: Mapping[AlertKey, str | None] = field(default_factory=dict)
    silences: Mapping[AlertKey, tuple[datetime, str]] = field(default_factory=dict)
    events: Sequence[StoredEvent] = ()
    deliveries: Sequence[Delivery] = ()
    audited: Audited | None = None
    request: int | None = None


class Stored(NamedTuple):
    """The state of an earlier run: alerts and silences as JSON, and the pending deliveries."""

    alerts: Sequence[str]
    silences: Mapping[AlertKey, str]
    due: Sequence[tuple[Delivery, str]]  # with the event as JSON
    reports: Sequence[tuple[Delivery, str]]  # with the report as JSON


class Outbox:
    """Writes changes of alerts together with the messages about them.

    The process has other writers of the same database, each of which holds `turn` meanwhile.
    `fence` is the first statement of each transaction that writes.
    """

    def __init__(self, engine: Engine, turn: Lock, fence: Fence = unfenced) -> None:
        self._engine = engine
        self._turn = turn
        self._fence = fence

    def load(self, now: datetime) -> Stored:
        """Return the states, the silences that last, and the deliveries that are due."""
        with translated_errors(), self._engine.connect() as connection:
            alerts = connection.execute(select(ALERTS.c.content)).scalars().all()
            silences = connection.execute(select(SILENCES).where(SILENCES.c.until > now))
            return Stored(
                alerts,
                {(row.rule, row.subject): row.content for row in silences},
                _due(connection, ALERT_EVENTS),
                _due(connection, REPORTS),
            )

    def write(self, batch: Batch) -> None:
        """Write states, events and deliveries in one transaction."""
        with writing_in_turn(self._engine, self._turn, self._fence) as connection:
            for (rule, subject), content in batch.alerts.items():
                key = {"rule": rule, "subject": subject}
                if content is None:
                    connection.execute(delete(ALERTS).filter_by(**key))
                else:
                    replace(connection, ALERTS, {**key, "content": content})
            for (rule, subject), (until, content) in batch.silences.items():
                row = {"rule": rule, "subject": subject, "until": until, "content": content}
                replace(connection, SILENCES, row)
            are_new = [
                insert_once(connection, ALERT_EVENTS, event._asdict()) for event in batch.events
            ]
            for each in batch.deliveries:
                insert_once(connection, DELIVERIES, each._asdict())
            if batch.audited and any(are_new):  # not when a batch is written again
                record(connection, *batch.audited)
            if batch.request is not None:
                connection.execute(delete(REQUESTS).where(REQUESTS.c.number == batch.request))

    def last_report(self) -> StoredReport | None:
        """Return the report of the last day that has one, without its content."""
        columns = REPORTS.c.number, REPORTS.c.day, REPORTS.c.at
        newest = select(*columns).order_by(REPORTS.c.day.desc()).limit(1)
        with translated_errors(), self._engine.connect() as connection:
            row = connection.execute(newest).first()
        return StoredReport(*row, content="") if row else None

    def write_report(self, report: StoredReport, deliveries: Sequence[Delivery]) -> None:
        """Write a report and its deliveries in one transaction; delete old ones."""
        with writing_in_turn(self._engine, self._turn, self._fence) as connection:
            old = select(REPORTS.c.number).where(REPORTS.c.day < report.day - REPORTS_KEPT)
            connection.execute(delete(DELIVERIES).where(DELIVERIES.c.event.in_(old)))
            connection.execute(delete(REPORTS).where(REPORTS.c.number.in_(old)))
            insert_once(connection, REPORTS, report._asdict())
            for each in deliveries:
                insert_once(connection, DELIVERIES, each._asdict())

    def settle(self, deliveries: Sequence[Delivery]) -> None:
        """Record the outcome of an attempt to send."""
        with writing_in_turn(self._engine, self._turn, self._fence) as connection:
            for each in deliveries:
                changed = ("due", "attempts", "sent_at", "result")
                connection.execute(
                    update(DELIVERIES)
                    .filter_by(event=each.event, receiver=each.receiver)
                    .values({name: getattr(each, name) for name in changed})
                )

    def events(self, start: datetime, end: datetime) -> Sequence[tuple[str, Sequence[Delivery]]]:
        """Return the events from `start` to before `end`, as `read_events` does."""
        return read_events(self._engine, start, end)

    def deliveries(self, alerts: Collection[str]) -> Mapping[str, Sequence[Delivery]]:
        """Return the newest delivery of each receiver, by the number of an alert."""
        newest: dict[str, dict[str, Delivery]] = {number: {} for number in alerts}
        if not newest:
            return {}
        ours = or_(*(DELIVERIES.c.event.startswith(f"{number}-") for number in newest))
        query = select(DELIVERIES).where(ours).order_by(DELIVERIES.c.at, DELIVERIES.c.receiver)
        with translated_errors(), self._engine.connect() as connection:
            for row in connection.execute(query):
                newest[row.event.partition("-")[0]][row.receiver] = Delivery(*row)
        return {number: [*found.values()] for number, found in newest.items()}


def read_events(
    engine: Engine, start: datetime, end: datetime, most: int | None = None
) -> Sequence[tuple[str, Sequence[Delivery]]]:
    """Return the events from `start` to before `end` as JSON with their deliveries, oldest first.

    At most the newest `most`.
    """
    within = ALERT_EVENTS.c.at >= start, ALERT_EVENTS.c.at < end
    events = select(ALERT_EVENTS).where(*within).order_by(ALERT_EVENTS.c.at.desc()).limit(most)
    numbers = events.with_only_columns(ALERT_EVENTS.c.number)
    deliveries = (
        select(DELIVERIES).where(DELIVERIES.c.event.in_(numbers)).order_by(DELIVERIES.c.receiver)
    )
    sent: dict[str, list[Delivery]] = {}
    with translated_errors(), engine.connect() as connection:
        for row in connection.execute(deliveries):
            sent.setdefault(row.event, []).append(Delivery(*row))
        rows = connection.execute(events).all()
    return [(row.content, sent.get(row.number, [])) for row in reversed(rows)]


def delete_events(connection: Connection, before: datetime) -> None:
    """Delete the events before a time, with their deliveries, and silences that ended before it."""
    old = select(ALERT_EVENTS.c.number).where(ALERT_EVENTS.c.at < before)
    connection.execute(delete(DELIVERIES).where(DELIVERIES.c.event.in_(old)))
    connection.execute(delete(ALERT_EVENTS).where(ALERT_EVENTS.c.at < before))
    connection.execute(delete(SILENCES).where(SILENCES.c.until < before))


def _due(connection: Connection, table: Table) -> Sequence[tuple[Delivery, str]]:
    """Return the pending deliveries of the events or reports of a table."""
    due = (
        select(DELIVERIES, table.c.content)
        .join(table, table.c.number == DELIVERIES.c.event)
        .where(DELIVERIES.c.due.is_not(None))
        .order_by(DELIVERIES.c.at)
    )
    return [(Delivery(*row[:-1]), row.content) for row in connection.execute(due)]
