"""The outbox: states, events and deliveries in one transaction."""

from datetime import UTC, date, datetime, timedelta
from threading import Lock

import pytest
from sqlalchemy import Engine, select, text

from northstar.domain.notes import Author
from northstar.errors import StoreError
from northstar.history.audit import Change
from northstar.history.outbox import (
    REPORTS_KEPT,
    Audited,
    Batch,
    Delivery,
    Outbox,
    StoredEvent,
    StoredReport,
)
from northstar.history.retention import Retention
from northstar.history.schema import AUDIT
from northstar.history.store import Store
from support.states import CALENDAR

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
KEY = ("floor", "")
EVENT = StoredEvent("e1", NOON, '{"event": 1}')
DUE = Delivery("e1", "desk", NOON, NOON + timedelta(seconds=10))


def test_state_event_and_delivery(engine: Engine) -> None:
    """After a restart the changes of an evaluation and its due deliveries are there."""
    outbox = Outbox(engine, Lock())
    outbox.write(Batch({KEY: '{"a": 1}'}, {KEY: (NOON, "{}")}, [EVENT], [DUE]))
    stored = outbox.load(NOON - timedelta(seconds=1))
    assert stored.alerts == ['{"a": 1}']
    assert stored.silences == {KEY: "{}"}
    assert stored.due == [(DUE, EVENT.content)]


def test_batch_written_twice(engine: Engine) -> None:
    """Writing a batch again after a lost answer changes nothing."""
    outbox = Outbox(engine, Lock())
    batch = Batch({KEY: "{}"}, {}, [EVENT], [DUE])
    outbox.write(batch)
    outbox.settle([DUE._replace(due=None, attempts=1, sent_at=NOON, result="delivered")])
    outbox.write(batch)
    assert outbox.load(NOON).due == []


def test_alert_that_is_over(engine: Engine) -> None:
    """An ended alert is not restored."""
    outbox = Outbox(engine, Lock())
    outbox.write(Batch({KEY: "{}"}))
    outbox.write(Batch({KEY: None}))
    assert outbox.load(NOON).alerts == []


def test_silence_that_has_ended(engine: Engine) -> None:
    """A silence is restored until its end, and replaced by a later one."""
    outbox = Outbox(engine, Lock())
    outbox.write(Batch(silences={KEY: (NOON, "first")}))
    outbox.write(Batch(silences={KEY: (NOON + timedelta(hours=1), "second")}))
    assert outbox.load(NOON).silences == {KEY: "second"}
    assert outbox.load(NOON + timedelta(hours=1)).silences == {}


def test_nothing_of_a_batch_that_fails(engine: Engine) -> None:
    """State, event and delivery are written together or not at all."""
    outbox = Outbox(engine, Lock())
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE deliveries"))
    with pytest.raises(StoreError):
        outbox.write(Batch({KEY: "{}"}, {}, [EVENT], [DUE]))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alerts")).scalar() == 0
        assert connection.execute(text("SELECT count(*) FROM alert_events")).scalar() == 0


def test_events_of_a_period(engine: Engine) -> None:
    """Events are listed with their deliveries, oldest first."""
    outbox = Outbox(engine, Lock())
    later = StoredEvent("e2", NOON + timedelta(days=1), "{}")
    outbox.write(Batch({}, {}, [later, EVENT], [DUE]))
    failed = DUE._replace(attempts=1, result="550 no such user")
    outbox.settle([failed])
    end = NOON + timedelta(days=2)
    assert outbox.events(NOON, end) == [(EVENT.content, [failed]), ("{}", [])]
    assert outbox.events(NOON, NOON + timedelta(days=1)) == [(EVENT.content, [failed])]


