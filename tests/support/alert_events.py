"""Alert events on 25 February 2026 for tests of reports, and a database with them."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from threading import Lock

from northstar.alerts.records import encode_event
from northstar.alerts.rules import Severity
from northstar.alerts.states import Alert, Event, Kind, Phase
from northstar.history.database import open_database, read_url
from northstar.history.outbox import Batch, Delivery, Outbox, StoredEvent
from northstar.reports.alert_events import AlertEvent


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """Return a time of that day."""
    return datetime(2026, 2, 25, hour, minute, second, tzinfo=UTC)


FLOOR = Alert(
    "a1",
    "floor",
    "",
    Phase.FIRING,
    at(9),
    Severity.CRITICAL,
    {"kind": "net_below", "limit": "-50"},
    value=Decimal("-60.5"),
    limit=Decimal(-50),
)
SILENT = Alert(
    "a2",
    "silent",
    "=<Ann>",
    Phase.FIRING,
    at(9),
    Severity.INFO,
    {"kind": "agent_silent", "agent": "*", "limit": 90},
    value=Decimal(100),
    limit=Decimal(90),
)
SENT = Delivery("a1-began", "desk", at(9), None, 1, at(9, 0, 12), "delivered")
REFUSED = Delivery("a1-began", "mail", at(9), None, 1, None, "550 no such user")
EVENTS = [
    AlertEvent(Event("a1-began", Kind.BEGAN, at(9), FLOOR, ("desk", "mail")), [SENT, REFUSED]),
    AlertEvent(Event("a2-reminder", Kind.REMINDER, at(9, 1), SILENT), []),
    AlertEvent(Event("a1-seen", Kind.ACKNOWLEDGED, at(9, 2), FLOOR, (), "on it", who="Ann"), []),
    AlertEvent(Event("a1-over", Kind.OVER, at(14), FLOOR), []),
]


def store_events(path: Path) -> None:
    """Write the events into a database."""
    engine = open_database(read_url(str(path)))
    stored = [StoredEvent(event.number, event.at, encode_event(event)) for event, _ in EVENTS]
    Outbox(engine, Lock()).write(Batch(events=stored, deliveries=[SENT, REFUSED]))
    engine.dispose()