@pytest.mark.parametrize(("days", "kept"), [(10, ["new"]), (None, ["old", "new"])])
def test_retention(engine: Engine, days: int | None, kept: list[str]) -> None:
    """Events, deliveries and silences are stored as long as days, alerts until they end."""
    outbox, old = Outbox(engine, Lock()), NOON - timedelta(days=20)
    events = [StoredEvent("old", old, "old"), StoredEvent("new", NOON, "new")]
    due = [Delivery(each.number, "desk", each.at, each.at) for each in events]
    silences = {KEY: (old, "old"), ("other", ""): (NOON, "new")}
    outbox.write(Batch({KEY: "{}"}, silences, events, due))

    hour = timedelta(hours=1)
    retention = Retention(hour, hour, timedelta(days=days) if days else None)
    Store(engine, CALENDAR).prune(retention, NOON)

    found = outbox.events(old, NOON + hour)
    assert [content for content, _ in found] == kept
    assert [each.event for _, sent in found for each in sent] == kept
    stored = outbox.load(old - hour)
    assert [*stored.silences.values()] == kept
    assert stored.alerts == ["{}"]
    assert [content for _, content in stored.due] == kept


REPORT = StoredReport("report-2026-11-01", date(2026, 11, 1), NOON, '{"report": 1}')
REPORT_DUE = Delivery(REPORT.number, "mail", NOON, NOON)


def test_report_and_delivery(engine: Engine) -> None:
    """After a restart the report and its due deliveries are there, apart from events."""
    outbox = Outbox(engine, Lock())
    assert outbox.last_report() is None
    outbox.write(Batch({}, {}, [EVENT], [DUE]))
    outbox.write_report(REPORT, [REPORT_DUE])
    assert outbox.last_report() == REPORT._replace(content="")
    assert outbox.load(NOON).reports == [(REPORT_DUE, REPORT.content)]
    assert outbox.load(NOON).due == [(DUE, EVENT.content)]


def test_report_written_twice(engine: Engine) -> None:
    """The first report of a day stays, and is sent once."""
    outbox = Outbox(engine, Lock())
    outbox.write_report(REPORT, [REPORT_DUE])
    outbox.write_report(REPORT._replace(content="{}"), [REPORT_DUE])
    assert outbox.load(NOON).reports == [(REPORT_DUE, REPORT.content)]
    outbox.settle([REPORT_DUE._replace(due=None, attempts=1, sent_at=NOON, result="delivered")])
    outbox.write_report(REPORT, [REPORT_DUE])
    assert outbox.load(NOON).reports == []


def test_old_reports(engine: Engine) -> None:
    """A new report deletes old ones and their deliveries, except the last."""
    outbox = Outbox(engine, Lock())
    outbox.write_report(REPORT, [REPORT_DUE])
    day = REPORT.day + REPORTS_KEPT + timedelta(days=1)
    later = StoredReport(f"report-{day}", day, NOON, "{}")
    outbox.write_report(later, [])
    assert outbox.last_report() == later._replace(content="")
    with engine.connect() as connection:
        for table in ("reports", "deliveries"):
            count = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()  # noqa: S608
            assert count == (1 if table == "reports" else 0)


def test_change_of_a_viewer(engine: Engine) -> None:
    """The user of an alert's change is audited once, in the same transaction."""
    outbox = Outbox(engine, Lock())
    change = Change(Author("ann", "user"), "203.0.113.9", NOON)
    batch = Batch(events=[EVENT], audited=Audited(change, "alert acknowledged", "alert 1: floor"))
    outbox.write(batch)
    outbox.write(batch)
    with engine.connect() as connection:
        (row,) = connection.execute(select(AUDIT))
    assert tuple(row)[1:] == (
        *(NOON, "ann", "user", "203.0.113.9"),
        *("alert acknowledged", "alert 1: floor"),
    )


def test_deliveries_of_alerts(engine: Engine) -> None:
    """The newest delivery of each alert to each receiver is returned."""
    outbox = Outbox(engine, Lock())
    later = NOON + timedelta(minutes=1)
    first, last = (
        Delivery(f"a1-{kind}", "desk", at, None) for kind, at in (("began", NOON), ("over", later))
    )
    other = Delivery("a2-began", "mail", NOON, None)
    outbox.write(Batch(deliveries=[last, first, other, first._replace(receiver="mail")]))
    assert outbox.deliveries(["a1", "a3"]) == {
        "a1": [last, first._replace(receiver="mail")],
        "a3": [],
    }
    assert outbox.deliveries([]) == {}
